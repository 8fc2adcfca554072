// Every keyword that the tables know, by block, for tests and documents. Says nothing that the
// tables do not say.

import type { Keywords, Rule } from "../schema/keyword.js";
import { topKeywords } from "../schema/top.js";

export interface BuiltKeyword {
  /** "" for the top level. */
  readonly path: string;
  readonly keyword: string;
  readonly form: string;
  readonly takesWord: boolean;
  readonly aliasOf: string | undefined;
  /** False while the keyword is kept and not acted on. */
  readonly isActedOn: boolean;
}

/** Every keyword of every block, the top level first. */
export function keywordPaths(): BuiltKeyword[] {
  return rows("", topKeywords, true);
}

/** What stands in a block that is not acted on is not either. */
function rows(path: string, keywords: Keywords<never>, isBlockActedOn: boolean): BuiltKeyword[] {
  return Object.entries(keywords).flatMap(([keyword, rule]: [string, Rule<never>]) => {
    const row = {
      path,
      keyword,
      form: rule.form,
      takesWord: rule.wordsMin > 0,
      aliasOf: rule.aliasOf,
      isActedOn: isBlockActedOn && rule.later === undefined,
    };
    const below = path === "" ? keyword : `${path}/${keyword}`;
    return [row, ...(rule.inner === undefined ? [] : rows(below, rule.inner, row.isActedOn))];
  });
}
