// The zod schemas of what messages.ts tells both children: where a generation stands, reports of
// trackers, orders without content.

import * as z from "zod/mini";
import type { TrackerReport, WatchReport } from "./messages.js";

export const generation: z.ZodMiniType<number> = z.int().check(z.positive());

const trackerKinds = ["script", "file", "process", "bfd"] as const;

const report = { name: z.string(), value: z.int() };
export const trackerReport: z.ZodMiniType<TrackerReport> = z.strictObject({
  kind: z.enum(trackerKinds),
  ...report,
});

export const watchReport: z.ZodMiniType<WatchReport> = z.strictObject({
  kind: z.enum([...trackerKinds, "link"]),
  ...report,
});

export const stop: z.ZodMiniObject<
  { type: z.ZodMiniLiteral<"stop">; keeps: z.ZodMiniOptional<z.ZodMiniLiteral<true>> },
  z.core.$strict
> = z.strictObject({ type: z.literal("stop"), keeps: z.optional(z.literal(true)) });

export const reportStatistics: z.ZodMiniObject<
  { type: z.ZodMiniLiteral<"reportStatistics">; clears: z.ZodMiniBoolean },
  z.core.$strict
> = z.strictObject({
  type: z.literal("reportStatistics"),
  clears: z.boolean(),
});
