// Single events in a settled network, with sharper expectations than the general invariants: who
// has to take over, how soon, and who must not notice.

import { nextInteger } from "@keepalived-ts/shared-config/base/random";
import {
  clockErrorMax,
  resignedMaxUs,
  settledMaxUs,
  skewUs,
  timerJitterUs,
  twoHoldersMaxUs,
} from "./bounds.js";
import { checkSettled, isMaster, Violation } from "./checker.js";
import type { Host } from "./host.js";
import { pick } from "./scenario.js";
import type { World } from "./world.js";

const normalLatenessUs = 10_000;
/** Every router holds it, whatever a reload has done. */
const sharedAddress = "192.0.2.251/24";

type Probe = (world: World, master: Host, check: () => void) => void;

/** Runs one probe on the present master. */
export function probe(world: World, check: () => void): void {
  const master = world.hosts.find(isMaster);
  if (master === undefined) throw new Violation("nobody to probe");
  const probes = [die, resign, withdraw, resume, flap, stall, comeBack, standStill] as const;
  const orders = [failOver, maintain, failScript, mute] as const;
  pick<Probe>(world.random, [...probes, ...orders])(world, master, check);
}

/** The master's router dies: the BACKUP whose timer is the shortest follows, and nobody else. */
function die(world: World, master: Host, check: () => void): void {
  const heirs = world.hosts.filter((host) => host !== master && host.isAble);
  const byWait = heirs.map((host) => ({ host, wait: waitUs(host, master) }));
  byWait.sort((a, b) => a.wait - b.wait);
  world.trace(master, "dies");
  world.promotions.clear();
  master.kill(true);
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  const [first, second] = byWait;
  if (first === undefined || second === undefined) return;
  if (second.wait - first.wait <= timerJitterUs(world.scenario)) return;
  const [promoted] = world.promotions.keys();
  if (promoted !== first.host) {
    throw new Violation(`${promoted?.plan.address} took over, not ${first.host.plan.address}`);
  }
  const isBest = heirs.every((host) => priorityOf(host) <= priorityOf(first.host));
  if (isBest && world.promotions.size > 1) {
    throw new Violation(`${world.promotions.size} routers took over from one`);
  }
  if (isBest && world.announcedBy !== first.host) {
    throw new Violation("the neighbours were not told of the new master");
  }
}

/**
 * SIGTERM: the next master comes after the skew time, not after the master-down interval, and until
 * then somebody has the address.
 */
function resign(world: World, master: Host, check: () => void): void {
  world.trace(master, "resigns");
  leave(world, master, check, () => master.stop(world.time));
  if (master.isRunning) throw new Violation(`${master.plan.address} does not end`);
  if (master.held.size > 0)
    throw new Violation(`${master.plan.address} stopped and holds addresses`);
}

/** The same by a reload, which may be taken back before anybody has noticed, or later. */
function withdraw(world: World, master: Host, check: () => void): void {
  world.trace(master, "loses its instance");
  const { slowestUs } = world.scenario;
  if (nextInteger(world.random, 0, 1) === 0) {
    leave(world, master, check, () => master.withdraw(world.time));
    master.reload(master.config, world.time);
    return;
  }
  world.promotions.clear();
  master.withdraw(world.time);
  const pauseUs = nextInteger(world.random, 1, 2 * slowestUs);
  world.after(pauseUs, () => {
    world.trace(master, "gets its instance back");
    master.reload(master.config, world.time);
  });
  const watch = handOverWatch(world, master);
  world.runUntil(world.time + pauseUs + slowestUs, () => {
    check();
    watch();
  });
}

/** Until somebody else is master and `master` holds nothing. */
function leave(world: World, master: Host, check: () => void, order: () => void): void {
  const heirs = world.hosts.filter((host) => host !== master && host.isAble);
  const skews = heirs.map((host) => heirSkewUs(host, master));
  order();
  const watch = handOverWatch(world, master);
  const both = (): void => {
    check();
    watch();
  };
  if (!master.config.handOver && master.held.size > 0) {
    throw new Violation(`${master.plan.address} keeps addresses that it was to drop`);
  }
  world.runUntil(world.time + resignedMaxUs(world.scenario, Math.min(...skews, 1e9)), both);
  if (heirs.length > 0 && !world.hosts.some(isMaster)) {
    throw new Violation("no master within the skew time after priority 0");
  }
  world.runUntil(world.time + settledMaxUs(world.scenario), both);
}

