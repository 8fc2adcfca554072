// The zod schema of what the checker child is told (messages.ts). Unknown fields are refused, so
// that a child and a parent of different releases notice it at once.

import * as z from "zod/mini";
import { checkerConfigSchema } from "../schema/config-checker-schema.js";
import {
  nameAnswerSchema,
  realServerSnapshot,
  virtualServerSnapshot,
} from "./checker-snapshot-schema.js";
import type { ToChecker } from "./messages.js";
import { generation, reportStatistics, stop, trackerReport } from "./order-parts-schema.js";

export const toCheckerSchema: z.ZodMiniType<ToChecker> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("configure"),
    generation,
    config: checkerConfigSchema,
    resume: z.array(realServerSnapshot),
    resumeVirtualServers: z.array(virtualServerSnapshot),
    trackers: z.array(trackerReport),
    isSyncMaster: z.boolean(),
    answers: z.optional(z.array(nameAnswerSchema)),
  }),
  z.strictObject({ type: z.literal("trackerChanged"), report: trackerReport }),
  z.strictObject({ type: z.literal("syncMaster"), isMaster: z.boolean() }),
  z.strictObject({
    type: z.literal("drain"),
    virtualServer: z.string(),
    realServer: z.string(),
    isOn: z.boolean(),
  }),
  z.strictObject({
    type: z.literal("plan"),
    running: checkerConfigSchema,
    next: checkerConfigSchema,
    resume: z.array(realServerSnapshot),
    resumeVirtualServers: z.array(virtualServerSnapshot),
    answers: z.array(nameAnswerSchema),
    trackers: z.array(trackerReport),
    isSyncMaster: z.boolean(),
  }),
  stop,
  reportStatistics,
]);
