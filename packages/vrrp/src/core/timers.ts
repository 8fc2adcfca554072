// How long to wait, and the arming of an instance's timers. RFC 9568 section 6.1; RFC 3768 section
// 6.1 for version 2. Reads no clock.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import { type Instance, type TimerName, type Turn, timerNames } from "./instance.js";
import { effectivePriority } from "./priority.js";

/** Skew_Time: the higher the priority, the sooner a BACKUP steps in. */
export function skewUs(version: 2 | 3, priority: number, masterAdvertIntervalUs: number): number {
  const unit = version === 2 ? usPerSecond : masterAdvertIntervalUs;
  return Math.floor(((256 - priority) * unit) / 256);
}

export function instanceSkewUs(instance: Instance): number {
  const { version } = instance.config;
  return skewUs(version, effectivePriority(instance), instance.masterAdvertIntervalUs);
}

/** Active_Down_Interval: how long the master may be silent. */
export function masterDownIntervalUs(instance: Instance): number {
  const { downTimerAdverts } = instance.config;
  return downTimerAdverts * instance.masterAdvertIntervalUs + instanceSkewUs(instance);
}

/** `vrrp_startup_delay`, `vrrp_delay_after_boot`: until a transition to MASTER may happen. */
export function startDelayUs({ router, now }: Turn): number {
  return Math.max(0, (router.masterFrom ?? 0) - now);
}

export function arm(turn: Turn, instance: Instance, name: TimerName, at: number): void {
  const timer = instance.timers[name];
  timer.at = at;
  turn.router.deadlines.set(timer, at);
}

export function disarm(turn: Turn, instance: Instance, name: TimerName): void {
  turn.router.deadlines.clear(instance.timers[name]);
}

export function disarmAll(turn: Turn, instance: Instance): void {
  for (const name of timerNames) disarm(turn, instance, name);
}

export function isArmed(turn: Turn, instance: Instance, name: TimerName): boolean {
  return turn.router.deadlines.at(instance.timers[name]) !== undefined;
}

/**
 * The next beat of a period: on the grid of the last one unless that instant has passed already.
 */
export function nextBeat(lastAt: number, periodUs: number, now: number): number {
  const next = lastAt + periodUs;
  return next > now ? next : now + periodUs;
}
