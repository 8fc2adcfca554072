// What follows when an instance's priority changes: the log, the advert, the running timer of a
// BACKUP. keepalived's vrrp_set_effective_priority (vrrp/vrrp_track.c).

import type { Instance, Turn } from "./instance.js";
import { effectivePriority } from "./priority.js";
import { arm, instanceSkewUs, masterDownIntervalUs } from "./timers.js";
import { forgetAdvert } from "./transition.js";
import { logInstance } from "./view.js";

/**
 * Carries out `change` and what follows from another priority or interval. True when the priority
 * is another one; what the parent is told then is the caller's business.
 */
export function changePriority(turn: Turn, instance: Instance, change: () => void): boolean {
  const formerPriority = effectivePriority(instance);
  const formerDownUs = masterDownIntervalUs(instance);
  change();
  const priority = effectivePriority(instance);
  const isOther = priority !== formerPriority;
  if (isOther && instance.state !== "INIT") {
    const text = `Changing effective priority from ${formerPriority} to ${priority}`;
    logInstance(turn, instance, "info", text);
    forgetAdvert(instance);
  }
  if (instance.state === "BACKUP") shiftMasterDown(turn, instance, formerDownUs);
  return isOther;
}

/**
 * A running timer moves by the difference of the two intervals, not into the past. Nor does that
 * put it off: with a priority that goes up and down nobody would ever take over.
 */
function shiftMasterDown(turn: Turn, instance: Instance, formerDownUs: number): void {
  const differenceUs = masterDownIntervalUs(instance) - formerDownUs;
  if (differenceUs === 0) return;
  const { at } = instance.timers.masterDown;
  const soonest = Math.min(at, turn.now + instanceSkewUs(instance));
  arm(turn, instance, "masterDown", Math.max(at + differenceUs, soonest));
}
