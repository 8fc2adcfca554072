// BACKUP: whose adverts are obeyed and when to step in. RFC 9568 section 6.4.2, with keepalived's
// `preempt_delay` (vrrp.c, vrrp_state_backup).

import type { Advert } from "../packet/advert.js";
import type { AdvertReceived } from "./advert-check.js";
import { endFailover } from "./hand-over.js";
import type { Instance, SyncGroup, Turn } from "./instance.js";
import { effectivePriority, ownerPriority } from "./priority.js";
import { hasGroupGivenAway, mayGroupBeMaster, reportGroup } from "./sync-group.js";
import { arm, instanceSkewUs, masterDownIntervalUs, startDelayUs } from "./timers.js";
import { enterMaster, forgetAdvert } from "./transition.js";
import { forgetLogged, logInstance, logOnce, reportDetail } from "./view.js";

/** A timer that fires later than this was not just late: the process did not run. */
const latenessMaxUs = 5_000;
/** The same for short intervals: the share of one. */
const latenessShareMax = 0.1;
/** A stall from here on is worth an operator's look. */
const noticeableUs = 100_000;
/** Long enough to read what lies in the sockets, and for a master that stood still with us. */
const secondLookUs = 10_000;
/** No failover waits longer than this for a machine that stood still. */
const secondAdvertMaxUs = 100_000;

export function handleBackupAdvert(
  turn: Turn,
  instance: Instance,
  { source, ageUs = 0 }: AdvertReceived,
  advert: Advert,
): void {
  const receivedAt = turn.now - ageUs;
  if (advert.priority === 0) {
    handleMasterLeaving(turn, instance, receivedAt);
    return;
  }
  if (instance.isYielding && advert.priority !== ownerPriority) {
    // The other owner is gone: whoever this is, we outrank it.
    instance.isYielding = false;
    forgetAdvert(instance);
  }
  if (!isObeyed(turn, instance, advert.priority)) {
    // RFC 9568 §6.4.2: discarded, so that the running timer ends in a takeover.
    instance.counters.lowerPriorityDiscarded++;
    const text = `received lower priority (${advert.priority}) advert from ${source} - discarding`;
    logOnce(turn, instance, "lowerPriorityDiscarded", "info", text);
    return;
  }
  learnMaster(turn, instance, source, advert);
  instance.wantsMaster = false;
  instance.wasStalled = false;
  arm(turn, instance, "masterDown", receivedAt + masterDownIntervalUs(instance));
  if (instance.config.preemptDelayUs > 0) runPreemptDelay(turn, instance, advert.priority);
  reportDetail(turn, instance);
}

export function handleMasterDown(turn: Turn, instance: Instance): void {
  const waitUs = startDelayUs(turn);
  if (waitUs > 0) {
    // Many may start at once after an outage: the skew keeps them in order.
    arm(turn, instance, "masterDown", turn.now + waitUs + instanceSkewUs(instance));
    return;
  }
  if (isStalled(turn, instance)) return;
  if (instance.isYielding) {
    // The other owner is gone, so the addresses' owner may be itself again.
    instance.isYielding = false;
    forgetAdvert(instance);
  }
  const reason = "Receive advertisement timeout";
  if (instance.group === null) enterMaster(turn, instance, reason);
  else enterMasterTogether(turn, instance, instance.group, reason);
}

/** A member of a sync group waits until all others want to be MASTER too (vrrp_sync.c). */
function enterMasterTogether(
  turn: Turn,
  instance: Instance,
  group: SyncGroup,
  reason: string,
): void {
  instance.wantsMaster = true;
  if (!mayGroupBeMaster(instance)) {
    arm(turn, instance, "masterDown", turn.now + masterDownIntervalUs(instance));
    return;
  }
  for (const member of group.members) {
    if (member.state === "BACKUP") enterMaster(turn, member, member === instance ? reason : null);
  }
  for (const member of group.members) endFailover(turn, member, "its sync group has no successor");
  reportGroup(turn, instance);
}

