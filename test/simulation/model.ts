// Every order of events, to a bounded depth, for two routers and one virtual address: which packet
// arrives next, whether it is lost, whose timer fires first, when a fault strikes. From every state
// that can be reached, calm must lead to one master, the right one. States are compared whole, so
// that each is looked at once. Decides nothing about the core; judges by the rules below.

import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { garpConfig, instanceOf, virtualAddress } from "@keepalived-ts/vrrp/core/fixtures";
import type { Instance, Router } from "@keepalived-ts/vrrp/core/instance";
import { Host } from "./host.js";

export interface ModelCase {
  readonly name: string;
  /** One a router. */
  readonly configs: readonly [Overrides, Overrides];
  readonly faults: readonly FaultName[];
  /** Faults in one history, each with its recovery. */
  readonly faultsMax: number;
  readonly lossesMax: number;
  /** Choices in one history. */
  readonly depthMax: number;
}

type Overrides = Partial<VrrpInstanceConfig>;
/** "kill": of the process, the parent lives on; "crash": of the whole daemon. */
export type FaultName = "kill" | "crash" | "power" | "stop" | "link" | "failover";

export interface ModelOutcome {
  readonly states: number;
  readonly transitions: number;
  /** Choices of the longest history. */
  readonly depth: number;
  /** Nothing is left that was not looked at. */
  readonly isComplete: boolean;
  /** Null when every rule held. */
  readonly violation: string | null;
  readonly history: readonly string[];
}

const intervalUs = 1_000_000;
/** Whatever is on its way has arrived by then. */
const delayMaxUs = 20_000;
/** Timers that are no further apart may fire in either order. */
const jitterUs = 10_000;
/** Far beyond master-down, preemption delay and hand-over. */
const calmUs = 12 * intervalUs;
const addresses = ["192.0.2.1", "192.0.2.2"] as const;

/** One thing that may happen next. */
type Choice =
  | { readonly kind: "deliver" | "lose"; readonly from: 0 | 1 }
  | { readonly kind: "fire"; readonly at: 0 | 1 }
  | { readonly kind: "fault" | "recover"; readonly at: 0 | 1; readonly fault: FaultName };

interface InFlight {
  readonly packet: Uint8Array;
  readonly sentAt: number;
}

/** Two routers, what is under way between them, and how much harm is left to be done. */
class Model {
  readonly #case: ModelCase;
  readonly hosts: readonly [Host, Host];
  readonly #queues: readonly [InFlight[], InFlight[]] = [[], []];
  readonly #broken: [FaultName | null, FaultName | null] = [null, null];
  #faultsLeft: number;
  #lossesLeft: number;
  time = 1_000 * intervalUs;

  constructor(what: ModelCase) {
    this.#case = what;
    this.#faultsLeft = what.faultsMax;
    this.#lossesLeft = what.lossesMax;
    const host = (at: 0 | 1): Host =>
      new Host(planOf(at, what.configs[at]), {
        sendAdvert: (_host, packet) => this.#send(at, packet),
        announce: () => undefined,
        stateChanged: () => undefined,
        wakeAt: () => undefined,
        trace: () => undefined,
      });
    this.hosts = [host(0), host(1)];
    for (const each of this.hosts) each.start(this.time, false);
  }

