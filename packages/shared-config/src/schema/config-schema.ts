// The zod schemas of config.ts: what a child accepts as its configuration over IPC, and what the
// configuration loader must produce. Ranges stand here once; the types stand in config.ts.

import { z } from "zod";
import type { CheckerConfig, VrrpConfig } from "./config.js";

const microseconds = z.number().int().nonnegative();
const ipText = z.string().min(2).max(45);
const ipFamily = z.union([z.literal(4), z.literal(6)]);
const port = z.number().int().min(0).max(65535);
/** IFNAMSIZ less the final NUL (linux/if.h). */
const interfaceName = z.string().min(1).max(15);

const process = z.strictObject({
  nicePriority: z.number().int().min(-20).max(19).optional(),
});

const virtualAddress = z.strictObject({
  address: ipText,
  prefixLength: z.number().int().min(0).max(128),
  device: interfaceName,
  label: interfaceName.optional(),
  scope: z.number().int().min(0).max(255),
  broadcast: ipText.optional(),
});

const garp = z.strictObject({
  masterDelayUs: microseconds,
  masterRepeat: z.number().int().nonnegative(),
  masterRefreshUs: microseconds,
  masterRefreshRepeat: z.number().int().nonnegative(),
  lowerPriorityDelayUs: microseconds,
  lowerPriorityRepeat: z.number().int().nonnegative(),
});

const vrrpInstance = z.strictObject({
  name: z.string().min(1).max(255),
  wantedState: z.enum(["MASTER", "BACKUP"]),
  interface: interfaceName,
  family: ipFamily,
  version: z.union([z.literal(2), z.literal(3)]),
  virtualRouterId: z.number().int().min(1).max(255),
  basePriority: z.number().int().min(1).max(255),
  advertIntervalUs: z.number().int().min(10_000).max(255_000_000),
  preempt: z.boolean(),
  preemptDelayUs: microseconds,
  downTimerAdverts: z.number().int().min(1).max(100),
  authentication: z
    .strictObject({ type: z.literal("PASS"), data: z.string().regex(/^[0-9a-f]{16}$/) })
    .optional(),
  virtualAddresses: z.array(virtualAddress).max(255),
  excludedAddresses: z.array(virtualAddress),
  sourceAddress: ipText.optional(),
  multicastGroup: ipText,
  trackPrimary: z.boolean(),
  lowerPriorityNoAdvert: z.boolean(),
  higherPrioritySendAdvert: z.boolean(),
  ownerIgnoreAdverts: z.boolean(),
  skipCheckAdvertAddresses: z.boolean(),
  garp,
});

export const vrrpConfigSchema: z.ZodType<VrrpConfig> = z.strictObject({
  process,
  instances: z.array(vrrpInstance),
});

const serviceKey = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("address"),
    address: ipText,
    port,
    protocol: z.enum(["TCP", "UDP", "SCTP"]),
  }),
  z.strictObject({
    kind: z.literal("fwmark"),
    mark: z.number().int().min(1).max(4294967295),
    family: ipFamily,
  }),
]);

const tcpCheck = z.strictObject({
  kind: z.literal("TCP_CHECK"),
  connectAddress: ipText,
  connectPort: z.number().int().min(1).max(65535),
  bindAddress: ipText.optional(),
  bindPort: port.optional(),
  connectTimeoutUs: microseconds,
  retry: z.number().int().nonnegative(),
  delayBeforeRetryUs: microseconds,
  delayLoopUs: microseconds,
  warmupUs: microseconds,
});

const realServer = z.strictObject({
  address: ipText,
  port,
  weight: z.number().int().min(0).max(65535),
  forwarding: z.enum(["NAT", "DR", "TUN"]),
  checks: z.array(tcpCheck),
});

const virtualServer = z.strictObject({
  name: z.string().min(1),
  key: serviceKey,
  scheduler: z.string().min(1).max(15),
  persistenceTimeoutS: z.number().int().positive().optional(),
  persistenceGranularity: z.number().int().min(1).max(128).optional(),
  realServers: z.array(realServer),
});

export const checkerConfigSchema: z.ZodType<CheckerConfig> = z.strictObject({
  process,
  virtualServers: z.array(virtualServer),
});
