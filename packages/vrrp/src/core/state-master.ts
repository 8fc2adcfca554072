// MASTER: the rhythm of adverts and what to make of those of others. RFC 9568 section 6.4.3, with
// keepalived's answers to lower priorities and to a second owner (vrrp.c, vrrp_state_master_rx,
// vrrp_rogue_timer_thread).

import { observe } from "@keepalived-ts/shared-config/base/histogram";
import type { Advert } from "../packet/advert.js";
import type { AdvertReceived } from "./advert-check.js";
import { announceAgainstLowerPriority } from "./garp.js";
import type { Instance, Turn } from "./instance.js";
import { effectivePriority, isHigherAddress, outranksUs, ownerPriority } from "./priority.js";
import { handleBackupAdvert, learnMaster } from "./state-backup.js";
import { companions, giveWayToo } from "./sync-group.js";
import { arm, isArmed, masterDownIntervalUs, nextBeat, skewUs } from "./timers.js";
import {
  enterBackup,
  forgetAdvert,
  forgetMaster,
  sendAdvert,
  sendAdvertNow,
} from "./transition.js";
import { logInstance, reportDetail, reportState } from "./view.js";

/** How long a second owner may take to give way, in intervals of the slower one. */
const rivalOwnerIntervals = 1.2;

export function handleAdvertDue(turn: Turn, instance: Instance): void {
  const { at: dueAt } = instance.timers.advert;
  observe(turn.router.advertLateness, turn.now - dueAt);
  if (isOvertaken(turn, instance, dueAt)) {
    fallBehind(turn, instance, dueAt);
    return;
  }
  sendAdvert(turn, instance);
  if (instance.sequence > instance.reservedSequence) reportState(turn, instance, instance.state);
  const { at } = instance.timers.advert;
  arm(turn, instance, "advert", nextBeat(at, instance.config.advertIntervalUs, turn.now));
}

export function handleMasterAdvert(
  turn: Turn,
  instance: Instance,
  event: AdvertReceived,
  advert: Advert,
): void {
  const { source } = event;
  const { at: dueAt } = instance.timers.advert;
  if (isOvertaken(turn, instance, dueAt)) {
    // The socket came before the timer: this advert is the one of whoever has taken over.
    fallBehind(turn, instance, dueAt);
    handleBackupAdvert(turn, instance, event, advert);
  } else if (advert.priority === 0) {
    // RFC 9568 §6.4.3: somebody leaves who thought to be master; assert ourselves.
    instance.counters.priorityZeroReceived++;
    sendAdvertNow(turn, instance);
  } else if (isRivalOwner(instance, source, advert)) {
    resistRivalOwner(turn, instance, source, advert);
  } else if (outranksUs(instance, advert.priority, source)) {
    giveWay(turn, instance, source, advert);
  } else {
    assertOurselves(turn, instance, source, advert);
  }
}

/**
 * `timer_expired_backup`: this process stood still for so long that a router of the priority it
 * names, the highest another may have, has missed our adverts and taken over.
 */
function isOvertaken(turn: Turn, { config }: Instance, dueAt: number): boolean {
  const { timerExpiredBackup, version, advertIntervalUs, downTimerAdverts } = config;
  if (timerExpiredBackup === undefined) return false;
  const silenceUs = turn.now - (dueAt - advertIntervalUs);
  const skew = skewUs(version, timerExpiredBackup, advertIntervalUs);
  return silenceUs > downTimerAdverts * advertIntervalUs + skew;
}

/** Silently, for a farewell would only unsettle whoever has taken over. */
function fallBehind(turn: Turn, instance: Instance, dueAt: number): void {
  const seconds = ((turn.now - dueAt) / 1_000_000).toFixed(6);
  const text = `Timer expired ${seconds} seconds ago: another router must have taken over`;
  logInstance(turn, instance, "warn", text);
  forgetMaster(instance);
  enterBackup(turn, instance, masterDownIntervalUs(instance));
  giveWayToo(turn, instance);
}