  choices(): Choice[] {
    const found: Choice[] = [];
    for (const from of [0, 1] as const) {
      if (this.#queues[from].length === 0) continue;
      found.push({ kind: "deliver", from });
      if (this.#lossesLeft > 0) found.push({ kind: "lose", from });
    }
    for (const at of [0, 1] as const) if (this.#mayFire(at)) found.push({ kind: "fire", at });
    for (const at of [0, 1] as const) found.push(...this.#harm(at));
    return found;
  }

  take(choice: Choice): void {
    switch (choice.kind) {
      case "deliver":
        this.#deliver(choice.from);
        return;
      case "lose":
        this.#lossesLeft -= 1;
        this.#queues[choice.from].shift();
        return;
      case "fire":
        this.#fire(choice.at);
        return;
      case "fault":
        this.#faultsLeft -= 1;
        this.#broken[choice.at] = choice.fault === "failover" ? null : choice.fault;
        this.#strike(this.hosts[choice.at], choice.fault);
        return;
      case "recover":
        this.#broken[choice.at] = null;
        this.#mend(this.hosts[choice.at], choice.fault);
        return;
    }
  }

  /** No harm any more: packets arrive at once, timers fire in time. */
  calm(): void {
    for (const at of [0, 1] as const) {
      const fault = this.#broken[at];
      if (fault !== null) this.take({ kind: "recover", at, fault });
    }
    const end = this.time + calmUs;
    for (;;) {
      if (this.#queues.some((queue) => queue.length > 0)) {
        for (const from of [0, 1] as const) if (this.#queues[from].length > 0) this.#deliver(from);
        continue;
      }
      const at = this.#earliest();
      if (at === undefined || (this.hosts[at].deadline ?? 0) > end) break;
      this.#fire(at);
    }
  }

  /** All that may matter for what comes, with instants from now. */
  key(): string {
    const queues = this.#queues.map((queue) =>
      queue.map(
        ({ packet, sentAt }) => `${this.time - sentAt} ${Buffer.from(packet).toString("hex")}`,
      ),
    );
    const hosts = this.hosts.map((host) => [
      host.router === null ? null : routerKey(host.router, this.time),
      [...host.held].sort(),
      host.isLinkUp,
    ]);
    return JSON.stringify([hosts, queues, this.#broken, this.#faultsLeft, this.#lossesLeft]);
  }

  #send(from: 0 | 1, packet: Uint8Array): void {
    const isHeard = this.hosts.every((host) => host.isLinkUp);
    if (isHeard) this.#queues[from].push({ packet, sentAt: this.time });
  }

  #deliver(from: 0 | 1): void {
    const arrived = this.#queues[from].shift();
    const to = this.hosts[from === 0 ? 1 : 0];
    if (arrived === undefined) return;
    this.time = Math.max(this.time, arrived.sentAt + 1);
    if (to.isRunning && to.isLinkUp) to.receive({ packet: arrived.packet, network: 0 }, this.time);
  }

  #fire(at: 0 | 1): void {
    const deadline = this.hosts[at].deadline ?? this.time;
    this.time = Math.max(this.time, deadline);
    this.hosts[at].wake(this.time, this.time);
  }

  #earliest(): 0 | 1 | undefined {
    const [one, other] = this.hosts.map((host) => host.deadline ?? Number.POSITIVE_INFINITY);
    const first = Math.min(one ?? 0, other ?? 0);
    if (first === Number.POSITIVE_INFINITY) return undefined;
    return first === one ? 0 : 1;
  }

  /** Not before another timer that is clearly earlier, nor while a packet is overdue. */
  #mayFire(at: 0 | 1): boolean {
    const deadline = this.hosts[at].deadline;
    if (deadline === undefined) return false;
    const other = this.hosts[at === 0 ? 1 : 0].deadline ?? Number.POSITIVE_INFINITY;
    const overdue = this.#queues.some((queue) =>
      queue.some(({ sentAt }) => sentAt + delayMaxUs < deadline),
    );
    return !overdue && deadline <= other + jitterUs;
  }

  #harm(at: 0 | 1): Choice[] {
    const broken = this.#broken[at];
    if (broken !== null) return [{ kind: "recover", at, fault: broken }];
    // Somebody must be left, or nothing is to be learnt.
    if (this.#faultsLeft === 0 || this.#broken.some((fault) => fault !== null)) return [];
    return this.#case.faults.map((fault) => ({ kind: "fault", at, fault }));
  }

  #strike(host: Host, fault: FaultName): void {
    if (fault === "kill" || fault === "crash") host.kill(false);
    else if (fault === "power") host.kill(true);
    else if (fault === "stop") host.stop(this.time);
    else if (fault === "link") host.setLink(false, this.time);
    else host.failOver(this.time);
  }

  #mend(host: Host, fault: FaultName): void {
    if (fault === "link") host.setLink(true, this.time);
    else {
      // Told to stop twice it waits for nobody.
      if (host.isRunning) host.stop(this.time);
      host.start(this.time, fault === "kill");
    }
  }
}

