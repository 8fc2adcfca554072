// The zod schemas of a real server's, a virtual server's and a name's state, which go both ways and
// from one release to the next.

import * as z from "zod/mini";
import { dnsName, groupEntry, virtualServerKey } from "../schema/config-checker-schema.js";
import { ipFamily, ipText, port, type Shape, unsigned } from "../schema/config-schema-parts.js";
import type {
  CheckerNotice,
  NameAnswer,
  RealServerSnapshot,
  VirtualServerSnapshot,
} from "./messages.js";

export const notice: z.ZodMiniType<CheckerNotice> = z.strictObject({
  state: z.enum(["UP", "DOWN"]),
  fifoLine: z.string(),
  mailText: z.nullable(z.string()),
  isStopping: z.boolean(),
});

/** Far beyond what an answer has room for. */
const addressesMax = 1024;

export const nameAnswerFields: Shape<NameAnswer> = {
  name: dnsName,
  family: ipFamily,
  addresses: z.array(ipText).check(z.minLength(1), z.maxLength(addressesMax)),
};

export const nameAnswerSchema: z.ZodMiniType<NameAnswer> = z.strictObject(nameAnswerFields);

const drainSnapshot = z.strictObject({
  address: ipText,
  port,
  forwarding: z.enum(["NAT", "DR", "TUN", "LOCALNODE", "BYPASS"]),
  tunnel: z.strictObject({
    type: z.enum(["IPIP", "GUE", "GRE"]),
    port,
    flags: unsigned,
  }),
  upperThreshold: unsigned,
  lowerThreshold: unsigned,
  until: z.number().check(z.nonnegative()),
  notice,
});

export const realServerSnapshot: z.ZodMiniType<RealServerSnapshot> = z.strictObject({
  virtualServer: z.string(),
  realServer: z.string(),
  isUp: z.boolean(),
  weight: unsigned,
  checks: z.array(z.nullable(z.boolean())),
  dnsName: z.optional(z.string()),
  isDrained: z.optional(z.boolean()),
  slowStartedAt: z.optional(z.number().check(z.nonnegative())),
  draining: z.optional(drainSnapshot),
});

export const virtualServerSnapshot: z.ZodMiniType<VirtualServerSnapshot> = z.strictObject({
  virtualServer: z.string(),
  key: virtualServerKey,
  entries: z.array(groupEntry),
  mark: z.optional(unsigned),
  hasQuorum: z.boolean(),
  quorum: unsigned,
  hysteresis: unsigned,
  weight: z.int().check(z.nonnegative()),
});
