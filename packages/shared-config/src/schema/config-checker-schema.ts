// The zod schemas of config-checker.ts.

import * as z from "zod/mini";
import type { CheckerConfig } from "./config.js";
import type {
  GroupEntry,
  SslConfig,
  VirtualServerConfig,
  VirtualServerGroupConfig,
} from "./config-checker.js";
import { check } from "./config-checks-schema.js";
import { checkerIpvs } from "./config-ipvs-schema.js";
import { processConfig } from "./config-process-schema.js";
import { ipFamily, ipText, microseconds, port, unsigned } from "./config-schema-parts.js";
import { script } from "./config-script-schema.js";

const protocol = z.enum(["TCP", "UDP", "SCTP"]);
const mark = unsigned.check(z.minimum(1));

export const virtualServerKey: z.ZodMiniType<VirtualServerConfig["key"]> = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("address"), address: ipText, port, protocol }),
    z.strictObject({ kind: z.literal("fwmark"), mark, family: ipFamily }),
    z.strictObject({
      kind: z.literal("group"),
      group: z.string().check(z.minLength(1)),
      family: ipFamily,
      protocol: z.optional(protocol),
    }),
  ],
);

const forwarding = {
  forwarding: z.enum(["NAT", "DR", "TUN"]),
  tunnel: z.optional(
    z.strictObject({
      type: z.enum(["gue", "gre"]),
      port: z.optional(port.check(z.minimum(1))),
      checksum: z.enum(["nocsum", "csum", "remcsum"]),
    }),
  ),
};

/** 255 octets on the wire (RFC 1035 section 3.1). */
export const dnsName: z.ZodMiniString = z.string().check(z.minLength(1), z.maxLength(253));

const realServer = z.strictObject({
  address: ipText,
  dnsName: z.optional(dnsName),
  port,
  weight: z.int().check(z.minimum(0), z.maximum(65535)),
  ...forwarding,
  upperThreshold: unsigned,
  lowerThreshold: unsigned,
  inhibitOnFailure: z.boolean(),
  drainTimeoutUs: z.optional(microseconds),
  slowStartUs: z.optional(microseconds.check(z.minimum(1))),
  smtpAlert: z.boolean(),
  notifyUp: z.optional(script),
  notifyDown: z.optional(script),
  virtualHost: z.optional(z.string()),
  snmpName: z.optional(z.string()),
  checks: z.array(check),
});

const sorryServer = z.strictObject({
  address: ipText,
  port,
  ...forwarding,
  inhibit: z.boolean(),
});

export const virtualServer: z.ZodMiniType<VirtualServerConfig> = z.strictObject({
  name: z.string().check(z.minLength(1)),
  key: virtualServerKey,
  scheduler: z.string().check(z.minLength(1), z.maxLength(15)),
  schedulerFlag1: z.boolean(),
  schedulerFlag2: z.boolean(),
  schedulerFlag3: z.boolean(),
  onePacket: z.boolean(),
  ...forwarding,
  persistenceTimeoutS: z.optional(z.int().check(z.positive())),
  persistenceGranularity: z.optional(z.int().check(z.minimum(1), z.maximum(128))),
  persistenceEngine: z.optional(z.string().check(z.minLength(1), z.maxLength(16))),
  delayLoopUs: microseconds,
  haSuspend: z.boolean(),
  quorum: unsigned.check(z.minimum(1)),
  hysteresis: unsigned,
  quorumUp: z.optional(script),
  quorumDown: z.optional(script),
  omega: z.boolean(),
  smtpAlert: z.boolean(),
  virtualHost: z.optional(z.string()),
  snmpName: z.optional(z.string()),
  sorryServer: z.optional(sorryServer),
  realServers: z.array(realServer),
});

export const ssl: z.ZodMiniType<SslConfig> = z.strictObject({
  password: z.optional(z.string()),
  ca: z.optional(z.string()),
  certificate: z.optional(z.string()),
  key: z.optional(z.string()),
});

export const groupEntry: z.ZodMiniType<GroupEntry> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("addresses"), first: ipText, last: ipText, port }),
  z.strictObject({ kind: z.literal("fwmark"), mark, family: z.optional(ipFamily) }),
]);

export const virtualServerGroup: z.ZodMiniType<VirtualServerGroupConfig> = z.strictObject({
  name: z.string().check(z.minLength(1)),
  entries: z.array(groupEntry).check(z.minLength(1)),
});

export const checkerConfigSchema: z.ZodMiniType<CheckerConfig> = z.strictObject({
  process: processConfig,
  ipvs: checkerIpvs,
  ssl,
  groups: z.array(virtualServerGroup),
  virtualServers: z.array(virtualServer),
});
