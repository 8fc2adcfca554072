// What keeps an instance out of the election and what brings it back: its interface, its source
// address, what it tracks, its sync group. keepalived's FAULT (vrrp_track.c, vrrp_scheduler.c), not
// in the RFC.

import type { TrackerKind, TrackerReport } from "@keepalived-ts/shared-config/ipc/messages";
import type { SendAdvertAction } from "./action.js";
import type { LinkFact } from "./event.js";
import { reviewLeaving } from "./hand-over.js";
import { type Instance, instanceKey, type Router, type Turn } from "./instance.js";
import { believedLink, forgetLinkDelay } from "./link-delay.js";
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
  const link = router.links.get(config.interface);
  const index = link?.index ?? null;
  const source = link === undefined ? null : (config.sourceAddress ?? link.ipv4Address);
  if (index !== instance.interfaceIndex) {
    unbindLink(router, instance);
    instance.interfaceIndex = index;
    forgetAdvert(instance);
  }
  if (index !== null) {
    const key = instanceKey(index, config.family, config.virtualRouterId);
    if (!router.byKey.has(key)) router.byKey.set(key, instance);
  }
  if (source !== instance.sourceAddress) {
    instance.sourceAddress = source;
    forgetAdvert(instance);
  }
}

export function unbindLink(router: Router, instance: Instance): void {
  const { config, interfaceIndex } = instance;
  if (interfaceIndex === null) return;
  const key = instanceKey(interfaceIndex, config.family, config.virtualRouterId);
  if (router.byKey.get(key) === instance) router.byKey.delete(key);
  instance.interfaceIndex = null;
}

/** Why the instance cannot take part by itself, but for what it tracks; null = it can. */
export function linkFault(router: Router, instance: Instance): string | null {
  const { config, interfaceIndex } = instance;
  const link = router.links.get(config.interface);
  if (link === undefined || interfaceIndex === null) {
    return `interface ${config.interface} does not exist`;
  }
  if (config.trackPrimary && !link.isRunning) return `interface ${config.interface} is down`;
  if (instance.sourceAddress === null) {
    return `interface ${config.interface} has no IPv${config.family} address`;
  }
  for (const device of instance.devices) {
    // keepalived: a MASTER whose addresses cannot be reached would keep traffic from its peers.
    if (!router.links.has(device)) return `interface ${device} of a VIP does not exist`;
    if (router.links.get(device)?.isRunning !== true) return `interface ${device} of a VIP is down`;
  }
  const key = instanceKey(interfaceIndex, config.family, config.virtualRouterId);
  if (router.byKey.get(key) !== instance) {
    return `virtual router id ${config.virtualRouterId} is used twice on ${config.interface}`;
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
  instance.ownFault = linkFault(router, instance) ?? fault;
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
    if (fault === null) enterBackup(turn, instance, recoveryIntervalUs(instance));
    return;
  }
  if (fault === null) return;
  // Nothing leaves an interface that is gone or down.
  const isHeard = farewell !== null && isHearable(turn.router, instance, farewell.interfaceIndex);
  enterFault(turn, instance, fault, isHeard ? farewell : null);
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
    const isConcerned = config.interface === name || devices.has(name);
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

/** Whether what is sent on the interface of that index leaves it. */
export function isHearable(
  router: Router,
  instance: Instance,
  index: number | null = instance.interfaceIndex,
): boolean {
  const link = router.links.get(instance.config.interface);
  return link?.isRunning === true && link.index === index;
}

export function linkByIndex(router: Router, index: number): LinkFact | undefined {
  for (const link of router.links.values()) if (link.index === index) return link;
  return undefined;
}
