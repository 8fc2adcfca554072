// The zod schemas of a VRRP instance's state, which goes both ways and from one release to the
// next.

import * as z from "zod/mini";
import type { InstanceSnapshot, VrrpStateName } from "./messages.js";

export const vrrpState: z.ZodMiniType<VrrpStateName> = z.enum([
  "INIT",
  "BACKUP",
  "MASTER",
  "FAULT",
]);

export const priority: z.ZodMiniType<number> = z.int().check(z.minimum(0), z.maximum(255));

/** Exported: what a parent leaves to its successor holds these too. */
export const instanceSnapshot: z.ZodMiniType<InstanceSnapshot> = z.strictObject({
  instance: z.string(),
  state: vrrpState,
  effectivePriority: priority,
  masterAddress: z.nullable(z.string()),
  masterPriority: z.nullable(priority),
  masterAdvertIntervalUs: z.int().check(z.positive()),
  enteredAt: z.number().check(z.nonnegative()),
  sequenceFrom: z.optional(z.int().check(z.nonnegative())),
  masterReason: z.optional(z.enum(["owner", "preemption", "timeout"])),
  hasGivenAway: z.optional(z.boolean()),
});
