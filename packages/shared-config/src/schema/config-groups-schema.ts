// The zod schemas of config-groups.ts.

import * as z from "zod";
import type {
  GarpGroupConfig,
  InterfaceDelayConfig,
  LinkbeatConfig,
  PacingConfig,
  ReceiveBuffersConfig,
  StartupConfig,
  SyncGroupConfig,
} from "./config-groups.js";
import { interfaceName, microseconds, unsigned } from "./config-schema-parts.js";
import { script } from "./config-script-schema.js";
import { trackReferences } from "./config-track-schema.js";

export const syncGroup: z.ZodType<SyncGroupConfig> = z.strictObject({
  name: z.string().min(1),
  members: z.array(z.string().min(1)).min(1),
  track: trackReferences,
  smtpAlert: z.boolean(),
  notifyPriorityChanges: z.boolean(),
  trackingWeights: z.boolean(),
  notifyMaster: script.optional(),
  notifyBackup: script.optional(),
  notifyFault: script.optional(),
  notifyStop: script.optional(),
  notify: script.optional(),
});

export const garpGroup: z.ZodType<GarpGroupConfig> = z.strictObject({
  interfaces: z.array(interfaceName).min(1),
  garpIntervalUs: unsigned.optional(),
  gnaIntervalUs: unsigned.optional(),
});

const delay = microseconds.max(255_000_000);

export const interfaceDelay: z.ZodType<InterfaceDelayConfig> = z.strictObject({
  interface: interfaceName,
  downDelayUs: delay,
  upDelayUs: delay,
});

export const linkbeat: z.ZodType<LinkbeatConfig> = z.strictObject({
  interface: interfaceName,
  method: z.enum(["MII", "ETHTOOL", "IOCTL"]).optional(),
});

export const startup: z.ZodType<StartupConfig> = z.strictObject({
  startupDelayUs: unsigned,
  delayAfterBootUs: unsigned,
});

export const receiveBuffers: z.ZodType<ReceiveBuffersConfig> = z.strictObject({
  unit: z.enum(["bytes", "MTU", "ADVERT"]),
  count: unsigned,
});

export const pacing: z.ZodType<PacingConfig> = z.strictObject({
  garpIntervalUs: unsigned,
  gnaIntervalUs: unsigned,
});
