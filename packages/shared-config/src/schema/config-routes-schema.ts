// The zod schemas of config-routes.ts.

import { z } from "zod";
import type { StaticConfig, VirtualAddress } from "./config-routes.js";
import { interfaceName, ipText } from "./config-schema-parts.js";

export const virtualAddress: z.ZodType<VirtualAddress> = z.strictObject({
  address: ipText,
  prefixLength: z.number().int().min(0).max(128),
  device: interfaceName,
  label: interfaceName.optional(),
  scope: z.number().int().min(0).max(255),
  broadcast: ipText.optional(),
});

export const statics: z.ZodType<StaticConfig> = z.strictObject({
  addresses: z.array(virtualAddress),
});
