// The zod schema of config-script.ts.

import * as z from "zod/mini";
import { unsigned } from "./config-schema-parts.js";
import type { ScriptConfig } from "./config-script.js";

export const script: z.ZodMiniType<ScriptConfig> = z.strictObject({
  argv: z.array(z.string()).check(z.minLength(1)),
  path: z.optional(z.string()),
  user: z.string().check(z.minLength(1)),
  group: z.optional(z.string()),
  hasSupplementaryGroups: z.optional(z.boolean()),
  uid: z.optional(unsigned),
  gid: z.optional(unsigned),
});
