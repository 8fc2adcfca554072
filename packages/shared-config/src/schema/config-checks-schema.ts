// The zod schemas of config-checks.ts.

import * as z from "zod";
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
  connectPort: z.number().int().min(1).max(65535),
  bindAddress: ipText.optional(),
  bindPort: port.optional(),
  bindInterface: interfaceName.optional(),
  fwmark: unsigned.min(1).optional(),
  connectTimeoutUs: microseconds,
};

const url = z.strictObject({
  path: z.string(),
  virtualHost: z.string().optional(),
  serverName: z.string().optional(),
  digest: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  statusCodes: z
    .array(
      z.strictObject({
        from: z.number().int().min(100).max(599),
        to: z.number().int().min(100).max(599),
      }),
    )
    .min(1),
  regex: z
    .strictObject({
      pattern: z.string().min(1),
      noMatch: z.boolean(),
      options: z.array(z.string().min(1)),
      offsetMin: unsigned,
      offsetMax: unsigned.optional(),
      stack: z.strictObject({ start: unsigned, max: unsigned }).optional(),
    })
    .optional(),
  tlsCompliant: z.boolean(),
});

const http = {
  ...timing,
  ...connection,
  protocol: z.enum(["1.0", "1.0c", "1.0C", "1.1", "2"]),
  enableSni: z.boolean(),
  sniName: z.string().min(1).max(255).optional(),
  fastRecovery: z.boolean(),
  verifyCertificate: z.boolean().optional(),
  certificateDaysMin: unsigned.optional(),
  urls: z.array(url).min(1),
};

const udp = {
  payload: z
    .string()
    .regex(/^([0-9a-f]{2})+$/)
    .optional(),
  requireReply: z.boolean(),
  replyPattern: z
    .string()
    .regex(/^([0-9a-fx]{2})+$/)
    .optional(),
  replyLengthMin: z.number().int().min(0).max(65535),
  replyLengthMax: z.number().int().min(0).max(65535),
};

export const check: z.ZodType<CheckConfig> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("TCP_CHECK"), ...timing, ...connection }),
  z.strictObject({ kind: z.literal("HTTP_GET"), ...http }),
  z.strictObject({ kind: z.literal("SSL_GET"), ...http }),
  z.strictObject({
    kind: z.literal("PING_CHECK"),
    ...timing,
    ...connection,
    connectPort: connection.connectPort.optional(),
  }),
  z.strictObject({
    kind: z.literal("SMTP_CHECK"),
    ...timing,
    ...connection,
    heloName: z.string().min(1),
  }),
  z.strictObject({
    kind: z.literal("DNS_CHECK"),
    ...timing,
    ...connection,
    type: z.enum(["A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY"]),
    name: z.string().min(1).max(255),
  }),
  z.strictObject({ kind: z.literal("UDP_CHECK"), ...timing, ...connection, ...udp }),
  z.strictObject({
    kind: z.literal("GRPC_CHECK"),
    ...timing,
    ...connection,
    service: z.string().max(grpcNameMax),
    authority: z.string().min(1).max(grpcNameMax).optional(),
    isSecure: z.boolean(),
    serverName: z.string().min(1).max(255).optional(),
    verifyCertificate: z.boolean().optional(),
    certificateDaysMin: unsigned.optional(),
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
    file: z.string().min(1),
    weight: z.number().int().min(-2147483647).max(2147483647),
    isReversed: z.boolean(),
  }),
  z.strictObject({ kind: z.literal("BFD_CHECK"), session: z.string().min(1), alpha: z.boolean() }),
]);
