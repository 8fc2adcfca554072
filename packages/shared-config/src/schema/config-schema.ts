// The zod schema of config.ts: what the configuration loader must produce, and of which each child
// gets its part over IPC. Ranges stand here once; the types stand in config*.ts.

import * as z from "zod/mini";
import type { Config } from "./config.js";
import { checkerConfigSchema } from "./config-checker-schema.js";
import { globalConfigSchema } from "./config-global-schema.js";
import { trackingConfigSchema } from "./config-track-schema.js";
import { vrrpConfigSchema } from "./config-vrrp-schema.js";

/** The whole, as `--dump-config` prints it. */
export const configSchema: z.ZodMiniType<Config> = z.strictObject({
  global: globalConfigSchema,
  tracking: trackingConfigSchema,
  vrrp: z.union([vrrpConfigSchema, z.undefined()]),
  checker: z.union([checkerConfigSchema, z.undefined()]),
});
