// The zod schemas of config-groups.ts.

import { z } from "zod";
import type {
  GarpGroupConfig,
  InterfaceDelayConfig,
  LinkbeatConfig,
  SyncGroupConfig,
} from "./config-groups.js";
import { interfaceName } from "./config-schema-parts.js";

export const syncGroup: z.ZodType<SyncGroupConfig> = z.strictObject({
  name: z.string().min(1),
  members: z.array(z.string()),
});

export const garpGroup: z.ZodType<GarpGroupConfig> = z.strictObject({
  interfaces: z.array(interfaceName),
});

export const interfaceDelay: z.ZodType<InterfaceDelayConfig> = z.strictObject({
  interface: interfaceName,
});

export const linkbeat: z.ZodType<LinkbeatConfig> = z.strictObject({ interface: interfaceName });
