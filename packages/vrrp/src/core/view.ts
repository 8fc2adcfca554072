// What the core shows of itself: snapshots, counters, reports and log lines. Changes nothing but
// the record of what was reported, and what was reserved by reporting it.

import type { LogLevel } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type {
  InstanceSnapshot,
  RefusalCause,
  VrrpStateName,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Instance, LoggedCause, Repeated, Router, Turn } from "./instance.js";
import { effectivePriority } from "./priority.js";

/** How often a cause is told that goes on. */
const sayAgainUs = 600 * usPerSecond;

/** The parent is told once in so many adverts, and a successor skips as many at most. */
const sequenceReserve = 65_536;

export function snapshots(router: Router): InstanceSnapshot[] {
  return [...router.instances.values(), ...removedOf(router)].map(snapshotOf);
}

/** Removed instances that still keep their addresses, as they are configured. */
export function leavingConfigs(router: Router): VrrpInstanceConfig[] {
  return removedOf(router).map(({ config }) => config);
}

/** Whether the router was stopped and nobody waits for a successor any more. */
export function isFinished(router: Router): boolean {
  return router.isStopped && router.leaving.size === 0;
}

function removedOf({ leaving }: Router): Instance[] {
  return [...leaving].filter(({ ending }) => ending === "removal");
}

/** The configuration in force, or undefined when there is no such instance. */
export function instanceConfig(router: Router, name: string): VrrpInstanceConfig | undefined {
  return router.instances.get(name)?.config;
}

export function reportState(turn: Turn, instance: Instance, previous: VrrpStateName): void {
  const snapshot = snapshotOf(instance);
  instance.reported = snapshot;
  instance.reportedAt = turn.now;
  turn.actions.push({ type: "reportInstance", previous, snapshot });
}

/**
 * Tells the parent about a new master and the like, so that a successor can go on from there. At
 * most once an advert interval: senders that take turns must not flood the parent.
 */
export function reportDetail(turn: Turn, instance: Instance): void {
  const told = instance.reported;
  if (
    told !== null &&
    told.masterAddress === instance.masterAddress &&
    told.masterPriority === instance.masterPriority &&
    told.masterAdvertIntervalUs === instance.masterAdvertIntervalUs &&
    told.effectivePriority === effectivePriority(instance)
  ) {
    return;
  }
  // The first master heard after a transition is told at once.
  const isFirst = told === null || told.masterAddress === null;
  if (!isFirst && turn.now - instance.reportedAt < instance.config.advertIntervalUs) return;
  reportState(turn, instance, instance.state);
}

/** `(X) text`, as keepalived writes about an instance. */
export function logInstance(turn: Turn, instance: Instance, level: LogLevel, text: string): void {
  const { name } = instance;
  const record = { level, text: `(${name}) ${text}`, about: { instance: name } };
  turn.actions.push({ type: "log", record });
}

/**
 * The same, once since the state or the master changed; then every ten minutes, and when they
 * change, with how often it would have been said.
 */
export function logOnce(
  turn: Turn,
  instance: Instance,
  cause: LoggedCause,
  level: LogLevel,
  text: string,
): void {
  const said = instance.loggedCauses.get(cause);
  if (said === undefined) {
    instance.loggedCauses.set(cause, { level, text, saidAt: turn.now, count: 0 });
    logInstance(turn, instance, level, text);
    return;
  }
  said.count += 1;
  said.text = text;
  if (turn.now - said.saidAt < sayAgainUs) return;
  sayAgain(turn, instance, said);
  said.saidAt = turn.now;
  said.count = 0;
}

/** The state or the master changes: what was logged once may be logged again. */
export function forgetLogged(turn: Turn, instance: Instance): void {
  for (const said of instance.loggedCauses.values()) {
    if (said.count > 0) sayAgain(turn, instance, said);
  }
  instance.loggedCauses.clear();
}

function sayAgain(turn: Turn, instance: Instance, { level, text, count }: Repeated): void {
  const times = `${count} ${count === 1 ? "time" : "times"}`;
  logInstance(turn, instance, level, `${text} (${times} since this was said last)`);
}

/** A flood of bad packets is told of once a second for each cause. */
export function reportRefusal(
  turn: Turn,
  instance: Instance,
  cause: RefusalCause,
  source: string,
): void {
  const toldAt = instance.refusalToldAt.get(cause) ?? Number.NEGATIVE_INFINITY;
  if (turn.now - toldAt < usPerSecond) return;
  instance.refusalToldAt.set(cause, turn.now);
  turn.actions.push({ type: "reportRefusal", instance: instance.name, cause, source });
}

function snapshotOf(instance: Instance): InstanceSnapshot {
  return {
    instance: instance.name,
    state: instance.state,
    effectivePriority: effectivePriority(instance),
    masterAddress: instance.masterAddress,
    masterPriority: instance.masterPriority,
    masterAdvertIntervalUs: instance.masterAdvertIntervalUs,
    enteredAt: instance.enteredAt,
    ...sequenceOf(instance),
    ...(instance.hasGivenAway ? { hasGivenAway: true } : {}),
    ...(instance.masterReason === null ? {} : { masterReason: instance.masterReason }),
  };
}

/** Every number below was perhaps used: see Instance.reservedSequence. */
function sequenceOf(instance: Instance): Pick<InstanceSnapshot, "sequenceFrom"> {
  if (instance.config.headerAuthentication === undefined) return {};
  if (instance.sequence >= instance.reservedSequence) {
    instance.reservedSequence = instance.sequence + sequenceReserve;
  }
  return { sequenceFrom: instance.reservedSequence };
}