/**
 * While a master hands over to a BACKUP that hears it: the address is never nowhere, and with two
 * only while the successor's advert is on its way.
 */
function handOverWatch(world: World, master: Host, isAsked = master.config.handOver): () => void {
  const hasHeir = world.hosts.some((host) => host !== master && host.isAble);
  const isKept = hasHeir && isAsked;
  let doubleSince: number | null = null;
  return () => {
    const holders = world.hosts.filter((host) => host.held.has(sharedAddress));
    if (isKept && holders.length === 0) throw new Violation("an address was nowhere");
    // Two that are both MASTER are the checker's business.
    const isDouble = holders.length > 1 && master.isLeaving;
    doubleSince = isDouble ? (doubleSince ?? world.time) : null;
    if (doubleSince === null || world.time - doubleSince <= twoHoldersMaxUs(world.scenario)) return;
    throw new Violation(`an address was held by two for ${world.time - doubleSince} us`);
  };
}

/**
 * The best router comes back: with preempt_delay it is MASTER when that is over, and not before.
 */
function comeBack(world: World, master: Host, check: () => void): void {
  const { config } = master;
  const others = world.hosts.filter((host) => host !== master && host.isAble);
  if (!config.preempt || config.preemptDelayUs === 0 || others.length === 0) return;
  // One that starts does not know the interval of a slower master yet.
  if (!haveSameInterval(world)) return;
  world.trace(master, "goes, to come back");
  master.kill(true);
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  const rival = world.hosts.find(isMaster)?.snapshot?.effectivePriority ?? 255;
  const startedAt = world.time;
  world.promotions.clear();
  world.trace(master, "comes back");
  master.start(world.time, false);
  const earliest = startedAt + config.preemptDelayUs * (1 - 2 * clockErrorMax);
  world.runUntil(world.time + settledMaxUs(world.scenario), () => {
    check();
    if (world.promotions.has(master) && world.time < earliest)
      throw new Violation("preempt_delay was not waited for");
  });
  if (rival < config.basePriority && !isMaster(master))
    throw new Violation("preempt_delay never ends");
}

function haveSameInterval({ hosts, scenario }: World): boolean {
  return hosts.every(({ config }) => config.advertIntervalUs === scenario.slowestUs);
}

/** A MASTER that stood still for too long with timer_expired_backup leaves the addresses alone. */
function standStill(world: World, master: Host, check: () => void): void {
  const others = world.hosts.filter((host) => host !== master && host.isAble);
  if (others.length === 0 || master.config.timerExpiredBackup === undefined) return;
  if (!haveSameInterval(world)) return;
  world.trace(master, "stands still");
  master.isFrozen = true;
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  const follower = world.hosts.find(isMaster);
  world.thaw(master);
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  if (follower !== undefined && !isMaster(follower))
    throw new Violation("a router that stood still took its addresses back");
}

/**
 * The master's process is killed and comes back in time: nobody else notices, no address is lost.
 */
function resume(world: World, master: Host, check: () => void): void {
  const others = world.hosts.filter((host) => host !== master && host.isAble);
  const { config } = master;
  const adverts = Math.min(...others.map((host) => host.config.downTimerAdverts), 4);
  const margin = 0.05 * config.advertIntervalUs + timerJitterUs(world.scenario);
  const left = Math.floor((adverts - 1) * config.advertIntervalUs - margin);
  if (left < 1) return;
  const heldBefore = [...master.held].join();
  world.trace(master, "killed to resume");
  world.promotions.clear();
  master.kill(false);
  world.after(nextInteger(world.random, 1, left), () => master.start(world.time, true));
  world.runUntil(world.time + settledMaxUs(world.scenario), () => {
    check();
    if ([...master.held].join() !== heldBefore) throw new Violation("resuming lost an address");
  });
  if (world.promotions.size > 0 || !isMaster(master))
    throw new Violation("resuming cost a failover");
}

