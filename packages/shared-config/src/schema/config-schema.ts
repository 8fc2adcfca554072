// The zod schemas of config.ts: what a child accepts as its configuration over IPC, and what the
// configuration loader must produce. Ranges stand here once; the types stand in config*.ts.

import * as z from "zod/mini";
import type { CheckerConfig, Config, VrrpConfig, VrrpFirewallConfig } from "./config.js";
import { ssl, virtualServer, virtualServerGroup } from "./config-checker-schema.js";
import { checkerIpvs, globalConfigSchema } from "./config-global-schema.js";
import {
  garpGroup,
  interfaceDelay,
  linkbeat,
  pacing,
  receiveBuffers,
  startup,
  syncGroup,
} from "./config-groups-schema.js";
import { processConfig } from "./config-process-schema.js";
import { statics } from "./config-routes-schema.js";
import { trackingConfigSchema } from "./config-track-schema.js";
import { vrrpInstance } from "./config-vrrp-schema.js";

const firewall: z.ZodMiniType<VrrpFirewallConfig> = z.strictObject({
  table: z.string().check(z.minLength(1), z.maxLength(254)),
  priority: z.int().check(z.minimum(-2147483648), z.maximum(2147483647)),
  usesInterfaceIndex: z.boolean(),
  hasCounters: z.boolean(),
});

export const vrrpConfigSchema: z.ZodMiniType<VrrpConfig> = z.strictObject({
  process: processConfig,
  startup,
  logUnknownVrids: z.boolean(),
  firewall,
  statics,
  pacing,
  receiveBuffers: z.optional(receiveBuffers),
  garpGroups: z.array(garpGroup),
  interfaceDelays: z.array(interfaceDelay),
  linkbeat: z.array(linkbeat),
  syncGroups: z.array(syncGroup),
  instances: z.array(vrrpInstance),
});

export const checkerConfigSchema: z.ZodMiniType<CheckerConfig> = z.strictObject({
  process: processConfig,
  ipvs: checkerIpvs,
  ssl,
  groups: z.array(virtualServerGroup),
  virtualServers: z.array(virtualServer),
});

/** The whole, as `--dump-config` prints it. */
export const configSchema: z.ZodMiniType<Config> = z.strictObject({
  global: globalConfigSchema,
  tracking: trackingConfigSchema,
  vrrp: z.union([vrrpConfigSchema, z.undefined()]),
  checker: z.union([checkerConfigSchema, z.undefined()]),
});
