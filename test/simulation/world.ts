// Virtual time and the virtual LAN: delivers packets late, twice, broken or not at all, and wakes
// the hosts. Deterministic: one random state, ties in the order of scheduling. Judges nothing.

import { Deadlines } from "@keepalived-ts/shared-config/base/deadlines";
import {
  nextInteger,
  nextRandom,
  type RandomState,
} from "@keepalived-ts/shared-config/base/random";
import type { InstanceSnapshot, VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";
import { type Arrived, Host, type HostPorts, type Network } from "./host.js";
import type { Scenario } from "./scenario.js";

/** IP header bytes: the kernel drops packets in which these are damaged. */
const ipHeaderLength = 20;
const traceLengthMax = 400;
/** Far above what any run takes: more is a storm of packets that feed each other. */
const stepsMax = 50_000;

interface Task {
  readonly run: () => void;
}

interface Wake extends Task {
  /** The host's own time. */
  readonly localAt: number;
}

/** What the LAN does to packets at the moment. */
export interface Weather {
  readonly loss: number;
  readonly duplicate: number;
  readonly corrupt: number;
  /** Whether packets of one sender may overtake each other; a healthy LAN does not allow it. */
  readonly canReorder: boolean;
}

export interface GaveWay {
  readonly host: Host;
  /** Right after it. */
  readonly snapshot: InstanceSnapshot;
}

export const calmWeather: Weather = { loss: 0, duplicate: 0, corrupt: 0, canReorder: false };

export class World implements HostPorts {
  readonly scenario: Scenario;
  readonly random: RandomState;
  readonly hosts: readonly Host[];
  time = 0;
  weather: Weather = calmWeather;
  /** Pairs "from>to" that do not pass. */
  readonly blocked: Set<string> = new Set();
  /** From here nobody hears anything in the first network. */
  muted: Host | null = null;
  /** Where the switch and the neighbours believe the addresses to be. */
  announcedBy: Host | null = null;
  /** How often each host has become MASTER. */
  readonly promotions: Map<Host, number> = new Map();
  /** When the last packet of each link arrives. */
  readonly #lastArrival: Map<string, number> = new Map();
  /** Who went from MASTER to BACKUP in the present step. */
  readonly gaveWay: GaveWay[] = [];
  /** Who has become MASTER before its startup delay was over. */
  readonly tooEarly: Host[] = [];
  readonly #tasks: Deadlines<Task> = new Deadlines();
  readonly #wakes: Map<Host, Wake> = new Map();
  readonly #trace: string[] = [];
  readonly #isTracing: boolean;
  steps = 0;

  constructor(scenario: Scenario, random: RandomState, isTracing: boolean) {
    this.scenario = scenario;
    this.random = random;
    this.#isTracing = isTracing;
    this.hosts = scenario.hosts.map((plan) => new Host(plan, this));
  }

  after(us: number, run: () => void): void {
    this.#tasks.set({ run }, this.time + us);
  }

  /** Runs until `end`, calling `check` after every step. */
  runUntil(end: number, check: () => void): void {
    for (let at = this.#tasks.next(); at !== undefined && at <= end; at = this.#tasks.next()) {
      this.time = Math.max(this.time, at);
      this.#tasks.takeDue(this.time)?.run();
      if (++this.steps > stepsMax) throw new Error(`more than ${stepsMax} steps`);
      check();
    }
    this.time = end;
    check();
  }

  isPassing(from: Host, to: Host): boolean {
    return !this.blocked.has(linkKey(from, to));
  }

  thaw(host: Host): void {
    if (!host.isFrozen) return;
    this.trace(host, "runs again");
    const unread = host.thaw(this.time);
    this.after(1, () => {
      for (const arrived of unread) host.receive(arrived, this.time);
    });
  }

  sendAdvert(host: Host, packet: Uint8Array, network: Network): void {
    this.trace(host, `sends advert ${packet[ipHeaderLength + 2]}${network === 1 ? " too" : ""}`);
    if (!host.hasLink(network)) return;
    for (const other of this.hosts) {
      if (other === host || !this.isPassing(host, other) || !isFor(packet, other)) continue;
      if (this.muted === host && network === 0) continue;
      if (nextRandom(this.random) < this.weather.loss) continue;
      this.#deliver(host, other, { packet, network });
      if (nextRandom(this.random) < this.weather.duplicate) {
        this.#deliver(host, other, { packet, network });
      }
    }
  }

  announce(host: Host): void {
    if (host.isLinkUp) this.announcedBy = host;
  }

  stateChanged(host: Host, from: VrrpStateName, snapshot: InstanceSnapshot): void {
    const to = snapshot.state;
    if (from === to) return;
    this.trace(host, `${from} to ${to}`);
    // Without a master it gave way to nobody: timer_expired_backup.
    const isGivingWay = from === "MASTER" && to === "BACKUP" && snapshot.masterAddress !== null;
    if (isGivingWay) this.gaveWay.push({ host, snapshot });
    if (to === "MASTER" && this.time < host.masterFrom - 1) this.tooEarly.push(host);
    if (to === "MASTER") this.promotions.set(host, (this.promotions.get(host) ?? 0) + 1);
  }

  wakeAt(host: Host, localAt: number | undefined): void {
    const former = this.#wakes.get(host);
    // A timer that is armed for the same instant again is no later for it.
    if (former !== undefined && former.localAt === localAt && this.#tasks.at(former) !== undefined)
      return;
    if (former !== undefined) this.#tasks.clear(former);
    if (localAt === undefined) return;
    const lateness = nextInteger(this.random, 0, this.scenario.latenessMaxUs);
    const task = { localAt, run: (): void => host.wake(this.time, localAt) };
    this.#wakes.set(host, task);
    this.#tasks.set(task, Math.max(this.time, host.worldTime(localAt)) + lateness);
  }

  trace(host: Host | null, text: string): void {
    if (!this.#isTracing) return;
    const who = host === null ? "world" : `${host.plan.address} p${host.config.basePriority}`;
    this.#trace.push(`${(this.time / 1e6).toFixed(6)} ${who}: ${text}`);
    if (this.#trace.length > traceLengthMax) this.#trace.shift();
  }

  traceTail(lines: number): string[] {
    return this.#trace.slice(-lines);
  }

  #deliver(from: Host, to: Host, { packet, network }: Arrived): void {
    const isDamaged = nextRandom(this.random) < this.weather.corrupt;
    const copy = isDamaged ? this.#damaged(packet) : packet;
    const key = `${linkKey(from, to)} ${network}`;
    const freely = this.time + nextInteger(this.random, 1, this.scenario.delayMaxUs);
    const inOrder = Math.max(freely, this.#lastArrival.get(key) ?? 0);
    const arrival = this.weather.canReorder ? freely : inOrder;
    this.#lastArrival.set(key, inOrder);
    this.after(arrival - this.time, () => {
      if (to.isRunning && to.hasLink(network)) to.receive({ packet: copy, network }, this.time);
    });
  }

  #damaged(packet: Uint8Array): Uint8Array {
    const copy = packet.slice();
    const at = nextInteger(this.random, ipHeaderLength, copy.length - 1);
    copy[at] = (copy[at] ?? 0) ^ nextInteger(this.random, 1, 255);
    return copy;
  }
}

/** To the group, or to the one address of a peer. */
function isFor(packet: Uint8Array, { plan }: Host): boolean {
  const destination = packet.subarray(16, 20);
  return (destination[0] ?? 0) >= 224 || destination.join(".") === plan.address;
}

export function linkKey(from: Host, to: Host): string {
  return `${from.plan.address}>${to.plan.address}`;
}
