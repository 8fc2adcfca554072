// What keeps an instance out of the election and what brings it back: its interface, its source
// address, what it tracks, its sync group. keepalived's FAULT (vrrp_track.c, vrrp_scheduler.c), not
// in the RFC.

import type { TrackerKind, TrackerReport } from "@keepalived-ts/shared-config/ipc/messages";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { SendAdvertAction } from "./action.js";
import type { LinkFact } from "./event.js";
import { abandonFailover, endMaintenanceHandOver, reviewLeaving } from "./hand-over.js";
import { type Instance, instanceKey, type Router, sourceKey, type Turn } from "./instance.js";
import { believedLink, forgetLinkDelay } from "./link-delay.js";
import { isUnicast, ownLinkOf, placeOf, transmitPlaceOf } from "./place.js";
import { isOwner } from "./priority.js";
import { changePriority } from "./priority-change.js";
import { startWaiting } from "./state-init.js";
import { companions, faultyCompanion, reportGroup } from "./sync-group.js";
import { instanceSkewUs, masterDownIntervalUs } from "./timers.js";
import { judgeTracking, trackerKey, trackList } from "./tracking.js";
import { enterBackup, enterFault, farewellOf, forgetAdvert } from "./transition.js";
import { reportState } from "./view.js";

/** Takes index and source from what is known of the interface now. */
export function bindLink(router: Router, instance: Instance): void {
  const { config } = instance;
  const link = router.links.get(placeOf(config));
  const index = link?.index ?? null;
  const transmitLink = router.links.get(transmitPlaceOf(config));
  const transmitIndex = transmitLink?.index ?? null;
  // An ipvlan has addresses of its own; a virtual MAC has none, or borrows one.
  const sourceLink = config.ipvlan === undefined ? link : transmitLink;
  const source = sourceLink === undefined ? null : sourceOn(sourceLink, config);
  if (index !== instance.interfaceIndex) {
    unbindLink(router, instance);
    instance.interfaceIndex = index;
    forgetAdvert(instance);
  }
  if (index !== null) claimPlace(router, instance, index);
  if (source !== instance.sourceAddress || transmitIndex !== instance.transmitIndex) {
    instance.sourceAddress = source;
    instance.transmitIndex = transmitIndex;
    forgetAdvert(instance);
  }
}

/** RFC 9568 sections 5.1.1.1 and 5.1.2.1: the primary address, for IPv6 the link-local one. */
function sourceOn(link: LinkFact, config: VrrpInstanceConfig): string | null {
  const own = config.family === 4 ? link.ipv4Address : link.ipv6Address;
  return config.sourceAddress ?? own;
}

/** Whoever comes first is the one that adverts are for. */
function claimPlace({ byKey, bySource }: Router, instance: Instance, index: number): void {
  const { config } = instance;
  if (config.interface === "") {
    const key = sourceKey(index, config.sourceAddress ?? "", config.virtualRouterId);
    if (!bySource.has(key)) bySource.set(key, instance);
  } else {
    const key = instanceKey(index, config.family, config.virtualRouterId);
    if (!byKey.has(key)) byKey.set(key, instance);
  }
}

function holdsPlace({ byKey, bySource }: Router, instance: Instance, index: number): boolean {
  const { config } = instance;
  if (config.interface === "") {
    const key = sourceKey(index, config.sourceAddress ?? "", config.virtualRouterId);
    return bySource.get(key) === instance;
  }
  return byKey.get(instanceKey(index, config.family, config.virtualRouterId)) === instance;
}

export function unbindLink(router: Router, instance: Instance): void {
  const { config, interfaceIndex } = instance;
  if (interfaceIndex === null) return;
  if (holdsPlace(router, instance, interfaceIndex)) {
    if (config.interface === "") {
      router.bySource.delete(
        sourceKey(interfaceIndex, config.sourceAddress ?? "", config.virtualRouterId),
      );
    } else {
      router.byKey.delete(instanceKey(interfaceIndex, config.family, config.virtualRouterId));
    }
  }
  instance.interfaceIndex = null;
}

