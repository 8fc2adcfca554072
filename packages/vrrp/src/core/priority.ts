// Which priority an instance has, and who wins an election. Pure derivations; RFC 9568 section 6.4.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { compareIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { Instance } from "./instance.js";

export const ownerPriority = 255;

export function isOwner(instance: Instance): boolean {
  return instance.config.basePriority === ownerPriority;
}

/** What goes into our adverts and what others' are measured by. */
export function effectivePriority(instance: Instance): number {
  return instance.isYielding ? ownerPriority - 1 : instance.config.basePriority;
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
