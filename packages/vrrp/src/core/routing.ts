// Routes and rules that go with an instance's addresses: what is ordered of them, what a reload
// moves, which interfaces they stand on. Decides no state.

import type {
  RouteConfig,
  RuleConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { Instance, Turn } from "./instance.js";
import { isSame } from "./same.js";

/** In the order of the configuration: a route may need one before it. */
export interface Routing {
  readonly routes: readonly RouteConfig[];
  readonly rules: readonly RuleConfig[];
}

export function routingOf({ virtualRoutes, virtualRules }: VrrpInstanceConfig): Routing {
  return { routes: virtualRoutes, rules: virtualRules };
}

/** To be ordered behind the addresses: a route may have one as its source. */
export function addRouting(turn: Turn, { name }: Instance, routing: Routing): void {
  if (isEmpty(routing)) return;
  turn.actions.push({ type: "addRouting", instance: name, ...routing });
}

/** To be ordered before the addresses. */
export function removeRouting(turn: Turn, { name }: Instance, routing: Routing): void {
  if (isEmpty(routing)) return;
  turn.actions.push({ type: "removeRouting", instance: name, ...routing });
}

/** What of `from` is not, with every option, in `without`. */
export function routingDifference(from: Routing, without: Routing): Routing {
  return {
    routes: missing(from.routes, without.routes),
    rules: missing(from.rules, without.rules),
  };
}

/**
 * Interfaces that routes and rules need (keepalived, vrrp_complete_instance): not those of single
 * next hops, since the others carry the traffic then.
 */
export function routingDevices({
  virtualRoutes,
  virtualRules,
}: VrrpInstanceConfig): readonly (readonly [device: string, what: "route" | "rule"])[] {
  const routes = virtualRoutes.flatMap(({ isTracked, device }) =>
    isTracked && device !== undefined ? [[device, "route"] as const] : [],
  );
  const rules = virtualRules.flatMap(({ isTracked, inputInterface }) =>
    isTracked && inputInterface !== undefined ? [[inputInterface, "rule"] as const] : [],
  );
  return [...routes, ...rules];
}

function isEmpty({ routes, rules }: Routing): boolean {
  return routes.length === 0 && rules.length === 0;
}

function missing<T>(from: readonly T[], without: readonly T[]): readonly T[] {
  if (isSame(from, without)) return [];
  const texts = new Set(without.map((each) => JSON.stringify(each)));
  return from.filter((each) => !texts.has(JSON.stringify(each)));
}
