// What an instance tracks and what follows: points added to or taken from its priority, or a FAULT.
// keepalived's rules (vrrp/vrrp_track.c). Interfaces are judged by what is known of links; scripts,
// files and processes are watched by the parent, which sends their results.

import type { TrackerKind } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  TrackReference,
  TrackReferences,
  VrrpConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { Instance, Router } from "./instance.js";

/** What all that an instance tracks comes to. */
export interface TrackingResult {
  /** Sum of the weights that count now. */
  readonly points: number;
  /** Why the instance must not take part, or null. */
  readonly fault: string | null;
  /** A script of weight 0 that has not reported yet: what the instance waits for; else null. */
  readonly awaited: string | null;
}

/** The list that names trackers of a kind. */
export const trackList: Readonly<
  Record<TrackerKind, "scripts" | "files" | "processes" | "bfdInstances">
> = { script: "scripts", file: "files", process: "processes", bfd: "bfdInstances" };

const kinds = Object.keys(trackList) as TrackerKind[];

/** vrrp_track.c: what a file adds, and from where on it is a FAULT. */
const filePointsMax = 253;
const fileFaultPoints = -254;

export function trackerKey(kind: TrackerKind, name: string): string {
  return `${kind} ${name}`;
}

/**
 * Of trackers that nothing has any more: should one be tracked again some day, its last result says
 * nothing. What is new may have reported already.
 */
export function forgetTrackers(
  { trackers }: Router,
  { instances, syncGroups }: Pick<VrrpConfig, "instances" | "syncGroups">,
): void {
  const keysOf = (track: TrackReferences): string[] =>
    kinds.flatMap((kind) => track[trackList[kind]].map(({ name }) => trackerKey(kind, name)));
  const tracked = new Set([...instances, ...syncGroups].flatMap(({ track }) => keysOf(track)));
  for (const key of trackers.keys()) if (!tracked.has(key)) trackers.delete(key);
}

/** Judges everything that `instance` and its sync group track. */
export function judgeTracking(router: Router, instance: Instance): TrackingResult {
  const sum = { points: 0, fault: null as string | null, awaited: null as string | null };
  judgeList(router, instance.config.track, sum);
  if (instance.group !== null) judgeList(router, instance.group.config.track, sum);
  return sum;
}

interface Sum {
  points: number;
  fault: string | null;
  awaited: string | null;
}

function judgeList(router: Router, track: VrrpInstanceConfig["track"], sum: Sum): void {
  for (const each of track.interfaces) {
    const isRunning = router.links.get(each.interface)?.isRunning === true;
    judge(sum, isRunning !== each.reverse, each.weight, () => {
      const state = router.links.has(each.interface) ? "is down" : "does not exist";
      return `tracked interface ${each.interface} ${each.reverse ? "is up" : state}`;
    });
  }
  for (const kind of kinds) {
    for (const each of track[trackList[kind]]) judgeTracker(router, kind, each, sum);
  }
}

function judgeTracker(router: Router, kind: TrackerKind, each: TrackReference, sum: Sum): void {
  const value = router.trackers.get(trackerKey(kind, each.name));
  if (value === undefined) {
    if (each.weight === 0 && kind === "script") sum.awaited ??= `script ${each.name}`;
    return;
  }
  if (kind === "file") judgeFile(each, value, sum);
  else {
    const isWell = (value !== 0) !== each.reverse;
    judge(sum, isWell, each.weight, () => `tracked ${kind} ${each.name} has failed`);
  }
}

function judge(sum: Sum, isWell: boolean, weight: number, reason: () => string): void {
  if (weight === 0) {
    if (!isWell) sum.fault ??= reason();
  } else if (weight > 0 === isWell) sum.points += weight;
}

/** The number in the file times the weight; a weight of 0 makes any number but 0 a FAULT. */
function judgeFile({ name, weight, reverse }: TrackReference, value: number, sum: Sum): void {
  if (weight === 0) {
    if ((value !== 0) !== reverse) sum.fault ??= `tracked file ${name} says ${value}`;
    return;
  }
  const points = value * weight * (reverse ? -1 : 1);
  if (points <= fileFaultPoints) sum.fault ??= `tracked file ${name} says ${value}`;
  else sum.points += Math.min(points, filePointsMax);
}
