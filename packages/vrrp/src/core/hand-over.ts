// Hand-over: a MASTER that is stopped, removed or told to leave resigns at once (RFC 9568 section
// 6.4.3, Shutdown) but keeps its addresses until a successor has taken over, or would have.
// keepalived drops them together with its farewell, so that nobody has them for the successor's
// skew time. Decides when to let go; elects nobody.

import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Advert } from "../packet/advert.js";
import { type AdvertReceived, checkAdvert } from "./advert-check.js";
import type { Ending, Instance, Turn } from "./instance.js";
import { placeOf } from "./place.js";
import { learnMaster } from "./state-backup.js";
import { isHearable, linkFault, maintenanceFault, unbindLink } from "./state-fault.js";
import { companions, giveWayToo, reportGroup } from "./sync-group.js";
import { arm, disarm, disarmAll, masterDownIntervalUs, skewUs } from "./timers.js";
import {
  enterBackup,
  enterFault,
  farewellOf,
  resign,
  retreat,
  takeUpMaster,
} from "./transition.js";
import { logInstance, reportState } from "./view.js";

/** keepalived's child_wait_time is 5 s by default: whoever takes longer to stop is killed. */
const handOverMaxUs = 4_500_000;
/** What a successor may need on top of its skew: half for the ways, half to get to run. */
const marginShare = 0.25;
const marginMinUs = 50_000;
const lowestPriority = 1;

/** The end of an instance, at once or, for a MASTER that may hand over, when it has. */
export function endInstance(turn: Turn, instance: Instance, ending: Ending): void {
  const { state, config } = instance;
  // It may have been leaving for another reason.
  turn.router.leaving.delete(instance);
  instance.ending = null;
  // Nobody would hear a farewell on an interface that is down, nor we the successor.
  if (state === "MASTER" && config.handOver && isHearable(turn.router, instance)) {
    beginHandOver(turn, instance, ending);
    return;
  }
  if (state === "MASTER") resign(turn, instance, farewellOf(instance));
  finish(turn, instance, ending);
}

export function beginHandOver(turn: Turn, instance: Instance, ending: Ending): void {
  resign(turn, instance, farewellOf(instance));
  disarmAll(turn, instance);
  instance.ending = ending;
  turn.router.leaving.add(instance);
  arm(turn, instance, "handOver", turn.now + successorMaxUs(instance));
  logInstance(turn, instance, "detail", "keeping VIPs until another router has taken over");
}

/**
 * By when any successor has become MASTER: the lowest has the longest skew (RFC 9568 §6.1). In a
 * sync group the slowest member decides for all.
 */
function successorMaxUs({ config, group }: Instance): number {
  const configs = group === null ? [config] : group.members.map((member) => member.config);
  const waits = configs.map(({ version, advertIntervalUs }) => {
    const margin = marginMinUs + Math.ceil(marginShare * advertIntervalUs);
    return skewUs(version, lowestPriority, advertIntervalUs) + margin;
  });
  return Math.min(handOverMaxUs, Math.max(...waits));
}

/** An advert for a virtual router that we are leaving: whoever sends one is its master now. */
export function handleSuccessor(turn: Turn, instance: Instance, event: AdvertReceived): void {
  const advert = checkAdvert(turn, instance, event);
  if (advert === undefined || advert.priority === 0) return;
  letGo(turn, instance, `${event.source} has taken over`, { source: event.source, advert });
}

export function handleHandOverEnd(turn: Turn, instance: Instance): void {
  letGo(turn, instance, "nobody has taken over in time");
}

/** Its sync group is MASTER again: whoever still waited for a successor would be mute. */
export function endFailover(turn: Turn, instance: Instance, why: string): void {
  if (instance.ending === "failover") letGo(turn, instance, why);
}

/** Everybody who is still waiting for a successor stops waiting. */
export function letAllGo(turn: Turn): void {
  for (const instance of turn.router.leaving) letGo(turn, instance, "no time to wait for others");
}

/** Something about the interface `name` has changed: a successor may be out of hearing. */
export function reviewLeaving(turn: Turn, name: string): void {
  const { router } = turn;
  for (const instance of router.leaving) {
    if (placeOf(instance.config) !== name && !instance.devices.has(name)) continue;
    const isSameLink =
      router.links.get(placeOf(instance.config))?.index === instance.interfaceIndex;
    const fault = linkFault(router, instance);
    const isHeard = fault === null && isSameLink && isHearable(router, instance);
    if (!isHeard) letGo(turn, instance, fault ?? `interface ${name} has changed`);
  }
}

/**
 * What a new configuration does to those that are leaving: one that is wanted again is MASTER as if
 * nothing had been, for nobody has taken over yet; one that another is in the way of lets go.
 * Returns the former.
 */
