// The zod schemas of config-routes.ts.

import * as z from "zod/mini";
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

const byte = z.int().check(z.minimum(0), z.maximum(255));
const prefixLength = z.int().check(z.minimum(0), z.maximum(128));
const bit = z.int().check(z.minimum(0), z.maximum(1));
const digits = z.string().check(z.regex(/^\d{1,20}$/));
const name = z.string().check(z.minLength(1), z.maxLength(1023));

const addressFields = {
  address: ipText,
  prefixLength,
  device: interfaceName,
  label: z.optional(interfaceName),
  scope: byte,
  broadcast: z.optional(ipText),
  peer: z.optional(ipText),
  homeAddress: z.optional(z.boolean()),
  detectDuplicates: z.optional(z.boolean()),
  manageTemporaryAddresses: z.optional(z.boolean()),
  noPrefixRoute: z.optional(z.boolean()),
  multicastAutoJoin: z.optional(z.boolean()),
  noTrack: z.optional(z.boolean()),
  useVmac: z.optional(z.boolean()),
  preferredLifetimeS: z.optional(unsigned),
};

export const virtualAddress: z.ZodMiniType<VirtualAddress> = z.strictObject(addressFields);

const staticAddress: z.ZodMiniType<StaticAddress> = z.strictObject({
  ...addressFields,
  trackGroup: z.optional(name),
});

const ipPrefix: z.ZodMiniType<IpPrefix> = z.strictObject({ address: ipText, prefixLength });

const metrics: z.ZodMiniType<RouteMetrics> = z.strictObject({
  mtu: z.optional(unsigned),
  window: z.optional(unsigned),
  rttEighthMs: z.optional(unsigned),
  rttvarQuarterMs: z.optional(unsigned),
  ssthresh: z.optional(unsigned),
  cwnd: z.optional(unsigned),
  advmss: z.optional(unsigned),
  reordering: z.optional(unsigned),
  hoplimit: z.optional(byte),
  initcwnd: z.optional(unsigned),
  features: z.optional(unsigned),
  rtoMinMs: z.optional(unsigned),
  initrwnd: z.optional(unsigned),
  quickack: z.optional(bit),
  congctl: z.optional(name),
  fastopenNoCookie: z.optional(bit),
  lock: unsigned,
});

const encapsulation: z.ZodMiniType<Encapsulation> = z.union([
  z.strictObject({
    kind: z.enum(["ip", "ip6"]),
    id: z.optional(digits),
    destination: z.optional(ipText),
    source: z.optional(ipText),
    trafficClass: z.optional(byte),
    hopLimit: z.optional(byte),
    flags: z.optional(z.int().check(z.minimum(0), z.maximum(65535))),
  }),
  z.strictObject({
    kind: z.literal("mpls"),
    labels: z.array(z.int().check(z.minimum(0), z.maximum(0xfffff))).check(z.minLength(1)),
  }),
  z.strictObject({
    kind: z.literal("ila"),
    locator: z.string().check(z.regex(/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$/)),
  }),
]);

const nextHop: z.ZodMiniType<NextHop> = z.strictObject({
  via: z.optional(ipText),
  device: z.optional(interfaceName),
  weight: z.int().check(z.minimum(1), z.maximum(256)),
  onLink: z.boolean(),
  realms: z.optional(unsigned),
  encapsulation: z.optional(encapsulation),
});

export const route: z.ZodMiniType<RouteConfig> = z.strictObject({
  family: ipFamily,
  type: z.enum([
    ...(["unicast", "local", "broadcast", "anycast", "multicast"] as const),
    ...(["blackhole", "unreachable", "prohibit", "throw", "nat", "xresolve"] as const),
  ]),
  destination: ipPrefix,
  source: z.optional(ipPrefix),
  via: z.optional(ipText),
  device: z.optional(interfaceName),
  preferredSource: z.optional(ipText),
  table: unsigned,
  vrf: z.optional(interfaceName),
  scope: byte,
  protocol: byte,
  tos: byte,
  metric: z.optional(unsigned),
  onLink: z.boolean(),
  realms: z.optional(unsigned),
  metrics,
  expiresS: z.optional(unsigned),
  routerPreference: z.optional(byte),
  ttlPropagate: z.optional(z.boolean()),
  encapsulation: z.optional(encapsulation),
  insertion: z.enum(["add", "prepend", "append"]),
  isTracked: z.boolean(),
  trackGroup: z.optional(name),
  nextHops: z.array(nextHop),
});

const range: z.ZodMiniType<NumberRange> = z.strictObject({ from: unsigned, to: unsigned });

export const rule: z.ZodMiniType<RuleConfig> = z.strictObject({
  family: ipFamily,
  isInverted: z.boolean(),
  from: z.optional(ipPrefix),
  to: z.optional(ipPrefix),
  inputInterface: z.optional(interfaceName),
  outputInterface: z.optional(interfaceName),
  tos: byte,
  firewallMark: z.optional(z.strictObject({ mark: unsigned, mask: unsigned })),
  tunnelId: z.optional(digits),
  userIds: z.optional(range),
  ipProtocol: z.optional(byte),
  sourcePorts: z.optional(range),
  destinationPorts: z.optional(range),
  preference: unsigned,
  protocol: byte,
  realms: z.optional(unsigned),
  suppressPrefixLength: z.optional(z.int().check(z.minimum(0), z.maximum(2147483647))),
  suppressInterfaceGroup: z.optional(unsigned),
  action: z.union([
    z.strictObject({
      kind: z.literal("table"),
      table: z.int().check(z.minimum(1), z.maximum(4294967295)),
    }),
    z.strictObject({ kind: z.literal("goto"), preference: unsigned }),
    z.strictObject({ kind: z.enum(["l3mdev", "nop", "blackhole", "unreachable", "prohibit"]) }),
  ]),
  isTracked: z.boolean(),
  trackGroup: z.optional(name),
});

export const statics: z.ZodMiniType<StaticConfig> = z.strictObject({
  trackGroups: z.array(
    z.strictObject({ name, members: z.array(z.string().check(z.minLength(1))) }),
  ),
  addresses: z.array(staticAddress),
  routes: z.array(route),
  rules: z.array(rule),
});
