// The zod schema of config-global.ts.

import { z } from "zod";
import type { GlobalConfig } from "./config-global.js";

export const globalConfigSchema: z.ZodType<GlobalConfig> = z.strictObject({
  routerId: z.string(),
});
