// Follows the kernel's routes and rules, from the first configuration on that asks for any: they
// may be many, and others' business. Tells what has gone; decides nothing.

import { routeKey } from "@keepalived-ts/netops/netlink/route-match";
import { RouteMonitor } from "@keepalived-ts/netops/netlink/route-monitor";
import { ruleKey } from "@keepalived-ts/netops/netlink/rule-match";
import { errorText, type KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { ProcessConfig, VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ReportPort } from "./ports.js";
import { ownRouteFilter, routeProtocol } from "./route-filter.js";
import type { RoutingQueue } from "./routing-queue.js";

const routeProtocols: ReadonlySet<number> = new Set([routeProtocol]);

type Queue = Pick<RoutingQueue, "routeLost" | "ruleLost" | "routesRead" | "rulesRead">;

export class RoutingWatch {
  readonly #queue: Queue;
  readonly #failed: (error: KeepalivedError) => void;
  readonly #log: ReportPort["log"];
  #isWatching = false;

  /** `failed`: nothing more will be heard. */
  constructor(queue: Queue, log: ReportPort["log"], failed: (error: KeepalivedError) => void) {
    this.#queue = queue;
    this.#log = log;
    this.#failed = failed;
  }

  /** Begins to watch if there is something to follow; nobody waits until all routes are read. */
  configure(config: VrrpConfig): void {
    if (this.#isWatching || !hasTracked(config)) return;
    this.#isWatching = true;
    this.#open(config.process).catch((thrown: unknown) => {
      this.#isWatching = false;
      // What others remove is not noticed then; everything else goes on.
      const text = `Cannot notice routes and rules that are removed: ${errorText(thrown)}`;
      this.#log({ level: "error", text });
    });
  }

  async #open({ requestBuffer, monitorBuffer }: ProcessConfig): Promise<void> {
    const { routes, rules } = await RouteMonitor.open(
      {
        linkChanged: () => undefined,
        linkRemoved: () => undefined,
        addressAdded: () => undefined,
        addressRemoved: () => undefined,
        resynchronised: () => undefined,
        routeRemoved: (route, port) => this.#queue.routeLost(routeKey(route), port),
        ruleRemoved: (rule, port) => this.#queue.ruleLost(ruleKey(rule), port),
        routesRead: (all) => this.#queue.routesRead(new Set(all.map(routeKey))),
        rulesRead: (all) => this.#queue.rulesRead(new Set(all.map(ruleKey))),
        failed: this.#failed,
      },
      {
        ...{ watchRoutes: true, watchRules: true, routeProtocols, filter: ownRouteFilter },
        requestBuffer,
        ...monitorBuffer,
      },
    );
    this.#queue.routesRead(new Set(routes.map(routeKey)));
    this.#queue.rulesRead(new Set(rules.map(ruleKey)));
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
