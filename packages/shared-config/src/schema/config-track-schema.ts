// The zod schemas of config-track.ts.

import { z } from "zod";
import type { TrackingConfig } from "./config-track.js";

const name = z.string().min(1);

export const trackingConfigSchema: z.ZodType<TrackingConfig> = z.strictObject({
  scripts: z.array(z.strictObject({ name })),
  files: z.array(z.strictObject({ name })),
  processes: z.array(z.strictObject({ name })),
  bfdInstances: z.array(z.strictObject({ name })),
});
