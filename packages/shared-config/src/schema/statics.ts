// The static blocks of the top level: addresses, routes and rules that the VRRP process holds from
// start to stop, and the track_groups that they can name.

import type { Statement } from "../text/ast.js";
import { printAddress, readAddressLine } from "./address-line.js";
import type { Config, StaticConfig } from "./config.js";
import type { ConfigDraft } from "./draft.js";
import type { Keywords, Rule, Scope } from "./keyword.js";
import type { Printable, PrintedStatement } from "./printed.js";
import { readRouteLine } from "./route-line.js";
import { printRoute } from "./route-print.js";
import { readRuleLine } from "./rule-line.js";
import { printRule } from "./rule-print.js";
import { lines, printLines } from "./sections.js";
import { trackGroupSection } from "./track-group.js";

/** To stand before the instances: a track_group must be known to what names it. */
export const staticTopKeywords: Keywords<ConfigDraft> = {
  track_group: trackGroupSection,
  static_ipaddress: staticLines(
    "addresses",
    "<address>",
    (scope, line) => readAddressLine(scope, line, true),
    printAddress,
  ),
  static_routes: staticLines(
    "routes",
    "<route>",
    (scope, line) => readRouteLine(scope, line, true),
    printRoute,
  ),
  static_rules: staticLines(
    "rules",
    "<rule>",
    (scope, line) => readRuleLine(scope, line, true),
    printRule,
  ),
};

type ListField = "addresses" | "routes" | "rules";

function staticLines<K extends ListField>(
  field: K,
  form: string,
  read: (
    scope: Scope<ConfigDraft>,
    line: Statement,
  ) => ConfigDraft["statics"][K][number] | undefined,
  format: (value: StaticConfig[K][number]) => string[],
): Rule<ConfigDraft> {
  const list = lines<ConfigDraft>(form, (scope, line) => {
    const value = read(scope, line);
    // A list of this field's own drafts, which indexing by a type parameter has lost.
    if (value !== undefined) (scope.draft.statics[field] as (typeof value)[]).push(value);
  });
  const bind: Rule<ConfigDraft>["bind"] = (scope, statement) => {
    const { value } = statement.keyword;
    list.bind({ ...scope, path: value, owner: value }, statement);
  };
  return { ...list, bind, print: printStatic(field, format) };
}

function printStatic<K extends ListField>(
  field: K,
  format: (value: StaticConfig[K][number]) => string[],
): (keyword: string, config: Printable) => PrintedStatement[] {
  const print = printLines(field, format);
  return (keyword, config) => {
    // The printable view of the top level is the whole configuration.
    const { vrrp } = config as unknown as Config;
    return print(keyword, { ...vrrp?.statics });
  };
}