/** Remembers who the master is; version 3 takes over its interval (RFC 9568 §6.4.2, §6.4.3). */
export function learnMaster(turn: Turn, instance: Instance, source: string, advert: Advert): void {
  if (source !== instance.masterAddress) {
    forgetCauses(turn, instance);
    instance.masterAddress = source;
  }
  instance.masterPriority = advert.priority;
  if (instance.config.version !== 3) return;
  if (instance.masterAdvertIntervalUs === advert.advertIntervalUs) return;
  const ms = advert.advertIntervalUs / 1000;
  const text = `following the interval of ${source}: ${ms} ms`;
  logOnce(turn, instance, "advertIntervalLearnt", "detail", text);
  instance.masterAdvertIntervalUs = advert.advertIntervalUs;
}

/** Once an interval at most: senders that take turns must not make a line of each advert. */
function forgetCauses(turn: Turn, instance: Instance): void {
  if (turn.now - instance.causesForgottenAt < instance.config.advertIntervalUs) return;
  instance.causesForgottenAt = turn.now;
  forgetLogged(turn, instance);
}

/**
 * A timer that fires much too late says that this process did not run (a stopped machine,
 * overload), and perhaps its master neither. Adverts may lie unread in the sockets or be on their
 * way, so every instance whose time is up then or soon after gives its master a chance, once.
 */
function isStalled(turn: Turn, instance: Instance): boolean {
  if (instance.wasStalled) return false;
  const { router, now } = turn;
  const interval = instance.masterAdvertIntervalUs;
  const { lateUs } = router;
  let until = Math.min(router.stalledUntil, now + interval);
  if (lateUs > Math.min(latenessMaxUs, interval * latenessShareMax)) {
    const patience = Math.min(interval, lateUs < interval ? secondLookUs : secondAdvertMaxUs);
    until = now + patience;
    router.stalledUntil = Math.max(router.stalledUntil, until);
    const text = `A thread timer expired ${(lateUs / 1_000_000).toFixed(6)} seconds ago`;
    logInstance(turn, instance, lateUs > noticeableUs ? "warn" : "debug", text);
  }
  if (until <= now) return false;
  instance.wasStalled = true;
  arm(turn, instance, "masterDown", until);
  return true;
}

/** RFC 9568 §6.4.2: priority 0 means that the master is leaving, so wait only the skew time. */
function handleMasterLeaving(turn: Turn, instance: Instance, receivedAt: number): void {
  instance.counters.priorityZeroReceived++;
  logOnce(
    turn,
    instance,
    "priorityZeroReceived",
    "info",
    "Backup received priority 0 advertisement",
  );
  arm(turn, instance, "masterDown", receivedAt + instanceSkewUs(instance));
}

function isObeyed(turn: Turn, instance: Instance, priority: number): boolean {
  const { config } = instance;
  const hasGivenAway = hasGroupGivenAway(instance);
  if (!config.preempt || hasGivenAway || priority >= effectivePriority(instance)) return true;
  if (instance.config.preemptDelayUs === 0) return false;
  return instance.preemptAt === null || instance.preemptAt > turn.now;
}

/** The delay starts with the first lower advert; an equal or higher one cancels it. */
function runPreemptDelay(turn: Turn, instance: Instance, priority: number): void {
  if (priority >= effectivePriority(instance)) {
    if (instance.preemptAt === null) return;
    instance.preemptAt = null;
    logInstance(
      turn,
      instance,
      "detail",
      "a master of our priority or better is back, preemption is off",
    );
  } else if (instance.preemptAt === null && instance.config.preempt) {
    instance.preemptAt = turn.now + instance.config.preemptDelayUs;
    const seconds = instance.config.preemptDelayUs / 1_000_000;
    logInstance(turn, instance, "detail", `heard a lower priority, preemption in ${seconds} s`);
  }
}