function planOf(at: 0 | 1, overrides: Overrides): ConstructorParameters<typeof Host>[0] {
  const config = instanceOf({
    advertIntervalUs: intervalUs,
    virtualAddresses: [virtualAddress("192.0.2.100")],
    garp: garpConfig({ masterDelayUs: 0, masterRefreshUs: 0, lowerPriorityDelayUs: 0 }),
    ...overrides,
  });
  const address = addresses[at];
  const clock = { clockRate: 1, clockOffsetUs: 0, startupDelayUs: 0 };
  return { address, config, isGrouped: false, ...clock };
}

/** What the core decides by. Counters, texts and what was told decide nothing. */
function routerKey(router: Router, now: number): unknown {
  return [...router.instances.values(), ...router.leaving].map((each) =>
    instanceKey(router, each, now),
  );
}

function instanceKey({ deadlines }: Router, instance: Instance, now: number): unknown {
  const { state, masterAddress, masterPriority, masterAdvertIntervalUs, ending } = instance;
  const { isYielding, hasGivenAway, ownFault, wasStalled, hasRivalOwner, preemptAt } = instance;
  const timers = Object.values(instance.timers).map((timer) => {
    const at = deadlines.at(timer);
    return at === undefined ? null : at - now;
  });
  const preempt = preemptAt === null ? null : Math.max(0, preemptAt - now);
  return [
    ...[state, masterAddress, masterPriority, masterAdvertIntervalUs, ending, ownFault],
    ...[isYielding, hasGivenAway, wasStalled, hasRivalOwner, preempt, timers],
    [...instance.loggedCauses.keys()].sort(),
  ];
}

/** Looks at every history breadth first, until there are no new states or it gets too deep. */
export function exploreModel(what: ModelCase): ModelOutcome {
  const seen = new Set<string>();
  let frontier: (readonly Choice[])[] = [[]];
  let transitions = 0;
  let depth = 0;
  for (; frontier.length > 0 && depth <= what.depthMax; depth += 1) {
    const next: (readonly Choice[])[] = [];
    for (const path of frontier) {
      const model = replay(what, path);
      const key = model.key();
      if (seen.has(key)) continue;
      seen.add(key);
      const violation = judgeNow(model) ?? judgeCalm(replay(what, path));
      if (violation !== null) {
        const history = path.map(textOf);
        return { states: seen.size, transitions, depth, isComplete: false, violation, history };
      }
      const choices = model.choices();
      transitions += choices.length;
      for (const choice of choices) next.push([...path, choice]);
    }
    frontier = next;
  }
  const isComplete = frontier.length === 0;
  return { states: seen.size, transitions, depth, isComplete, violation: null, history: [] };
}

function replay(what: ModelCase, path: readonly Choice[]): Model {
  const model = new Model(what);
  for (const choice of path) model.take(choice);
  return model;
}

/** Who runs holds the address as MASTER, and only then. */
function judgeNow({ hosts }: Model): string | null {
  for (const { isRunning, state, held, plan } of hosts) {
    if (isRunning && (state === "MASTER") !== held.size > 0) {
      return `${plan.address} is ${state} and holds ${held.size} addresses`;
    }
  }
  return null;
}

/** One master that all others follow; with preemption it is the better one. */
function judgeCalm(model: Model): string | null {
  model.calm();
  const { hosts } = model;
  const masters = hosts.filter(({ state }) => state === "MASTER");
  const [master] = masters;
  if (master === undefined || masters.length !== 1) {
    return `${masters.length} masters after the calm: ${hosts.map(({ state }) => state).join()}`;
  }
  const other = hosts[master === hosts[0] ? 1 : 0];
  if (other.snapshot?.masterAddress !== master.plan.address) {
    return `${other.plan.address} is ${other.state} of ${other.snapshot?.masterAddress}`;
  }
  const isFree = hosts.every(({ config, snapshot }) => config.preempt && !snapshot?.hasGivenAway);
  if (isFree && rank(master) < rank(other))
    return `${master.plan.address} is master, not the better`;
  return judgeNow(model);
}

function rank({ config, plan }: Host): number {
  // Without a rival that talks, an equal one stays BACKUP: only priority counts.
  return plan.config === config ? config.basePriority : 0;
}

function textOf(choice: Choice): string {
  switch (choice.kind) {
    case "deliver":
    case "lose":
      return `${choice.kind} of ${choice.from}`;
    case "fire":
      return `fire ${choice.at}`;
    default:
      return `${choice.kind} ${choice.fault} ${choice.at}`;
  }
}
