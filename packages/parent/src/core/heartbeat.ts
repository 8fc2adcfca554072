// Whether a child that has fallen silent hangs or merely waits for its turn. Children say that they
// are alive several times a second; what is counted is the silence that the parent has watched at
// its own steady beat: a parent or machine that stood still suspects nobody when it goes on.
// Pure: when to look and what was seen are handed in.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import type { ChildKind, ChildSight } from "./event.js";

/** How often the parent looks; children speak as often (aliveIntervalMs of the messages). */
export const beatUs: number = usPerSecond / 4;
/** A beat that comes later than this says that the parent has waited for its own turn. */
const tardyUs = beatUs / 2;
/** From here on it is looked at what the child does. */
const suspiciousUs = 2 * beatUs;
const hangLeastUs = usPerSecond;
const hangMostUs = 10 * usPerSecond;
/** For one that may be starved, be waiting for a disk, or be held by a debugger. */
export const patienceUs: number = 30 * usPerSecond;
/** Part of a silence that a process must have computed to be called busy with itself. */
const spinningPart = 0.75;

export interface Heartbeat {
  /** When the parent looks next. */
  dueAt: number;
  hasSpoken: boolean;
  silentUs: number;
  /** The first look at it since it fell silent. */
  first: { readonly sight: ChildSight; readonly silentUs: number } | undefined;
}

export function createHeartbeat(now: number): Heartbeat {
  return { dueAt: now + beatUs, hasSpoken: true, silentUs: 0, first: undefined };
}

/** One beat of the parent; returns whether it should look at what the child does. */
export function beat(heartbeat: Heartbeat, now: number): boolean {
  const isSteady = now - heartbeat.dueAt <= tardyUs;
  const isQuiet = isSteady && !heartbeat.hasSpoken;
  heartbeat.dueAt = now + beatUs;
  heartbeat.hasSpoken = false;
  heartbeat.silentUs = isQuiet ? heartbeat.silentUs + beatUs : 0;
  if (!isQuiet) heartbeat.first = undefined;
  return heartbeat.silentUs >= suspiciousUs;
}

/** Whether the child hangs, by what was seen of it at this beat; `hangUs` is its limit. */
export function judge(heartbeat: Heartbeat, sight: ChildSight, hangUs: number): boolean {
  const { silentUs } = heartbeat;
  heartbeat.first ??= { sight, silentUs };
  return silentUs >= (hasItsTurn(heartbeat.first, sight, silentUs) ? hangUs : patienceUs);
}

/** Nothing of the machine's keeps it from answering: it stands still, sleeps, or spins. */
function hasItsTurn(
  first: NonNullable<Heartbeat["first"]>,
  { state, cpuUs }: ChildSight,
  silentUs: number,
): boolean {
  if (state === "stopped" || state === "sleeping") return true;
  if (state !== "running") return false;
  const watchedUs = silentUs - first.silentUs;
  return watchedUs > 0 && cpuUs - first.sight.cpuUs >= watchedUs * spinningPart;
}

/**
 * How long a child may be silent. A MASTER that is replaced within `down - 1` advert intervals of
 * its last advert loses nothing: half of it for the suspicion, half for the successor's start.
 */
export function hangLimitUs(kind: ChildKind, config: Config): number {
  if (kind === "checker") return hangMostUs;
  const limits = (config.vrrp?.instances ?? []).map(
    ({ advertIntervalUs, downTimerAdverts }) => (advertIntervalUs * (downTimerAdverts - 1)) / 2,
  );
  return Math.max(hangLeastUs, Math.min(hangMostUs, ...limits));
}
