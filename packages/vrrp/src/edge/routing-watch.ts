// Follows the kernel's routes and rules, from the first configuration on that asks for any: they
// may be many, and others' business. Tells what has gone; decides nothing.

import { routeKey } from "@keepalived-ts/netops/netlink/route-match";
import { RouteMonitor } from "@keepalived-ts/netops/netlink/route-monitor";
import { ruleKey } from "@keepalived-ts/netops/netlink/rule-match";
import type { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import { ownRouteFilter, routeProtocol } from "./route-filter.js";
import type { RoutingQueue } from "./routing-queue.js";

const routeProtocols: ReadonlySet<number> = new Set([routeProtocol]);

type Queue = Pick<RoutingQueue, "routeLost" | "ruleLost" | "routesRead" | "rulesRead">;

export class RoutingWatch {
  readonly #queue: Queue;
  readonly #failed: (error: KeepalivedError) => void;
  #monitor: RouteMonitor | undefined;

  /** `failed`: nothing more will be heard. */
  constructor(queue: Queue, failed: (error: KeepalivedError) => void) {
    this.#queue = queue;
    this.#failed = failed;
  }

  /** Rejects with KeepalivedError if there is something to follow and it cannot be. */
  async configure(config: VrrpConfig): Promise<void> {
    if (this.#monitor !== undefined || !hasTracked(config)) return;
    const { monitor } = await RouteMonitor.open(
      {
        linkChanged: () => undefined,
        linkRemoved: () => undefined,
        addressAdded: () => undefined,
        addressRemoved: () => undefined,
        resynchronised: () => undefined,
        routeRemoved: (route, port) => this.#queue.routeLost(routeKey(route), port),
        ruleRemoved: (rule, port) => this.#queue.ruleLost(ruleKey(rule), port),
        routesRead: (routes) => this.#queue.routesRead(new Set(routes.map(routeKey))),
        rulesRead: (rules) => this.#queue.rulesRead(new Set(rules.map(ruleKey))),
        failed: this.#failed,
      },
      { watchRoutes: true, watchRules: true, routeProtocols, filter: ownRouteFilter },
    );
    this.#monitor = monitor;
  }
}

function hasTracked({ statics, instances }: VrrpConfig): boolean {
  const virtual = instances.map(({ virtualRoutes, virtualRules }) => [
    ...virtualRoutes,
    ...virtualRules,
  ]);
  const all = [...statics.routes, ...statics.rules, ...virtual.flat()];
  return all.some(({ isTracked }) => isTracked);
}
