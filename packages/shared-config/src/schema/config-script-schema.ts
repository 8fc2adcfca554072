// The zod schema of config-script.ts.

import * as z from "zod";
import { unsigned } from "./config-schema-parts.js";
import type { ScriptConfig } from "./config-script.js";

export const script: z.ZodType<ScriptConfig> = z.strictObject({
  argv: z.array(z.string()).min(1),
  path: z.string().optional(),
  user: z.string().min(1),
  group: z.string().optional(),
  hasSupplementaryGroups: z.boolean().optional(),
  uid: unsigned.optional(),
  gid: unsigned.optional(),
});
