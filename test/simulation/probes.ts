// Single events in a settled network, with sharper expectations than the general invariants: who
// has to take over, how soon, and who must not notice.

import { nextInteger } from "@keepalived-ts/shared-config/base/random";
import { resignedMaxUs, settledMaxUs, skewUs, timerJitterUs } from "./bounds.js";
import { checkSettled, isMaster, Violation } from "./checker.js";
import type { Host } from "./host.js";
import { pick } from "./scenario.js";
import type { World } from "./world.js";

const normalLatenessUs = 10_000;

type Probe = (world: World, master: Host, check: () => void) => void;

/** Runs one probe on the present master. */
export function probe(world: World, check: () => void): void {
  const master = world.hosts.find(isMaster);
  if (master === undefined) throw new Violation("nobody to probe");
  pick<Probe>(world.random, [die, resign, resume, flap, stall])(world, master, check);
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
  const isBest = heirs.every((host) => host.config.basePriority <= first.host.config.basePriority);
  if (isBest && world.promotions.size > 1) {
    throw new Violation(`${world.promotions.size} routers took over from one`);
  }
  if (isBest && world.announcedBy !== first.host) {
    throw new Violation("the neighbours were not told of the new master");
  }
}

/** SIGTERM: the next master comes after the skew time, not after the master-down interval. */
function resign(world: World, master: Host, check: () => void): void {
  const heirs = world.hosts.filter((host) => host !== master && host.isAble);
  world.trace(master, "resigns");
  master.stop(world.time);
  if (master.held.size > 0)
    throw new Violation(`${master.plan.address} stopped and holds addresses`);
  const skews = heirs.map((host) => heirSkewUs(host, master));
  world.runUntil(world.time + resignedMaxUs(world.scenario, Math.min(...skews, 1e9)), check);
  if (heirs.length > 0 && !world.hosts.some(isMaster)) {
    throw new Violation("no master within the skew time after priority 0");
  }
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

/** Active_Down_Interval as the RFC has it, for a BACKUP that follows `master`. */
function waitUs(host: Host, master: Host): number {
  return host.config.downTimerAdverts * master.config.advertIntervalUs + heirSkewUs(host, master);
}

function heirSkewUs(host: Host, master: Host): number {
  // An owner that gave way to another one counts as 254.
  const priority = host.snapshot?.effectivePriority ?? host.config.basePriority;
  return skewUs(host.config.version, priority, master.config.advertIntervalUs);
}