/** A BACKUP that does not get to run for a while must not take over when it does. */
function stall(world: World, master: Host, check: () => void): void {
  const backup = world.hosts.find((host) => host !== master && host.isAble);
  if (backup === undefined) return;
  const { slowestUs, silenceMaxUs } = world.scenario;
  world.trace(backup, "freezes");
  world.promotions.clear();
  backup.isFrozen = true;
  world.runUntil(world.time + nextInteger(world.random, 2 * slowestUs, 3 * silenceMaxUs), check);
  // A little lateness is normal, and then a BACKUP must not lose time with a second look.
  const lateness = backup.latenessUs(world.time);
  if (lateness > 0 && lateness < normalLatenessUs)
    world.runUntil(world.time + normalLatenessUs, check);
  world.thaw(backup);
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  if (world.promotions.size > 0) throw new Violation("a stall cost a failover");
}

/** The master's link goes and comes back. */
function flap(world: World, master: Host, check: () => void): void {
  world.trace(master, "link flaps");
  master.setLink(false, world.time);
  world.runUntil(world.time + nextInteger(world.random, 1, 2 * world.scenario.silenceMaxUs), check);
  master.setLink(true, world.time);
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  checkSettled(world);
}

/**
 * An operator wants another master: somebody always has the address, and the one that gave it away
 * does not take it back. Alone it stays what it is.
 */
function failOver(world: World, master: Host, check: () => void): void {
  const hasHeir = world.hosts.some((host) => host !== master && host.isAble);
  world.trace(master, "is to fail over");
  master.failOver(world.time);
  const watch = handOverWatch(world, master, true);
  world.runUntil(world.time + 2 * settledMaxUs(world.scenario), () => {
    check();
    watch();
  });
  // Two heirs at once with intervals of their own: who hears the faster one last waits too short.
  if (!haveSameInterval(world)) return;
  if (isMaster(master) === hasHeir) {
    throw new Violation(hasHeir ? "a failover was taken back" : "a failover to nobody");
  }
}

/** In one of two networks nobody hears the master: the other instance keeps the group together. */
function mute(world: World, master: Host, check: () => void): void {
  if (!master.plan.isGrouped) return;
  world.trace(master, "is not heard in one network");
  world.promotions.clear();
  world.muted = master;
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  world.muted = null;
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  if (world.promotions.size > 0) throw new Violation("one network of two cost a failover");
}

/** The router gives up everything, without a gap where another one is, and comes back. */
function maintain(world: World, master: Host, check: () => void): void {
  world.trace(master, "maintenance");
  const watch = handOverWatch(world, master, true);
  master.setMaintenance(true, world.time);
  world.runUntil(world.time + settledMaxUs(world.scenario), () => {
    check();
    watch();
  });
  master.reload(master.config, world.time);
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  if (master.state !== "FAULT" || master.held.size > 0) {
    throw new Violation(`${master.plan.address} is in maintenance and ${master.state}`);
  }
  world.trace(master, "end of maintenance");
  master.setMaintenance(false, world.time);
}

/** What the master tracks fails: the right one is master then, and after its recovery. */
function failScript(world: World, master: Host, check: () => void): void {
  world.trace(master, "script fails");
  master.setScript(0, world.time);
  world.runUntil(world.time + settledMaxUs(world.scenario), check);
  if (world.hosts.some((host) => host.isAble)) checkSettled(world);
  const { scripts } = master.config.track;
  if (scripts.some(({ weight }) => weight === 0) && master.state !== "FAULT") {
    throw new Violation(`${master.plan.address} is ${master.state} with a script that failed`);
  }
  const expected = clampedPriority(master);
  if (master.state !== "FAULT" && priorityOf(master) !== expected) {
    throw new Violation(`${master.plan.address} has priority ${priorityOf(master)}`);
  }
  master.setScript(1, world.time);
}

/** Of a script that has failed: a negative weight counts, a positive one does not. */
function clampedPriority({ config, snapshot }: Host): number {
  if (config.basePriority === 255) return snapshot?.effectivePriority ?? 255;
  const points = config.track.scripts.reduce((sum, { weight }) => sum + Math.min(0, weight), 0);
  return Math.max(1, config.basePriority + points);
}

function priorityOf({ snapshot, config }: Host): number {
  return snapshot?.effectivePriority ?? config.basePriority;
}

/** Active_Down_Interval as the RFC has it, for a BACKUP that follows `master`. */
function waitUs(host: Host, master: Host): number {
  return host.config.downTimerAdverts * master.config.advertIntervalUs + heirSkewUs(host, master);
}

function heirSkewUs(host: Host, master: Host): number {
  // An owner that gave way to another one counts as 254.
  return skewUs(host.config.version, priorityOf(host), master.config.advertIntervalUs);
}
