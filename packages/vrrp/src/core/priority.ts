// Which priority an instance has, and who wins an election. Pure derivations; RFC 9568 section 6.4.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { compareIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { Instance } from "./instance.js";

export const ownerPriority = 255;
const priorityMax = 254;
const priorityMin = 1;

export function isOwner(instance: Instance): boolean {
  return instance.config.basePriority === ownerPriority;
}

/**
 * What goes into our adverts and what others' are measured by: the configured priority with what is
 * tracked, 1 to 254. An owner's never changes (vrrp_track.c), unless another owner will not yield.
 */
export function effectivePriority(instance: Instance): number {
  const { basePriority } = instance.config;
  if (basePriority === ownerPriority) return instance.isYielding ? priorityMax : ownerPriority;
  return Math.min(priorityMax, Math.max(priorityMin, basePriority + instance.trackedPoints));
}

/**
 * Whether an advert of `priority` from `source` beats us: RFC 9568 §6.4.3, ties go to the higher
 * address.
 */
export function outranksUs(instance: Instance, priority: number, source: string): boolean {
  const ours = effectivePriority(instance);
  if (priority !== ours) return priority > ours;
  return instance.sourceAddress !== null && isHigherAddress(source, instance.sourceAddress);
}

export function isHigherAddress(a: string, b: string): boolean {
  const left = parseIp(a);
  const right = parseIp(b);
  assert(left !== undefined && right !== undefined, "sources are valid addresses");
  return compareIp(left, right) > 0;
}