/** Why the instance cannot take part by itself, but for what it tracks; null = it can. */
export function linkFault(router: Router, instance: Instance): string | null {
  const { config, interfaceIndex } = instance;
  // What it may do would reach nobody (vrrp_complete_instance, unicast_fault_no_peer).
  if (config.staysInFault) return "its configuration lets it speak to nobody";
  const place = placeOf(config);
  const link = router.links.get(place);
  if (link === undefined || interfaceIndex === null) return `interface ${place} does not exist`;
  if (config.trackPrimary && !link.isRunning) return `interface ${place} is down`;
  const fault = sourceFault(instance, link) ?? deviceFault(router, instance);
  if (fault !== null) return fault;
  if (!holdsPlace(router, instance, interfaceIndex)) {
    const where = config.interface === "" ? config.sourceAddress : config.interface;
    return `virtual router id ${config.virtualRouterId} is used twice on ${where}`;
  }
  return null;
}

function sourceFault({ config, sourceAddress }: Instance, link: LinkFact): string | null {
  const { family, ipvlan } = config;
  if (sourceAddress === null) {
    return `interface ${ipvlan?.name ?? link.name} has no IPv${family} address`;
  }
  if (!config.trackSourceAddress || link.presentSources.includes(sourceAddress)) return null;
  const where = config.interface === "" ? "this host" : `interface ${link.name}`;
  return `source address ${sourceAddress} is not on ${where}`;
}

/** keepalived: a MASTER whose addresses cannot be reached would keep traffic from its peers. */
function deviceFault(router: Router, { name, config, devices }: Instance): string | null {
  const groupDevices = router.groupDevices.get(name) ?? [];
  for (const [device, what] of [...devices, ...groupDevices]) {
    const link = router.links.get(device);
    if (link === undefined) return `interface ${device} of a ${what} does not exist`;
    // A virtual MAC is down when its interface is.
    const isTracked = config.trackPrimary || device !== ownLinkOf(config)?.name;
    if (isTracked && !link.isRunning) return `interface ${device} of a ${what} is down`;
  }
  return null;
}

export function handleLinkChanged(turn: Turn, link: LinkFact): void {
  const { router, now } = turn;
  believeLink(turn, router.isStopped ? link : believedLink(router, link, now));
}

/** Takes in what is believed of an interface from now on. */
export function believeLink(turn: Turn, link: LinkFact): void {
  const { links } = turn.router;
  const former = linkByIndex(turn.router, link.index);
  if (former !== undefined && former.name !== link.name) {
    links.delete(former.name);
    forgetLinkDelay(turn.router, former.name);
  }
  links.set(link.name, link);
  if (former !== undefined && former.name !== link.name) reviewInterface(turn, former.name);
  reviewInterface(turn, link.name);
}

export function handleLinkRemoved(turn: Turn, index: number): void {
  const former = linkByIndex(turn.router, index);
  if (former === undefined) return;
  turn.router.links.delete(former.name);
  forgetLinkDelay(turn.router, former.name);
  reviewInterface(turn, former.name);
}

export function handleTrackerChanged(turn: Turn, { kind, name, value }: TrackerReport): void {
  const { trackers, instances } = turn.router;
  const key = trackerKey(kind, name);
  if (trackers.get(key) === value) return;
  trackers.set(key, value);
  for (const instance of instances.values()) {
    if (tracks(instance, kind, name)) reviewInstance(turn, instance);
  }
}

/** Why an instance takes no part while the whole router does not. */
export const maintenanceFault = "maintenance is on";

/** Takes in what is known of links and trackers now. Null when the instance waits for a script. */
export function examine(turn: Turn, instance: Instance): "ready" | "waiting" {
  const { router } = turn;
  bindLink(router, instance);
  const { points, fault, awaited } = judgeTracking(router, instance);
  if (points !== instance.trackedPoints) {
    const isOther = changePriority(turn, instance, () => {
      instance.trackedPoints = points;
    });
    if (isOther && instance.state !== "INIT") reportState(turn, instance, instance.state);
  }
  const fate = linkFault(router, instance) ?? fault;
  instance.ownFault = router.isInMaintenance ? maintenanceFault : fate;
  return awaited === null ? "ready" : "waiting";
}

