// The zod schemas of config-groups.ts.

import * as z from "zod/mini";
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

export const syncGroup: z.ZodMiniType<SyncGroupConfig> = z.strictObject({
  name: z.string().check(z.minLength(1)),
  members: z.array(z.string().check(z.minLength(1))).check(z.minLength(1)),
  track: trackReferences,
  smtpAlert: z.boolean(),
  notifyPriorityChanges: z.boolean(),
  trackingWeights: z.boolean(),
  notifyMaster: z.optional(script),
  notifyBackup: z.optional(script),
  notifyFault: z.optional(script),
  notifyStop: z.optional(script),
  notify: z.optional(script),
});

export const garpGroup: z.ZodMiniType<GarpGroupConfig> = z.strictObject({
  interfaces: z.array(interfaceName).check(z.minLength(1)),
  garpIntervalUs: z.optional(unsigned),
  gnaIntervalUs: z.optional(unsigned),
});

const delay = microseconds.check(z.maximum(255_000_000));

export const interfaceDelay: z.ZodMiniType<InterfaceDelayConfig> = z.strictObject({
  interface: interfaceName,
  downDelayUs: delay,
  upDelayUs: delay,
});

export const linkbeat: z.ZodMiniType<LinkbeatConfig> = z.strictObject({
  interface: interfaceName,
  method: z.optional(z.enum(["MII", "ETHTOOL", "IOCTL"])),
});

export const startup: z.ZodMiniType<StartupConfig> = z.strictObject({
  startupDelayUs: unsigned,
  delayAfterBootUs: unsigned,
});

export const receiveBuffers: z.ZodMiniType<ReceiveBuffersConfig> = z.strictObject({
  unit: z.enum(["bytes", "MTU", "ADVERT"]),
  count: unsigned,
});

export const pacing: z.ZodMiniType<PacingConfig> = z.strictObject({
  garpIntervalUs: unsigned,
  gnaIntervalUs: unsigned,
});
