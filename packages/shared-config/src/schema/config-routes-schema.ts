// The zod schemas of config-routes.ts.

import * as z from "zod";
import type {
  Encapsulation,
  IpPrefix,
  NextHop,
  NumberRange,
  RouteConfig,
  RouteMetrics,
  RuleConfig,
  StaticAddress,
  StaticConfig,
  VirtualAddress,
} from "./config-routes.js";
import { interfaceName, ipFamily, ipText, unsigned } from "./config-schema-parts.js";

const byte = z.number().int().min(0).max(255);
const prefixLength = z.number().int().min(0).max(128);
const bit = z.number().int().min(0).max(1);
const digits = z.string().regex(/^\d{1,20}$/);
const name = z.string().min(1).max(1023);

const addressFields = {
  address: ipText,
  prefixLength,
  device: interfaceName,
  label: interfaceName.optional(),
  scope: byte,
  broadcast: ipText.optional(),
  peer: ipText.optional(),
  homeAddress: z.boolean().optional(),
  detectDuplicates: z.boolean().optional(),
  manageTemporaryAddresses: z.boolean().optional(),
  noPrefixRoute: z.boolean().optional(),
  multicastAutoJoin: z.boolean().optional(),
  noTrack: z.boolean().optional(),
  useVmac: z.boolean().optional(),
  preferredLifetimeS: unsigned.optional(),
};

export const virtualAddress: z.ZodType<VirtualAddress> = z.strictObject(addressFields);

const staticAddress: z.ZodType<StaticAddress> = z.strictObject({
  ...addressFields,
  trackGroup: name.optional(),
});

const ipPrefix: z.ZodType<IpPrefix> = z.strictObject({ address: ipText, prefixLength });

const metrics: z.ZodType<RouteMetrics> = z.strictObject({
  mtu: unsigned.optional(),
  window: unsigned.optional(),
  rttEighthMs: unsigned.optional(),
  rttvarQuarterMs: unsigned.optional(),
  ssthresh: unsigned.optional(),
  cwnd: unsigned.optional(),
  advmss: unsigned.optional(),
  reordering: unsigned.optional(),
  hoplimit: byte.optional(),
  initcwnd: unsigned.optional(),
  features: unsigned.optional(),
  rtoMinMs: unsigned.optional(),
  initrwnd: unsigned.optional(),
  quickack: bit.optional(),
  congctl: name.optional(),
  fastopenNoCookie: bit.optional(),
  lock: unsigned,
});

const encapsulation: z.ZodType<Encapsulation> = z.union([
  z.strictObject({
    kind: z.enum(["ip", "ip6"]),
    id: digits.optional(),
    destination: ipText.optional(),
    source: ipText.optional(),
    trafficClass: byte.optional(),
    hopLimit: byte.optional(),
    flags: z.number().int().min(0).max(65535).optional(),
  }),
  z.strictObject({
    kind: z.literal("mpls"),
    labels: z.array(z.number().int().min(0).max(0xfffff)).min(1),
  }),
  z.strictObject({
    kind: z.literal("ila"),
    locator: z.string().regex(/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/),
  }),
]);

const nextHop: z.ZodType<NextHop> = z.strictObject({
  via: ipText.optional(),
  device: interfaceName.optional(),
  weight: z.number().int().min(1).max(256),
  onLink: z.boolean(),
  realms: unsigned.optional(),
  encapsulation: encapsulation.optional(),
});

export const route: z.ZodType<RouteConfig> = z.strictObject({
  family: ipFamily,
  type: z.enum([
    ...(["unicast", "local", "broadcast", "anycast", "multicast"] as const),
    ...(["blackhole", "unreachable", "prohibit", "throw", "nat", "xresolve"] as const),
  ]),
  destination: ipPrefix,
  source: ipPrefix.optional(),
  via: ipText.optional(),
  device: interfaceName.optional(),
  preferredSource: ipText.optional(),
  table: unsigned,
  vrf: interfaceName.optional(),
  scope: byte,
  protocol: byte,
  tos: byte,
  metric: unsigned.optional(),
  onLink: z.boolean(),
  realms: unsigned.optional(),
  metrics,
  expiresS: unsigned.optional(),
  routerPreference: byte.optional(),
  ttlPropagate: z.boolean().optional(),
  encapsulation: encapsulation.optional(),
  insertion: z.enum(["add", "prepend", "append"]),
  isTracked: z.boolean(),
  trackGroup: name.optional(),
  nextHops: z.array(nextHop),
});

const range: z.ZodType<NumberRange> = z.strictObject({ from: unsigned, to: unsigned });

export const rule: z.ZodType<RuleConfig> = z.strictObject({
  family: ipFamily,
  isInverted: z.boolean(),
  from: ipPrefix.optional(),
  to: ipPrefix.optional(),
  inputInterface: interfaceName.optional(),
  outputInterface: interfaceName.optional(),
  tos: byte,
  firewallMark: z.strictObject({ mark: unsigned, mask: unsigned }).optional(),
  tunnelId: digits.optional(),
  userIds: range.optional(),
  ipProtocol: byte.optional(),
  sourcePorts: range.optional(),
  destinationPorts: range.optional(),
  preference: unsigned,
  protocol: byte,
  realms: unsigned.optional(),
  suppressPrefixLength: z.number().int().min(0).max(2147483647).optional(),
  suppressInterfaceGroup: unsigned.optional(),
  action: z.union([
    z.strictObject({ kind: z.literal("table"), table: z.number().int().min(1).max(4294967295) }),
    z.strictObject({ kind: z.literal("goto"), preference: unsigned }),
    z.strictObject({ kind: z.enum(["l3mdev", "nop", "blackhole", "unreachable", "prohibit"]) }),
  ]),
  isTracked: z.boolean(),
  trackGroup: name.optional(),
});

export const statics: z.ZodType<StaticConfig> = z.strictObject({
  trackGroups: z.array(z.strictObject({ name, members: z.array(z.string().min(1)) })),
  addresses: z.array(staticAddress),
  routes: z.array(route),
  rules: z.array(rule),
});
