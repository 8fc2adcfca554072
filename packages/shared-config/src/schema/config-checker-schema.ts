// The zod schemas of config-checker.ts.

import { z } from "zod";
import type { SslConfig, VirtualServerConfig, VirtualServerGroupConfig } from "./config-checker.js";
import { ipFamily, ipText, microseconds, port } from "./config-schema-parts.js";

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

export const virtualServer: z.ZodType<VirtualServerConfig> = z.strictObject({
  name: z.string().min(1),
  key: serviceKey,
  scheduler: z.string().min(1).max(15),
  persistenceTimeoutS: z.number().int().positive().optional(),
  persistenceGranularity: z.number().int().min(1).max(128).optional(),
  realServers: z.array(realServer),
});

export const ssl: z.ZodType<SslConfig> = z.strictObject({ ca: z.string().optional() });

export const virtualServerGroup: z.ZodType<VirtualServerGroupConfig> = z.strictObject({
  name: z.string().min(1),
});