/** The time given to a second owner is over: we yield. Once more: it has gone, so we are back. */
export function handleRivalOwner(turn: Turn, instance: Instance): void {
  if (!instance.isYielding && !instance.hasRivalOwner) return;
  const former = effectivePriority(instance);
  // Had the rival been heard while we yield, it would have made us BACKUP.
  instance.isYielding = !instance.isYielding;
  forgetAdvert(instance);
  const ours = effectivePriority(instance);
  const text = `Changing effective priority from ${former} to ${ours}`;
  logInstance(turn, instance, "warn", text);
  sendAdvertNow(turn, instance);
  if (instance.isYielding) watchRivalOwner(turn, instance, instance.config.advertIntervalUs);
  reportDetail(turn, instance);
}

function watchRivalOwner(turn: Turn, instance: Instance, slowerIntervalUs: number): void {
  instance.hasRivalOwner = false;
  arm(turn, instance, "rivalOwner", turn.now + Math.ceil(rivalOwnerIntervals * slowerIntervalUs));
}

/** RFC 9568 §6.4.3: a higher priority, or an equal one from a higher address. */
function giveWay(turn: Turn, instance: Instance, source: string, advert: Advert): void {
  const ours = effectivePriority(instance);
  const reason =
    advert.priority === ours
      ? `equal priority ${ours} and a higher address`
      : `higher priority ${advert.priority}, ours ${ours}`;
  if (instance.config.higherPrioritySendAdvert) sendAdvert(turn, instance);
  logInstance(turn, instance, "info", `Master received advert from ${source} with ${reason}`);
  learnMaster(turn, instance, source, advert);
  enterBackup(turn, instance, masterDownIntervalUs(instance));
  giveWayToo(turn, instance);
}

/** RFC 9568 §6.4.3: an advert at once, for the sender and for the bridges it has misled. */
function assertOurselves(turn: Turn, instance: Instance, source: string, advert: Advert): void {
  if (!instance.config.lowerPriorityNoAdvert) sendAdvertNow(turn, instance);
  // The burst and the line once an interval only, whatever the network sends.
  const { lowerPriorityAnsweredAt: answeredAt } = instance;
  if (answeredAt !== null && turn.now - answeredAt < instance.config.advertIntervalUs) return;
  instance.lowerPriorityAnsweredAt = turn.now;
  announceAgainstLowerPriority(turn, instance);
  // The neighbours of the whole sync group may have been misled (vrrp_state_master_rx).
  for (const companion of companions(instance)) {
    if (companion.state === "MASTER") announceAgainstLowerPriority(turn, companion);
  }
  const ours = effectivePriority(instance);
  const priorities = `lower priority ${advert.priority}, ours ${ours}`;
  const text = `Received advert from ${source} with ${priorities}, forcing new election`;
  logInstance(turn, instance, "info", text);
  turn.actions.push({ type: "reportLowerPriority", instance: instance.name });
}

/** An owner with a lower address than ours; one with a higher address simply outranks us. */
function isRivalOwner(instance: Instance, source: string, advert: Advert): boolean {
  if (advert.priority !== ownerPriority || effectivePriority(instance) !== ownerPriority) {
    return false;
  }
  return instance.sourceAddress !== null && isHigherAddress(instance.sourceAddress, source);
}

function resistRivalOwner(turn: Turn, instance: Instance, source: string, advert: Advert): void {
  if (isArmed(turn, instance, "rivalOwner")) {
    instance.hasRivalOwner = true;
    return;
  }
  // Two, in case the rival misses one.
  sendAdvert(turn, instance);
  sendAdvertNow(turn, instance);
  const slower = Math.max(instance.config.advertIntervalUs, advert.advertIntervalUs);
  watchRivalOwner(turn, instance, slower);
  const text = `Received advert from ${source} that claims to own our addresses too`;
  logInstance(turn, instance, "warn", text);
}
