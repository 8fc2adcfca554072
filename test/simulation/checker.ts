// The invariants, looked at after every step: what must hold at once, and what may be wrong for a
// bounded time only. Changes nothing in the world.

import { doubleMasterMaxUs, masterlessMaxUs } from "./bounds.js";
import { addressText, type Host } from "./host.js";
import { calmWeather, type GaveWay, linkKey, type World } from "./world.js";

/** What a checker found; the message says it all. */
export class Violation extends Error {}

export class Checker {
  readonly #world: World;
  /** Since when two hosts that hear each other are both MASTER. */
  readonly #doubleSince: Map<string, number> = new Map();
  readonly #ableSince: Map<Host, number> = new Map();
  #masterlessSince: number | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  check(): void {
    for (const host of this.#world.hosts) checkHost(host);
    for (const found of this.#world.gaveWay.splice(0)) checkGaveWay(found);
    const [hasty] = this.#world.tooEarly;
    if (hasty !== undefined) throw new Violation(`${hasty.plan.address} did not wait at the start`);
    this.#checkDoubleMasters();
    this.#checkMasterless();
  }

  #checkDoubleMasters(): void {
    const { hosts, time, scenario } = this.#world;
    const bound = doubleMasterMaxUs(scenario);
    hosts.forEach((a, i) => {
      for (const b of hosts.slice(i + 1)) {
        const key = linkKey(a, b);
        if (!isMaster(a) || !isMaster(b) || !this.#areConnected(a, b)) {
          this.#doubleSince.delete(key);
          continue;
        }
        const since = this.#doubleSince.get(key) ?? time;
        this.#doubleSince.set(key, since);
        if (time - since > bound) {
          throw new Violation(
            `two masters that hear each other for ${time - since} us, at most ${bound}: ${key}`,
          );
        }
      }
    });
  }

  #areConnected(a: Host, b: Host): boolean {
    const { weather } = this.#world;
    const isClean = weather.loss === 0 && weather.corrupt === 0;
    return isClean && this.#world.isPassing(a, b) && this.#world.isPassing(b, a);
  }

  /** Only while everybody hears everybody: in a partition "no master" has no clear meaning. */
  #checkMasterless(): void {
    const { hosts, time, weather, blocked, scenario } = this.#world;
    for (const host of hosts) {
      if (!host.isAble) this.#ableSince.delete(host);
      else if (!this.#ableSince.has(host)) this.#ableSince.set(host, time);
    }
    if (weather !== calmWeather || blocked.size > 0 || hosts.some(isMaster)) {
      this.#masterlessSince = null;
      return;
    }
    this.#masterlessSince ??= time;
    const ableSince = Math.min(...this.#ableSince.values());
    const lasting = time - Math.max(this.#masterlessSince, ableSince);
    const bound = masterlessMaxUs(scenario);
    if (lasting > bound) throw new Violation(`no master for ${lasting} us, at most ${bound}`);
  }
}

export function isMaster(host: Host): boolean {
  return host.isAble && host.state === "MASTER";
}

/** Addresses and timers fit the state, at every instant. */
function checkHost(host: Host): void {
  // A killed process leaves its addresses behind; the next one must deal with them.
  if (!host.isRunning) return;
  const { state, deadline, configs, snapshots } = host;
  checkTogether(host);
  const masters = new Set(
    snapshots.filter((each) => each.state === "MASTER").map(({ instance }) => instance),
  );
  const wanted = configs
    .filter(({ name }) => masters.has(name))
    .flatMap((each) => [...each.virtualAddresses, ...each.excludedAddresses]);
  const isRight =
    wanted.length === host.held.size && wanted.every((entry) => host.held.has(addressText(entry)));
  if (!isRight) {
    const held = [...host.held].join(" ");
    throw new Violation(`${host.plan.address} is ${state} and holds: ${held || "nothing"}`);
  }
  const mustWait = state === "MASTER" || state === "BACKUP" || host.isLeaving;
  if ((deadline !== undefined) !== mustWait) {
    throw new Violation(`${host.plan.address} is ${state} and waits for ${deadline}`);
  }
}

/**
 * Members of a sync group are MASTER together or not at all. One that hands over lets go when it
 * hears its own successor, so there it may take a moment.
 */
function checkTogether({ plan, snapshots, isLeaving }: Host): void {
  const masters = snapshots.filter(({ state }) => state === "MASTER");
  if (isLeaving || masters.length === 0 || masters.length === snapshots.length) return;
  const texts = snapshots.map(({ instance, state }) => `${instance} ${state}`);
  throw new Violation(`${plan.address} is torn: ${texts.join(", ")}`);
}

/**
 * RFC 9568 §6.4.3: a master gives way to a higher priority, or to an equal one from a higher
 * address.
 */
function checkGaveWay({ host, snapshot }: GaveWay): void {
  const { plan } = host;
  // It was told to.
  if (snapshot.hasGivenAway) return;
  const difference = (snapshot.masterPriority ?? 0) - snapshot.effectivePriority;
  const isHigher = lastOctet(snapshot.masterAddress ?? "") > lastOctet(plan.address);
  if (difference > 0 || (difference === 0 && isHigher)) return;
  throw new Violation(`${plan.address} gave way to ${snapshot.masterAddress}, which is no better`);
}

function lastOctet(address: string): number {
  return Number(address.split(".").at(-1));
}

/** Once everything has settled: one master, the right one, and everybody follows it. */
export function checkSettled(world: World): void {
  const able = world.hosts.filter((host) => host.isAble);
  const masters = able.filter(isMaster);
  const [master] = masters;
  if (master === undefined || masters.length !== 1) {
    throw new Violation(`${masters.length} masters among ${able.length} after the calm`);
  }
  for (const host of able) {
    if (host === master || host.snapshot?.masterAddress === master.plan.address) continue;
    // Such an owner hears nobody, so it must have become master itself.
    throw new Violation(`${host.plan.address} follows ${host.snapshot?.masterAddress}`);
  }
  const hasGivenAway = able.some((host) => host.snapshots.some((each) => each.hasGivenAway));
  if (hasGivenAway || !able.every(({ config }) => config.preempt)) return;
  const highest = Math.max(...able.map((host) => host.snapshot?.effectivePriority ?? 0));
  if (master.snapshot?.effectivePriority !== highest) {
    throw new Violation(`priority ${master.config.basePriority} is master, there is ${highest}`);
  }
}
