// How long each wrong may last: the arithmetic that the checkers compare with. Derived from RFC
// 9568 section 6.1 and the network's limits, not from the code under test.

import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Scenario } from "./scenario.js";

/** Clocks run wrong by at most this share. */
export const clockErrorMax = 0.005;

/** Clocks that run slow stretch every wait. */
const stretch = 1 + 2 * clockErrorMax;

/**
 * Active_Down_Interval at its longest: the slowest router's interval learnt, the lowest priority.
 */
export function masterDownIntervalMaxUs(configs: readonly VrrpInstanceConfig[]): number {
  const slowest = Math.max(...configs.map(({ advertIntervalUs }) => advertIntervalUs));
  const adverts = Math.max(...configs.map(({ downTimerAdverts }) => downTimerAdverts));
  return (adverts + 1) * Math.max(slowest, 1);
}

/** One advert of the better router ends a second mastership: an interval and the way. */
export function doubleMasterMaxUs(scenario: Scenario): number {
  const one = stretch * scenario.slowestUs + scenario.delayMaxUs + scenario.latenessMaxUs;
  // Two owners first resist each other: 1.2 intervals, then one more, each begun by a packet.
  return scenario.hasTwoOwners ? 4 * one : one;
}

/** Without any advert the last BACKUP steps in after its master-down interval. */
export function masterlessMaxUs(scenario: Scenario): number {
  const { silenceMaxUs, startupMaxUs, delayMaxUs, latenessMaxUs } = scenario;
  return stretch * (silenceMaxUs + startupMaxUs) + delayMaxUs + latenessMaxUs;
}

/** Until the router that should be master is, from any state. */
export function settledMaxUs(scenario: Scenario): number {
  const delays = scenario.hosts.map(({ config }) => config.preemptDelayUs);
  const once = masterlessMaxUs(scenario) + doubleMasterMaxUs(scenario);
  return 2 * once + stretch * Math.max(...delays) + 2 * scenario.slowestUs;
}

/** A BACKUP that hears priority 0 waits for its skew only (RFC 9568 §6.4.2). */
export function resignedMaxUs(scenario: Scenario, skewUs: number): number {
  return stretch * skewUs + scenario.delayMaxUs + scenario.latenessMaxUs;
}

/** RFC 9568 §6.1 Skew_Time, written apart from the code under test. */
export function skewUs(version: 2 | 3, priority: number, masterIntervalUs: number): number {
  const step = (version === 2 ? 1_000_000 : masterIntervalUs) / 256;
  return (256 - priority) * step;
}

/** While the addresses are handed over: until the successor's first advert has arrived. */
export function twoHoldersMaxUs(scenario: Scenario): number {
  return scenario.delayMaxUs + scenario.latenessMaxUs;
}

/** By how much two timers started by one advert may differ when they should not. */
export function timerJitterUs(scenario: Scenario): number {
  const wait = scenario.silenceMaxUs;
  return 2 * clockErrorMax * wait + 2 * scenario.delayMaxUs + 2 * scenario.latenessMaxUs;
}