export function reviewHandOvers(
  turn: Turn,
  wanted: ReadonlyMap<string, VrrpInstanceConfig>,
  isAgain: (former: VrrpInstanceConfig, config: VrrpInstanceConfig) => boolean,
): readonly Instance[] {
  const { router } = turn;
  const takenBack: Instance[] = [];
  if (router.leaving.size === 0) return takenBack;
  const claims = claimsOf(wanted.values());
  for (const instance of router.leaving) {
    const config = wanted.get(instance.name);
    if (instance.ending === "maintenance") letGo(turn, instance, "the configuration is a new one");
    else if (config === undefined || !isAgain(instance.config, config)) {
      if (isClaimed(instance, claims)) letGo(turn, instance, "its place is wanted at once");
    } else if (companions(instance).some(({ state }) => state !== "MASTER")) {
      letGo(turn, instance, "its sync group has a successor already");
    } else {
      if (instance.ending === "failover") reportFailover(turn, instance, null);
      router.leaving.delete(instance);
      instance.ending = null;
      disarm(turn, instance, "handOver");
      router.instances.set(instance.name, instance);
      takenBack.push(instance);
    }
  }
  return takenBack;
}

/** What instances of `configs` take for themselves: names, virtual routers, addresses. */
export function claimsOf(configs: Iterable<VrrpInstanceConfig>): ReadonlySet<string> {
  return new Set([...configs].flatMap(claimsOfOne));
}

/** Whether `instance` must be gone before those who made these claims can begin. */
export function isClaimed({ config }: Instance, claims: ReadonlySet<string>): boolean {
  return claimsOfOne(config).some((claim) => claims.has(claim));
}

function claimsOfOne(config: VrrpInstanceConfig): string[] {
  const { name, family, virtualRouterId } = config;
  const addresses = [...config.virtualAddresses, ...config.excludedAddresses];
  return [
    `name ${name}`,
    `router ${placeOf(config)} ${family} ${virtualRouterId}`,
    ...addresses.map((each) => `address ${each.address} ${each.device}`),
  ];
}

/** Whoever has taken over, and what it said. */
interface Successor {
  readonly source: string;
  readonly advert: Advert;
}

function letGo(turn: Turn, instance: Instance, why: string, successor?: Successor): void {
  const { ending } = instance;
  turn.router.leaving.delete(instance);
  instance.ending = null;
  logInstance(turn, instance, "info", why);
  if (ending === "failover") concede(turn, instance, successor);
  else if (ending === "maintenance") rest(turn, instance);
  else finish(turn, instance, ending ?? "stop");
}

/** Without a successor it stays MASTER, unless its sync group has lost that already. */
function concede(turn: Turn, instance: Instance, successor: Successor | undefined): void {
  const isAlone = companions(instance).every(({ state }) => state === "MASTER");
  if (successor === undefined && isAlone) takeUpAgain(turn, instance);
  else {
    if (successor !== undefined) learnMaster(turn, instance, successor.source, successor.advert);
    instance.hasGivenAway = true;
    enterBackup(turn, instance, masterDownIntervalUs(instance));
    giveWayToo(turn, instance);
  }
  reportFailover(turn, instance, successor?.source ?? null);
}

function rest(turn: Turn, instance: Instance): void {
  instance.ownFault = maintenanceFault;
  enterFault(turn, instance, maintenanceFault, null);
  reportGroup(turn, instance);
}

/** It was leaving and need not any more: it goes on as MASTER, for nobody has taken over. */
export function takeBack(turn: Turn, instance: Instance): void {
  turn.router.leaving.delete(instance);
  instance.ending = null;
  if (companions(instance).every(({ state }) => state === "MASTER")) takeUpAgain(turn, instance);
  // The group has lost another member's mastership already.
  else enterBackup(turn, instance, masterDownIntervalUs(instance));
}

/** Its interface can no longer be used: who is wanted away is so at once. */
export function endMaintenanceHandOver(turn: Turn, instance: Instance, why: string): void {
  letGo(turn, instance, why);
}

/** Something is wrong with it: it leaves faster than it was told to. */
export function abandonFailover(turn: Turn, instance: Instance): void {
  turn.router.leaving.delete(instance);
  instance.ending = null;
  reportFailover(turn, instance, null);
}

function takeUpAgain(turn: Turn, instance: Instance): void {
  disarm(turn, instance, "handOver");
  logInstance(turn, instance, "info", "Staying in MASTER STATE");
  takeUpMaster(turn, instance);
  reportState(turn, instance, "MASTER");
}

function reportFailover(turn: Turn, { name }: Instance, successor: string | null): void {
  turn.actions.push({ type: "reportFailover", instance: name, successor });
}

function finish(turn: Turn, instance: Instance, ending: Ending): void {
  const previous = retreat(turn, instance);
  if (ending === "stop") {
    reportState(turn, instance, previous);
    reportGroup(turn, instance);
    return;
  }
  unbindLink(turn.router, instance);
  turn.actions.push({ type: "reportInstanceRemoved", instance: instance.name });
}