/**
 * Why the instance must not take part, or null: in a sync group nobody takes part without the rest.
 */
export function faultReason(instance: Instance): string | null {
  if (instance.ownFault !== null) return instance.ownFault;
  const companion = faultyCompanion(instance);
  return companion === undefined ? null : `sync group member ${companion.name} is in FAULT`;
}

/** Brings the state of the instance, and of its sync group, in line with what is known now. */
export function reviewInstance(turn: Turn, instance: Instance): void {
  // The source that our adverts had until now; the kernel may just have taken it away.
  const farewell = instance.state === "MASTER" ? farewellOf(instance) : null;
  const outcome = examine(turn, instance);
  if (instance.state === "INIT") {
    if (outcome === "ready") startWaiting(turn, instance);
    return;
  }
  settle(turn, instance, farewell);
  for (const companion of companions(instance)) {
    if (companion.state === "INIT") continue;
    settle(turn, companion, companion.state === "MASTER" ? farewellOf(companion) : null);
  }
  reportGroup(turn, instance);
}

function settle(turn: Turn, instance: Instance, farewell: SendAdvertAction | null): void {
  const fault = faultReason(instance);
  if (instance.state === "FAULT") {
    if (fault === null) {
      enterBackup(turn, instance, recoveryIntervalUs(instance));
      announceSource(turn, instance);
    }
    return;
  }
  if (fault === null) return;
  if (instance.ending === "maintenance") {
    // It gets there when it has handed over, or cannot.
    const why = linkFault(turn.router, instance);
    if (why !== null) endMaintenanceHandOver(turn, instance, why);
    return;
  }
  if (instance.ending === "failover") abandonFailover(turn, instance);
  // Nothing leaves an interface that is gone or down.
  const isHeard = farewell !== null && isHearable(turn.router, instance, farewell.interfaceIndex);
  enterFault(turn, instance, fault, isHeard ? farewell : null);
}

/**
 * The switch and the peers may have forgotten us (keepalived, try_up_instance): a multicast advert
 * reaches us all the same, a unicast one does not.
 */
function announceSource(turn: Turn, { name, config, sourceAddress }: Instance): void {
  if (!isUnicast(config) || config.interface === "" || sourceAddress === null) return;
  const device = config.interface;
  turn.actions.push({ type: "announceSource", instance: name, device, address: sourceAddress });
}

function tracks({ config, group }: Instance, kind: TrackerKind, name: string): boolean {
  const lists = group === null ? [config.track] : [config.track, group.config.track];
  return lists.some((track) => track[trackList[kind]].some((each) => each.name === name));
}

function reviewInterface(turn: Turn, name: string): void {
  reviewLeaving(turn, name);
  if (turn.router.isStopped) return;
  for (const instance of turn.router.instances.values()) {
    const { config, devices } = instance;
    const isOfGroup = turn.router.groupDevices.get(instance.name)?.has(name) === true;
    const isConcerned = placeOf(config) === name || devices.has(name) || isOfGroup;
    if (isConcerned || tracksInterface(instance, name)) reviewInstance(turn, instance);
  }
}

function tracksInterface({ config, group }: Instance, name: string): boolean {
  const lists = group === null ? [config.track] : [config.track, group.config.track];
  return lists.some((track) => track.interfaces.some((each) => each.interface === name));
}

/** keepalived: out of FAULT an owner waits for one interval only. */
function recoveryIntervalUs(instance: Instance): number {
  if (!isOwner(instance)) return masterDownIntervalUs(instance);
  return instance.masterAdvertIntervalUs + instanceSkewUs(instance);
}

/** Whether adverts that are sent on the interface of that index leave it. */
export function isHearable(
  router: Router,
  instance: Instance,
  index: number | null = instance.transmitIndex,
): boolean {
  const link = router.links.get(transmitPlaceOf(instance.config));
  return link?.isRunning === true && link.index === index;
}

export function linkByIndex(router: Router, index: number): LinkFact | undefined {
  for (const link of router.links.values()) if (link.index === index) return link;
  return undefined;
}
