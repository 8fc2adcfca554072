// Carries out what is ordered of routes and rules: one slice in the kernel at a time, rules and
// routes removed before addresses are, routes and rules added when no address is outstanding, since
// the kernel refuses a route whose source or gateway is missing. Knows nothing of addresses but
// when they are settled.

import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type {
  RouteConfig,
  RuleConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { Routing } from "../core/routing.js";
import type { Loss, Losses } from "./losses.js";
import type { Ports } from "./ports.js";
import { Preparation } from "./preparation.js";
import { routeText, routingFailureText, ruleText } from "./routing-text.js";
import { type RoutingEntry, type RoutingStep, RoutingWork } from "./routing-work.js";

/** As many as addresses: the event loop is back within about 2 ms. */
const sliceCount = 64;
/** Together they take less than a millisecond. */
const preparedInTurn = 4;
/** After so long other events have their turn. */
const turnMaxUs = 1_000;

export type RoutingQueuePorts = Pick<Ports, "now" | "routing" | "parent" | "defer">;

interface Portion extends Routing {
  readonly owner: string;
}

interface Tracked {
  readonly isTracked: boolean;
}

/** Routes, or rules: what is wanted of them and who brings it to the kernel. */
interface Line<T extends Tracked> {
  readonly work: RoutingWork<T>;
  readonly textOf: (object: T) => string;
  readonly ask: Readonly<
    Record<RoutingStep, (objects: readonly T[]) => Promise<readonly (string | null)[]>>
  >;
}

export class RoutingQueue {
  readonly #ports: RoutingQueuePorts;
  readonly #losses: Losses;
  readonly #areAddressesSettled: () => boolean;
  readonly #routes: Line<RouteConfig>;
  readonly #rules: Line<RuleConfig>;
  readonly #preparation: Preparation;
  /** Additions that were ordered and not looked at yet. */
  readonly #arriving: Portion[] = [];
  #isBusy = false;
  /** The instant at which this turn of the event loop began to ask the kernel. */
  #turnBeganAt = 0;
  #removalWaiters: (() => void)[] = [];
  #idleWaiters: (() => void)[] = [];

  constructor(ports: RoutingQueuePorts, losses: Losses, areAddressesSettled: () => boolean) {
    this.#ports = ports;
    this.#losses = losses;
    this.#areAddressesSettled = areAddressesSettled;
    const { routing } = ports;
    this.#preparation = new Preparation(ports.defer, preparedInTurn);
    this.#routes = {
      work: new RoutingWork(routeKey, (route) => routing.keyOfRoute(route)),
      textOf: routeText,
      ask: {
        add: (routes) => routing.addRoutes(routes),
        remove: (routes) => routing.removeRoutes(routes),
      },
    };
    this.#rules = {
      work: new RoutingWork(ruleKey, (rule) => routing.keyOfRule(rule)),
      textOf: ruleText,
      ask: {
        add: (rules) => routing.addRules(rules),
        remove: (rules) => routing.removeRules(rules),
      },
    };
  }

  /** These may be wanted at any time: what can be done for that beforehand is done bit by bit. */
  prepare(instances: readonly VrrpInstanceConfig[]): void {
    this.#preparation.start(() => this.#prepareAll(instances));
  }

  *#prepareAll(instances: readonly VrrpInstanceConfig[]): Generator<void> {
    const { routing } = this.#ports;
    for (const { virtualRoutes, virtualRules } of instances) {
      for (const route of virtualRoutes) {
        this.#routes.work.prepare(route);
        yield routing.prepareRoute(route);
      }
      for (const rule of virtualRules) {
        this.#rules.work.prepare(rule);
        yield routing.prepareRule(rule);
      }
    }
  }

  /**
   * Orders take effect with the next {@link withdraw} or {@link pump}. Additions are looked at when
   * their turn has come: until then addresses must not wait for a thousand routes.
   */
  add(owner: string, routing: Routing): void {
    this.#arriving.push(...portions(owner, routing));
  }

  remove(owner: string, { routes, rules }: Routing): void {
    while (this.#takeIn());
    this.#routes.work.unwant(owner, routes);
    this.#rules.work.unwant(owner, rules);
  }

  /** An interface or an address has come: what the kernel has refused may be possible now. */
  retry(): void {
    this.#preparation.restart();
    const hasRoutes = this.#routes.work.retry();
    if (this.#rules.work.retry() || hasRoutes) this.pump();
  }

  /** The kernel says that a route of this key is gone, by the netlink port of who has done it. */
  routeLost(key: string, port: number): void {
    this.#lose(this.#routes, key, port);
  }

  ruleLost(key: string, port: number): void {
    this.#lose(this.#rules, key, port);
  }

  /** These are the keys of all routes in the kernel; it takes some away without a word. */
  routesRead(keys: ReadonlySet<string>): void {
    this.#review(this.#routes, keys);
  }

  rulesRead(keys: ReadonlySet<string>): void {
    this.#review(this.#rules, keys);
  }

  /** Carries out all removals and goes on with `next` then, at once if there are none. */
  withdraw(next: () => void): void {
    this.#removalWaiters.push(next);
    this.pump();
  }

  /** Resolves when the kernel has answered everything and nothing waits to be asked. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.pump();
    });
  }

  /** Starts what can be started now. */
  pump(): void {
    if (this.#isBusy) return;
    this.#turnBeganAt = this.#ports.now();
    this.#next();
  }

  #next(): void {
    if (this.#begin(this.#rules, "remove") || this.#begin(this.#routes, "remove")) return;
    // These may come back here by way of the addresses.
    for (const next of this.#removalWaiters.splice(0)) next();
    if (this.#isBusy || !this.#areAddressesSettled()) return;
    do {
      if (this.#begin(this.#routes, "add") || this.#begin(this.#rules, "add")) return;
    } while (this.#takeIn());
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** Wants the next portion of what was ordered; false if there is none. */
  #takeIn(): boolean {
    const portion = this.#arriving.shift();
    if (portion === undefined) return false;
    this.#routes.work.want(portion.owner, portion.routes);
    this.#rules.work.want(portion.owner, portion.rules);
    return true;
  }

  #lose<T extends Tracked>({ work, textOf }: Line<T>, key: string, port: number): void {
    for (const entry of work.held(key)) {
      const { isTracked } = entry.object;
      const ask = (loss: Loss | "silent"): void => {
        if (work.askAgain(entry, loss)) this.pump();
      };
      // With its interface or its address, and no fault of anybody.
      if (port === 0) {
        if (isTracked) ask("silent");
        continue;
      }
      const [owner = ""] = entry.owners;
      const loss = { owner, what: textOf(entry.object), isTracked, port };
      this.#losses.note(loss, () => ask(loss));
    }
  }

  #review<T extends Tracked>({ work }: Line<T>, keys: ReadonlySet<string>): void {
    const missing = work.missing(keys).filter(({ object }) => object.isTracked);
    for (const entry of missing) work.askAgain(entry, "silent");
    if (missing.length > 0) this.pump();
  }

  #begin<T extends Tracked>(line: Line<T>, step: RoutingStep): boolean {
    const entries = line.work.take(step, sliceCount);
    if (entries.length === 0) return false;
    this.#isBusy = true;
    void this.#carryOut(line, step, entries);
    return true;
  }

  async #carryOut<T extends Tracked>(
    line: Line<T>,
    step: RoutingStep,
    entries: readonly RoutingEntry<T>[],
  ): Promise<void> {
    const objects = entries.map(({ object }) => object);
    const results = await answers(line.ask[step](objects), objects.length);
    this.#isBusy = false;
    entries.forEach((entry, i) => {
      const errno = results[i] ?? null;
      const { loss, owners: former } = entry;
      const owners = [...former];
      entry.loss = undefined;
      if (loss !== undefined && loss !== "silent") this.#losses.conclude(loss, errno);
      const isFine = line.work.settle(step, entry, errno) || errno === null;
      // What the kernel has taken away it takes back when the interface is up.
      if (isFine || loss === "silent") return;
      const text = routingFailureText(owners, step, line.textOf(entry.object), errno);
      this.#ports.parent.log({ level: "error", text, data: { errno } });
    });
    if (this.#ports.now() - this.#turnBeganAt < turnMaxUs) this.#next();
    else this.#continueLater();
  }

  /** Counts as busy meanwhile, so that nothing comes in between. */
  #continueLater(): void {
    this.#isBusy = true;
    this.#ports.defer(() => {
      this.#isBusy = false;
      this.pump();
    });
  }
}

function portions(owner: string, { routes, rules }: Routing): Portion[] {
  const all: Portion[] = [];
  for (let i = 0; i < routes.length; i += sliceCount) {
    all.push({ owner, routes: routes.slice(i, i + sliceCount), rules: [] });
  }
  for (let i = 0; i < rules.length; i += sliceCount) {
    all.push({ owner, routes: [], rules: rules.slice(i, i + sliceCount) });
  }
  return all;
}

/** One result an object, also when the socket is in trouble. */
async function answers(
  asked: Promise<readonly (string | null)[]>,
  count: number,
): Promise<readonly (string | null)[]> {
  try {
    return await asked;
  } catch (thrown) {
    const code = thrown instanceof KeepalivedError ? thrown.code : errorText(thrown);
    return Array.from({ length: count }, () => code);
  }
}

/** All that the kernel gets: who tracks it makes no other route of it. */
function routeKey({ isTracked: _tracked, trackGroup: _group, ...route }: RouteConfig): string {
  return JSON.stringify(route);
}

function ruleKey({ isTracked: _tracked, trackGroup: _group, ...rule }: RuleConfig): string {
  return JSON.stringify(rule);
}
