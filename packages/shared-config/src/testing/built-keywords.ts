// The list of keywords that are acted on, for tests and documents. Says nothing that the keyword
// tables do not say.

import { globalKeywords } from "../schema/global-defs.js";
import type { Rule } from "../schema/keyword.js";
import {
  realServerKeywords,
  tcpCheckKeywords,
  virtualServerKeywords,
} from "../schema/virtual-server.js";
import { authenticationKeywords, instanceKeywords } from "../schema/vrrp-instance.js";

export interface BuiltKeyword {
  readonly path: string;
  readonly keyword: string;
  readonly form: string;
  readonly takesWord: boolean;
}

/** Every keyword that is acted on, by block. */
export function keywordPaths(): BuiltKeyword[] {
  const server = "virtual_server/real_server";
  return [
    ...rows("global_defs", globalKeywords),
    ...rows("vrrp_instance", instanceKeywords),
    ...rows("vrrp_instance/authentication", authenticationKeywords),
    ...rows("virtual_server", virtualServerKeywords),
    ...rows(server, realServerKeywords),
    ...rows(`${server}/TCP_CHECK`, tcpCheckKeywords),
  ];
}

/** What a row needs of a rule, whatever draft the rule writes to. */
type AnyRule = Pick<Rule<never>, "form" | "wordsMin">;

function rows(path: string, keywords: Readonly<Record<string, AnyRule>>): BuiltKeyword[] {
  return Object.entries(keywords).map(([keyword, rule]) => ({
    path,
    keyword,
    form: rule.form,
    takesWord: rule.wordsMin > 0,
  }));
}
