// The zod schemas of config-checker.ts.

import * as z from "zod";
import type {
  GroupEntry,
  SslConfig,
  VirtualServerConfig,
  VirtualServerGroupConfig,
} from "./config-checker.js";
import { check } from "./config-checks-schema.js";
import { ipFamily, ipText, microseconds, port, unsigned } from "./config-schema-parts.js";
import { script } from "./config-script-schema.js";

const protocol = z.enum(["TCP", "UDP", "SCTP"]);
const mark = unsigned.min(1);

export const virtualServerKey: z.ZodType<VirtualServerConfig["key"]> = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("address"), address: ipText, port, protocol }),
    z.strictObject({ kind: z.literal("fwmark"), mark, family: ipFamily }),
    z.strictObject({
      kind: z.literal("group"),
      group: z.string().min(1),
      family: ipFamily,
      protocol: protocol.optional(),
    }),
  ],
);

const forwarding = {
  forwarding: z.enum(["NAT", "DR", "TUN"]),
  tunnel: z
    .strictObject({
      type: z.enum(["gue", "gre"]),
      port: port.min(1).optional(),
      checksum: z.enum(["nocsum", "csum", "remcsum"]),
    })
    .optional(),
};

/** 255 octets on the wire (RFC 1035 section 3.1). */
export const dnsName: z.ZodString = z.string().min(1).max(253);

const realServer = z.strictObject({
  address: ipText,
  dnsName: dnsName.optional(),
  port,
  weight: z.number().int().min(0).max(65535),
  ...forwarding,
  upperThreshold: unsigned,
  lowerThreshold: unsigned,
  inhibitOnFailure: z.boolean(),
  drainTimeoutUs: microseconds.optional(),
  slowStartUs: microseconds.min(1).optional(),
  smtpAlert: z.boolean(),
  notifyUp: script.optional(),
  notifyDown: script.optional(),
  virtualHost: z.string().optional(),
  snmpName: z.string().optional(),
  checks: z.array(check),
});

const sorryServer = z.strictObject({
  address: ipText,
  port,
  ...forwarding,
  inhibit: z.boolean(),
});

export const virtualServer: z.ZodType<VirtualServerConfig> = z.strictObject({
  name: z.string().min(1),
  key: virtualServerKey,
  scheduler: z.string().min(1).max(15),
  schedulerFlag1: z.boolean(),
  schedulerFlag2: z.boolean(),
  schedulerFlag3: z.boolean(),
  onePacket: z.boolean(),
  ...forwarding,
  persistenceTimeoutS: z.number().int().positive().optional(),
  persistenceGranularity: z.number().int().min(1).max(128).optional(),
  persistenceEngine: z.string().min(1).max(16).optional(),
  delayLoopUs: microseconds,
  haSuspend: z.boolean(),
  quorum: unsigned.min(1),
  hysteresis: unsigned,
  quorumUp: script.optional(),
  quorumDown: script.optional(),
  omega: z.boolean(),
  smtpAlert: z.boolean(),
  virtualHost: z.string().optional(),
  snmpName: z.string().optional(),
  sorryServer: sorryServer.optional(),
  realServers: z.array(realServer),
});

export const ssl: z.ZodType<SslConfig> = z.strictObject({
  password: z.string().optional(),
  ca: z.string().optional(),
  certificate: z.string().optional(),
  key: z.string().optional(),
});

export const groupEntry: z.ZodType<GroupEntry> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("addresses"), first: ipText, last: ipText, port }),
  z.strictObject({ kind: z.literal("fwmark"), mark, family: ipFamily.optional() }),
]);

export const virtualServerGroup: z.ZodType<VirtualServerGroupConfig> = z.strictObject({
  name: z.string().min(1),
  entries: z.array(groupEntry).min(1),
});
