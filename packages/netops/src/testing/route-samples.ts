// Routes and rules for tests: plain ones to vary, and any at all.

import { formatIp } from "@keepalived-ts/shared-config/base/ip";
import fc from "fast-check";
import { maskPrefix } from "../netlink/ip-attributes.js";
import type {
  Encapsulation,
  IpPrefix,
  NextHopRequest,
  RouteMetrics,
  RouteNames,
  RouteRequest,
  RuleAction,
  RuleRequest,
} from "../netlink/route-request.js";

/** The names of the vectors, whose interfaces v0 and v1 were 3 and 2. */
export const sampleNames: RouteNames = {
  interfaceIndex: (name) =>
    new Map([
      ["v0", 3],
      ["v1", 2],
    ]).get(name),
  vrfTable: (name) => (name === "red" ? 1000 : undefined),
};

export function prefix(text: string): IpPrefix {
  const [address = "", length] = text.split("/");
  return { address, prefixLength: Number(length) };
}

/** Like `ip route add DESTINATION`. */
export function route(destination: string, changes: Partial<RouteRequest> = {}): RouteRequest {
  return {
    family: destination.includes(":") ? 6 : 4,
    type: "unicast",
    destination: prefix(destination),
    table: 254,
    scope: 0,
    protocol: 3,
    tos: 0,
    onLink: false,
    metrics: { lock: 0 },
    insertion: "add",
    nextHops: [],
    ...changes,
  };
}

export function hop(changes: Partial<NextHopRequest>): NextHopRequest {
  return { weight: 1, onLink: false, ...changes };
}

/** Like `ip rule add priority PREFERENCE`. */
export function rule(preference: number, changes: Partial<RuleRequest> = {}): RuleRequest {
  return {
    family: 4,
    isInverted: false,
    tos: 0,
    preference,
    protocol: 0,
    action: { kind: "table", table: 254 },
    ...changes,
  };
}

const u8 = fc.nat({ max: 0xff });
const u16 = fc.nat({ max: 0xffff });
const u32 = fc.nat({ max: 0xffff_fffe });
const optionalU32 = fc.option(u32, { nil: undefined });
const devices = fc.constantFrom(undefined, "v0", "v1");

function addresses(family: 4 | 6): fc.Arbitrary<string> {
  const length = family === 4 ? 4 : 16;
  return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => formatIp(bytes));
}

function prefixes(family: 4 | 6): fc.Arbitrary<IpPrefix> {
  return fc
    .record({ address: addresses(family), prefixLength: fc.nat({ max: family === 4 ? 32 : 128 }) })
    .map(maskPrefix);
}

function ipTunnels(kind: "ip" | "ip6"): fc.Arbitrary<Encapsulation> {
  const family = kind === "ip" ? 4 : 6;
  const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(values, { nil: undefined });
  return fc.record({
    kind: fc.constant(kind),
    id: maybe(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map(String)),
    destination: maybe(addresses(family)),
    source: maybe(addresses(family)),
    trafficClass: maybe(u8),
    hopLimit: maybe(u8),
    flags: maybe(u16),
  });
}

const tunnels: fc.Arbitrary<Encapsulation> = fc.oneof(
  ipTunnels("ip"),
  ipTunnels("ip6"),
  fc.record({
    kind: fc.constant("mpls" as const),
    labels: fc.array(fc.nat({ max: 0xf_ffff }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant("ila" as const),
    locator: fc
      .array(u16, { minLength: 4, maxLength: 4 })
      .map((groups) => groups.map((group) => group.toString(16)).join(":")),
  }),
);

const metricSets: fc.Arbitrary<RouteMetrics> = fc.record({
  mtu: optionalU32,
  window: optionalU32,
  rttEighthMs: optionalU32,
  rttvarQuarterMs: optionalU32,
  ssthresh: optionalU32,
  cwnd: optionalU32,
  advmss: optionalU32,
  reordering: optionalU32,
  hoplimit: optionalU32,
  initcwnd: optionalU32,
  features: optionalU32,
  rtoMinMs: optionalU32,
  initrwnd: optionalU32,
  quickack: optionalU32,
  congctl: fc.constantFrom(undefined, "reno", "cubic"),
  fastopenNoCookie: optionalU32,
  lock: u32,
});

function hops(family: 4 | 6): fc.Arbitrary<NextHopRequest> {
  return fc.record({
    via: fc.option(fc.oneof(addresses(family), addresses(6)), { nil: undefined }),
    device: devices,
    weight: fc.integer({ min: 1, max: 256 }),
    onLink: fc.boolean(),
    realms: optionalU32,
    encapsulation: fc.option(tunnels, { nil: undefined }),
  });
}

function routesOf(family: 4 | 6): fc.Arbitrary<RouteRequest> {
  return fc.record({
    family: fc.constant(family),
    type: fc.constantFrom("unicast", "local", "blackhole", "throw", "xresolve"),
    destination: prefixes(family),
    source: fc.option(prefixes(family), { nil: undefined }),
    via: fc.option(addresses(family), { nil: undefined }),
    device: devices,
    preferredSource: fc.option(addresses(family), { nil: undefined }),
    table: fc.oneof(u8, u32),
    scope: u8,
    protocol: u8,
    tos: u8,
    metric: optionalU32,
    onLink: fc.boolean(),
    realms: optionalU32,
    metrics: metricSets,
    expiresS: optionalU32,
    routerPreference: fc.constantFrom(undefined, 0, 1, 3),
    ttlPropagate: fc.constantFrom(undefined, true, false),
    encapsulation: fc.option(tunnels, { nil: undefined }),
    insertion: fc.constantFrom("add", "prepend", "append"),
    nextHops: fc.oneof(fc.constant([]), fc.array(hops(family), { maxLength: 4 })),
  });
}

export const anyRoute: fc.Arbitrary<RouteRequest> = fc.oneof(routesOf(4), routesOf(6));

const actions: fc.Arbitrary<RuleAction> = fc.oneof(
  fc.record({ kind: fc.constant("table" as const), table: u32 }),
  fc.record({ kind: fc.constant("goto" as const), preference: u32 }),
  fc.record({
    kind: fc.constantFrom("l3mdev", "nop", "blackhole", "unreachable", "prohibit"),
  }),
);

function ranges(
  numbers: fc.Arbitrary<number>,
): fc.Arbitrary<{ from: number; to: number } | undefined> {
  return fc.option(fc.record({ from: numbers, to: numbers }), { nil: undefined });
}

function rulesOf(family: 4 | 6): fc.Arbitrary<RuleRequest> {
  return fc.record({
    family: fc.constant(family),
    isInverted: fc.boolean(),
    from: fc.option(prefixes(family), { nil: undefined }),
    to: fc.option(prefixes(family), { nil: undefined }),
    inputInterface: devices,
    outputInterface: devices,
    tos: u8,
    firewallMark: fc.option(fc.record({ mark: u32, mask: u32 }), { nil: undefined }),
    tunnelId: fc.option(fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn }).map(String), {
      nil: undefined,
    }),
    userIds: ranges(u32),
    ipProtocol: fc.option(u8, { nil: undefined }),
    sourcePorts: ranges(u16),
    destinationPorts: ranges(u16),
    preference: u32,
    protocol: u8,
    realms: optionalU32,
    suppressPrefixLength: optionalU32,
    suppressInterfaceGroup: optionalU32,
    action: actions,
  });
}

export const anyRule: fc.Arbitrary<RuleRequest> = fc.oneof(rulesOf(4), rulesOf(6));
