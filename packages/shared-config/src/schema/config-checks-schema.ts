// The zod schemas of config-checks.ts.

import * as z from "zod/mini";
import type { CheckConfig } from "./config-checks.js";
import { interfaceName, ipText, microseconds, port, unsigned } from "./config-schema-parts.js";
import { script } from "./config-script-schema.js";

/** Longer than any name, and far below what a server takes for a header. */
export const grpcNameMax = 255;

const timing = {
  delayLoopUs: microseconds,
  retry: unsigned,
  delayBeforeRetryUs: microseconds,
  warmupUs: microseconds,
  alpha: z.boolean(),
  logAllFailures: z.boolean(),
};

const connection = {
  connectAddress: ipText,
  connectPort: z.int().check(z.minimum(1), z.maximum(65535)),
  bindAddress: z.optional(ipText),
  bindPort: z.optional(port),
  bindInterface: z.optional(interfaceName),
  fwmark: z.optional(unsigned.check(z.minimum(1))),
  connectTimeoutUs: microseconds,
};

const url = z.strictObject({
  path: z.string(),
  virtualHost: z.optional(z.string()),
  serverName: z.optional(z.string()),
  digest: z.optional(z.string().check(z.regex(/^[0-9a-f]{32}$/))),
  statusCodes: z
    .array(
      z.strictObject({
        from: z.int().check(z.minimum(100), z.maximum(599)),
        to: z.int().check(z.minimum(100), z.maximum(599)),
      }),
    )
    .check(z.minLength(1)),
  regex: z.optional(
    z.strictObject({
      pattern: z.string().check(z.minLength(1)),
      noMatch: z.boolean(),
      options: z.array(z.string().check(z.minLength(1))),
      offsetMin: unsigned,
      offsetMax: z.optional(unsigned),
      stack: z.optional(z.strictObject({ start: unsigned, max: unsigned })),
    }),
  ),
  tlsCompliant: z.boolean(),
});

const http = {
  ...timing,
  ...connection,
  protocol: z.enum(["1.0", "1.0c", "1.0C", "1.1", "2"]),
  enableSni: z.boolean(),
  sniName: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
  fastRecovery: z.boolean(),
  verifyCertificate: z.optional(z.boolean()),
  certificateDaysMin: z.optional(unsigned),
  urls: z.array(url).check(z.minLength(1)),
};

const udp = {
  payload: z.optional(z.string().check(z.regex(/^([0-9a-f]{2})+$/))),
  requireReply: z.boolean(),
  replyPattern: z.optional(z.string().check(z.regex(/^([0-9a-fx]{2})+$/))),
  replyLengthMin: z.int().check(z.minimum(0), z.maximum(65535)),
  replyLengthMax: z.int().check(z.minimum(0), z.maximum(65535)),
};

export const check: z.ZodMiniType<CheckConfig> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("TCP_CHECK"), ...timing, ...connection }),
  z.strictObject({ kind: z.literal("HTTP_GET"), ...http }),
  z.strictObject({ kind: z.literal("SSL_GET"), ...http }),
  z.strictObject({
    kind: z.literal("PING_CHECK"),
    ...timing,
    ...connection,
    connectPort: z.optional(connection.connectPort),
  }),
  z.strictObject({
    kind: z.literal("SMTP_CHECK"),
    ...timing,
    ...connection,
    heloName: z.string().check(z.minLength(1)),
  }),
  z.strictObject({
    kind: z.literal("DNS_CHECK"),
    ...timing,
    ...connection,
    type: z.enum(["A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY"]),
    name: z.string().check(z.minLength(1), z.maxLength(255)),
  }),
  z.strictObject({ kind: z.literal("UDP_CHECK"), ...timing, ...connection, ...udp }),
  z.strictObject({
    kind: z.literal("GRPC_CHECK"),
    ...timing,
    ...connection,
    service: z.string().check(z.maxLength(grpcNameMax)),
    authority: z.optional(z.string().check(z.minLength(1), z.maxLength(grpcNameMax))),
    isSecure: z.boolean(),
    serverName: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
    verifyCertificate: z.optional(z.boolean()),
    certificateDaysMin: z.optional(unsigned),
  }),
  z.strictObject({
    kind: z.literal("MISC_CHECK"),
    ...timing,
    script,
    timeoutUs: microseconds,
    isDynamic: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("FILE_CHECK"),
    file: z.string().check(z.minLength(1)),
    weight: z.int().check(z.minimum(-2147483647), z.maximum(2147483647)),
    isReversed: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("BFD_CHECK"),
    session: z.string().check(z.minLength(1)),
    alpha: z.boolean(),
  }),
]);
