// List blocks of routes and rules, for the table of the block that holds them, static or virtual.
// What a line means, route-line.ts and rule-line.ts know.

import type { RouteDraft, RuleDraft } from "./draft.js";
import type { Rule } from "./keyword.js";
import { readRouteLine } from "./route-line.js";
import { printRoute } from "./route-print.js";
import { readRuleLine } from "./rule-line.js";
import { printRule } from "./rule-print.js";
import { lines, printLines } from "./sections.js";

/** What an object with virtual routes and rules keeps of them. */
export interface LinesDraft {
  routes?: RouteDraft[];
  rules?: RuleDraft[];
}

/** `virtual_routes`. */
export function routeLines<D extends LinesDraft>(): Rule<D> {
  return lines<D>(
    "<route>",
    (scope, line) => {
      const route = readRouteLine(scope, line, false);
      if (route === undefined) return;
      scope.draft.routes ??= [];
      scope.draft.routes.push(route);
    },
    printLines("virtualRoutes", printRoute),
  );
}

/** `virtual_rules`. */
export function ruleLines<D extends LinesDraft>(): Rule<D> {
  return lines<D>(
    "<rule>",
    (scope, line) => {
      const read = readRuleLine(scope, line, false);
      if (read === undefined) return;
      scope.draft.rules ??= [];
      scope.draft.rules.push(read);
    },
    printLines("virtualRules", printRule),
  );
}
