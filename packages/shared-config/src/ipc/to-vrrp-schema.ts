// The zod schema of what the VRRP child is told (messages.ts). Unknown fields are refused, so that
// a child and a parent of different releases notice it at once.

import * as z from "zod/mini";
import { vrrpConfigSchema } from "../schema/config-vrrp-schema.js";
import type { ToVrrp } from "./messages.js";
import { generation, reportStatistics, stop, watchReport } from "./order-parts-schema.js";
import { instanceSnapshot } from "./vrrp-snapshot-schema.js";

export const toVrrpSchema: z.ZodMiniType<ToVrrp> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("configure"),
    generation,
    config: vrrpConfigSchema,
    resume: z.array(instanceSnapshot),
    trackers: z.array(watchReport),
    isInMaintenance: z.optional(z.literal(true)),
  }),
  z.strictObject({ type: z.literal("trackerChanged"), report: watchReport }),
  z.strictObject({ type: z.literal("announce"), instance: z.string() }),
  z.strictObject({ type: z.literal("failover"), instance: z.string() }),
  z.strictObject({ type: z.literal("maintenance"), isOn: z.boolean() }),
  z.strictObject({
    type: z.literal("plan"),
    running: vrrpConfigSchema,
    next: vrrpConfigSchema,
    resume: z.array(instanceSnapshot),
    trackers: z.array(watchReport),
    isInMaintenance: z.boolean(),
  }),
  stop,
  reportStatistics,
]);
