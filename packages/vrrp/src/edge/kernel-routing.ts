// Routes and rules of the configuration in the kernel: names become numbers, many requests go in
// one system call. Decides nothing.

import { resolveRoute } from "@keepalived-ts/netops/netlink/route-codec";
import { expectedRoute, isSameRoute, routeKey } from "@keepalived-ts/netops/netlink/route-match";
import {
  encodeRouteAddition,
  encodeRuleAddition,
  type ResolvedRoute,
  type RouteNames,
  type RouteSocket,
} from "@keepalived-ts/netops/netlink/route-socket";
import { expectedRule, ruleKey } from "@keepalived-ts/netops/netlink/rule-match";
import type { RouteConfig, RuleConfig } from "@keepalived-ts/shared-config/schema/config";
import { isSame } from "../core/same.js";
import type { RoutingPort } from "./ports.js";

type Results = Promise<readonly (string | null)[]>;

export class KernelRouting implements RoutingPort {
  readonly #socket: RouteSocket;
  readonly #names: RouteNames;
  readonly #countAnswer = (): void => {
    this.answers += 1;
  };
  /** What was made of a configuration's routes and rules, as long as it is there. */
  readonly #resolved: WeakMap<RouteConfig, ResolvedRoute> = new WeakMap();
  readonly #bytes: WeakMap<ResolvedRoute, Uint8Array> = new WeakMap();
  readonly #ruleRequests: WeakMap<RuleConfig, Uint8Array> = new WeakMap();
  /** Batches that the kernel has answered. */
  answers = 0;

  constructor(socket: RouteSocket, names: RouteNames) {
    this.#socket = socket;
    this.#names = names;
  }

  prepareRoute(route: RouteConfig): void {
    this.#encoded(route);
  }

  prepareRule(rule: RuleConfig): void {
    this.#encodedRule(rule);
  }

  addRoutes(routes: readonly RouteConfig[]): Results {
    return this.#withResolved(routes, async (resolved) => {
      const requests = resolved.map(
        (route) => this.#bytes.get(route) ?? encodeRouteAddition(route),
      );
      const results = await this.#socket.addEncoded(requests, this.#countAnswer);
      return await this.#withRivals(resolved, results);
    });
  }

  removeRoutes(routes: readonly RouteConfig[]): Results {
    return this.#withResolved(routes, (resolved) =>
      this.#socket.deleteRoutes(resolved, this.#countAnswer),
    );
  }

  addRules(rules: readonly RuleConfig[]): Results {
    const requests = rules.map((rule) => this.#encodedRule(rule));
    return this.#socket.addEncoded(requests, this.#countAnswer);
  }

  removeRules(rules: readonly RuleConfig[]): Results {
    return this.#socket.deleteRules(rules, this.#countAnswer);
  }

  keyOfRoute(route: RouteConfig): string | undefined {
    const resolved = this.#encoded(route);
    const expected = resolved && expectedRoute(resolved);
    return expected && routeKey(expected);
  }

  keyOfRule(rule: RuleConfig): string | undefined {
    const expected = expectedRule(rule);
    return expected && ruleKey(expected);
  }

  /** The route with the numbers of now, and its request in {@link #bytes}. */
  #encoded(route: RouteConfig): ResolvedRoute | undefined {
    const resolved = resolveRoute(route, this.#names);
    const known = this.#resolved.get(route);
    if (known !== undefined && isSame(known, resolved)) return known;
    if (resolved === undefined) return undefined;
    this.#resolved.set(route, resolved);
    this.#bytes.set(resolved, encodeRouteAddition(resolved));
    return resolved;
  }

  #encodedRule(rule: RuleConfig): Uint8Array {
    let request = this.#ruleRequests.get(rule);
    if (request === undefined) {
      request = encodeRuleAddition(rule);
      this.#ruleRequests.set(rule, request);
    }
    return request;
  }

  /**
   * EEXIST may come of another route with the same key: that is ENOTUNIQ. Whoever adds one before
   * or behind others gets it for the very same route only.
   */
  async #withRivals(
    routes: readonly ResolvedRoute[],
    results: readonly (string | null)[],
  ): Results {
    const isDoubtful = (i: number): boolean =>
      results[i] === "EEXIST" && routes[i]?.request.insertion === "add";
    if (!routes.some((_route, i) => isDoubtful(i))) return results;
    const present = await this.#socket.routes(
      new Set(routes.map(({ request }) => request.protocol)),
    );
    return results.map((result, i) => {
      const route = routes[i];
      const wanted = isDoubtful(i) && route !== undefined ? expectedRoute(route) : undefined;
      if (wanted === undefined) return result;
      return present.some((each) => isSameRoute(each, wanted)) ? result : "ENOTUNIQ";
    });
  }

  /** ENODEV for those of which an interface or a VRF is missing. */
  async #withResolved(
    routes: readonly RouteConfig[],
    ask: (resolved: readonly ResolvedRoute[]) => Results,
  ): Results {
    const resolved = routes.map((route) => this.#encoded(route));
    const possible = resolved.filter((route) => route !== undefined);
    const answers = possible.length === 0 ? [] : await ask(possible);
    if (possible.length === routes.length) return answers;
    let answered = 0;
    return resolved.map((route) =>
      route === undefined ? "ENODEV" : (answers[answered++] ?? null),
    );
  }
}
