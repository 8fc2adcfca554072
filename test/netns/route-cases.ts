// Routes and rules of every kind that a kernel without further modules takes, and how iproute2
// shows each. They are of the configuration's own types. Where they are set there are two
// interfaces, pair0 with 192.0.2.7/24 and 2001:db8::7/64, pair1 with 198.51.100.7/24 and
// 2001:db8:ff::7/64.

import type {
  IpPrefix,
  NextHop,
  RouteConfig,
  RuleConfig,
} from "@keepalived-ts/shared-config/schema/config-routes";

export interface RouteCase {
  readonly route: RouteConfig;
  /** A line of `ip -d route show table all proto 18`, without what is left of its time. */
  readonly witness: string;
}

export interface RuleCase {
  readonly rule: RuleConfig;
  /** A line of `ip -d rule`. */
  readonly witness: string;
}

export function prefix(text: string): IpPrefix {
  const [address = "", length] = text.split("/");
  return { address, prefixLength: Number(length) };
}

export function route(destination: string, changes: Partial<RouteConfig> = {}): RouteConfig {
  return {
    family: destination.includes(":") ? 6 : 4,
    type: "unicast",
    destination: prefix(destination),
    table: 254,
    scope: 0,
    protocol: 18,
    tos: 0,
    onLink: false,
    metrics: { lock: 0 },
    insertion: "add",
    isTracked: true,
    nextHops: [],
    ...changes,
  };
}

export function hop(changes: Partial<NextHop>): NextHop {
  return { weight: 1, onLink: false, ...changes };
}

export function rule(preference: number, changes: Partial<RuleConfig> = {}): RuleConfig {
  return {
    family: 4,
    isInverted: false,
    tos: 0,
    preference,
    protocol: 18,
    action: { kind: "table", table: 254 },
    isTracked: true,
    ...changes,
  };
}

const way = { via: "192.0.2.1", device: "pair0" } as const;
const way6 = { via: "2001:db8::1", device: "pair0" } as const;
const link = { device: "pair0", scope: 253 } as const;

function of(line: RouteConfig, witness: string): RouteCase {
  return { route: line, witness };
}

const everyMetric = {
  mtu: 1400,
  window: 4,
  rttEighthMs: 2400,
  rttvarQuarterMs: 1600,
  ssthresh: 5,
  cwnd: 6,
  advmss: 1300,
  reordering: 8,
  hoplimit: 9,
  initcwnd: 10,
  initrwnd: 11,
  rtoMinMs: 200,
  quickack: 1,
  congctl: "reno",
  features: 1,
  fastopenNoCookie: 1,
  lock: (1 << 2) | (1 << 13),
};

const ipv4Cases: readonly RouteCase[] = [
  of(
    route("10.0.0.0/24", { ...way, preferredSource: "192.0.2.7", metric: 10, table: 1000 }),
    "unicast 10.0.0.0/24 via 192.0.2.1 dev pair0 table 1000 scope global src 192.0.2.7 metric 10",
  ),
  of(
    route("10.1.0.0/24", { ...way, tos: 0x10, realms: 0x3_0004, metrics: everyMetric }),
    "unicast 10.1.0.0/24 tos 0x10 via 192.0.2.1 dev pair0 scope global realms 3/4 mtu lock 1400 " +
      "window 4 rtt 300ms rttvar 400ms ssthresh 5 cwnd 6 advmss 1300 reordering 8 hoplimit 9 " +
      "initcwnd 10 features ecn rto_min lock 200ms initrwnd 11 quickack 1 congctl reno " +
      "fastopen_no_cookie 1",
  ),
  of(route("10.2.0.0/24", { type: "blackhole" }), "blackhole 10.2.0.0/24 scope global"),
  of(route("10.3.0.0/24", { type: "unreachable" }), "unreachable 10.3.0.0/24 scope global"),
  of(route("10.4.0.0/24", { type: "prohibit" }), "prohibit 10.4.0.0/24 scope global"),
  of(
    route("10.5.0.0/24", { type: "throw", table: 300 }),
    "throw 10.5.0.0/24 table 300 scope global",
  ),
  of(
    route("10.6.0.0/24", { type: "local", device: "pair0", scope: 254 }),
    "local 10.6.0.0/24 dev pair0 scope host",
  ),
  of(
    route("10.7.0.0/24", { type: "broadcast", ...link }),
    "broadcast 10.7.0.0/24 dev pair0 scope link",
  ),
  of(
    route("10.8.0.0/24", { type: "multicast", ...link }),
    "multicast 10.8.0.0/24 dev pair0 scope link",
  ),
  of(
    route("10.9.0.0/24", { type: "anycast", ...link }),
    "anycast 10.9.0.0/24 dev pair0 scope link",
  ),
  of(route("10.10.0.0/24", link), "unicast 10.10.0.0/24 dev pair0 scope link"),
  of(
    route("10.11.0.0/24", { via: "203.0.113.1", device: "pair0", onLink: true }),
    "unicast 10.11.0.0/24 via 203.0.113.1 dev pair0 scope global onlink",
  ),
  // The kernel finds the interface by the gateway.
  of(
    route("10.12.0.0/24", { via: "192.0.2.1" }),
    "unicast 10.12.0.0/24 via 192.0.2.1 dev pair0 scope global",
  ),
  of(
    route("10.13.0.0/24", { via: "fe80::1", device: "pair0" }),
    "unicast 10.13.0.0/24 via inet6 fe80::1 dev pair0 scope global",
  ),
  // What is too large the kernel makes smaller.
  of(
    route("10.14.0.0/24", { ...way, metrics: { mtu: 70_000, lock: 0 } }),
    "unicast 10.14.0.0/24 via 192.0.2.1 dev pair0 scope global mtu 65520",
  ),
  of(
    route("0.0.0.0/0", { ...way, metric: 7 }),
    "unicast default via 192.0.2.1 dev pair0 scope global metric 7",
  ),
];

const severalHopsCases: readonly RouteCase[] = [
  of(
    route("10.20.0.0/24", {
      nextHops: [
        hop({ ...way, weight: 3 }),
        hop({ via: "198.51.100.1", weight: 256 }),
        hop({ via: "203.0.113.1", device: "pair1", onLink: true, realms: 0x5_0006 }),
      ],
    }),
    "unicast 10.20.0.0/24 scope global nexthop via 192.0.2.1 dev pair0 weight 3 " +
      "nexthop via 198.51.100.1 dev pair1 weight 256 " +
      "nexthop via 203.0.113.1 realms 5/6 dev pair1 weight 1 onlink",
  ),
  of(
    route("10.21.0.0/24", { nextHops: [hop(way)] }),
    "unicast 10.21.0.0/24 via 192.0.2.1 dev pair0 scope global",
  ),
  of(
    route("10.22.0.0/24", {
      nextHops: [
        hop({ ...way, encapsulation: { kind: "ip", id: "1", destination: "192.0.2.9" } }),
        hop({ via: "192.0.2.2" }),
      ],
    }),
    "unicast 10.22.0.0/24 scope global nexthop encap ip id 1 src 0.0.0.0 dst 192.0.2.9 ttl 0 " +
      "tos 0 via 192.0.2.1 dev pair0 weight 1 nexthop via 192.0.2.2 dev pair0 weight 1",
  ),
  of(
    route("2001:db8:20::/48", {
      nextHops: [hop({ ...way6, weight: 2 }), hop({ via: "2001:db8:ff::1", device: "pair1" })],
    }),
    "unicast 2001:db8:20::/48 scope global metric 1024 pref medium " +
      "nexthop via 2001:db8::1 dev pair0 weight 2 nexthop via 2001:db8:ff::1 dev pair1 weight 1",
  ),
];

const tunnelCases: readonly RouteCase[] = [
  of(
    route("10.30.0.0/24", {
      ...way,
      encapsulation: {
        kind: "ip",
        id: "18446744073709551615",
        destination: "192.0.2.9",
        source: "192.0.2.8",
        trafficClass: 4,
        hopLimit: 64,
        flags: 0x400,
      },
    }),
    "unicast 10.30.0.0/24 encap ip id 18446744073709551615 src 192.0.2.8 dst 192.0.2.9 ttl 64 " +
      "tos 4 key via 192.0.2.1 dev pair0 scope global",
  ),
  of(
    route("2001:db8:30::/48", {
      ...way6,
      encapsulation: {
        kind: "ip6",
        id: "77",
        destination: "2001:db8::9",
        source: "2001:db8::8",
        trafficClass: 4,
        hopLimit: 64,
        flags: 0x100,
      },
    }),
    "unicast 2001:db8:30::/48 encap ip6 id 77 src 2001:db8::8 dst 2001:db8::9 hoplimit 64 tc 4 " +
      "csum via 2001:db8::1 dev pair0 scope global metric 1024 pref medium",
  ),
];

const ipv6Cases: readonly RouteCase[] = [
  of(
    route("2001:db8:1::/48", {
      ...way6,
      metric: 77,
      expiresS: 300,
      routerPreference: 1,
      table: 300,
      preferredSource: "2001:db8::7",
    }),
    "unicast 2001:db8:1::/48 via 2001:db8::1 dev pair0 table 300 scope global src 2001:db8::7 " +
      "metric 77 expires pref high",
  ),
  of(
    route("2001:db8:2::/48", { ...way6, source: prefix("2001:db8:f::/48") }),
    "unicast 2001:db8:2::/48 from 2001:db8:f::/48 via 2001:db8::1 dev pair0 scope global " +
      "metric 1024 pref medium",
  ),
  ...(["unreachable", "blackhole", "prohibit", "throw"] as const).map((type, i) =>
    of(
      route(`2001:db8:${i + 3}::/48`, { type }),
      `${type} 2001:db8:${i + 3}::/48 dev lo scope global metric 1024 pref medium`,
    ),
  ),
  of(
    route("2001:db8:7::/48", { type: "local", device: "lo" }),
    "local 2001:db8:7::/48 dev lo scope global metric 1024 pref medium",
  ),
  of(
    route("2001:db8:8::1/48", { device: "pair0" }),
    "unicast 2001:db8:8::/48 dev pair0 scope global metric 1024 pref medium",
  ),
  of(
    route("2001:db8:9::/48", {
      ...way6,
      metrics: { mtu: 1400, hoplimit: 5, congctl: "cubic", features: 1, lock: 4 },
      routerPreference: 3,
    }),
    "unicast 2001:db8:9::/48 via 2001:db8::1 dev pair0 scope global metric 1024 mtu lock 1400 " +
      "hoplimit 5 features ecn congctl cubic pref low",
  ),
  of(
    route("2001:db8:a::/48", { via: "2001:db8:cc::1", device: "pair0", onLink: true }),
    "unicast 2001:db8:a::/48 via 2001:db8:cc::1 dev pair0 scope global metric 1024 onlink " +
      "pref medium",
  ),
  of(
    route("::/0", way6),
    "unicast default via 2001:db8::1 dev pair0 scope global metric 1024 pref medium",
  ),
];

export const routeCases: readonly RouteCase[] = [
  ...ipv4Cases,
  ...severalHopsCases,
  ...tunnelCases,
  ...ipv6Cases,
];

const table7 = { kind: "table", table: 7 } as const;

export const ruleCases: readonly RuleCase[] = [
  {
    rule: rule(100, {
      from: prefix("192.0.2.0/24"),
      to: prefix("198.51.100.0/24"),
      inputInterface: "pair0",
      outputInterface: "pair1",
      firewallMark: { mark: 0x10, mask: 0xff },
      tos: 0x10,
      action: { kind: "table", table: 1000 },
    }),
    witness:
      "100: from 192.0.2.0/24 to 198.51.100.0/24 tos 0x10 fwmark 0x10/0xff iif pair0 oif pair1 " +
      "lookup 1000",
  },
  {
    rule: rule(101, {
      isInverted: true,
      from: prefix("192.0.2.1/32"),
      action: { kind: "goto", preference: 200 },
    }),
    witness: "101: not from 192.0.2.1 goto 200 [unresolved]",
  },
  ...(["blackhole", "unreachable", "prohibit"] as const).map((kind, i) => ({
    rule: rule(102 + i, { action: { kind } }),
    witness: `${102 + i}: from all ${kind}`,
  })),
  { rule: rule(105, { action: { kind: "nop" } }), witness: "105: from all nop" },
  {
    rule: rule(106, { action: { kind: "l3mdev" } }),
    witness: "106: from all lookup [l3mdev-table]",
  },
  {
    rule: rule(107, {
      suppressPrefixLength: 0,
      suppressInterfaceGroup: 5,
      realms: 0x3_0004,
      action: table7,
    }),
    witness: "107: from all lookup 7 suppress_prefixlength 0 suppress_ifgroup 5 realms 3/4",
  },
  {
    rule: rule(108, {
      tunnelId: "4294967298",
      userIds: { from: 1000, to: 2000 },
      ipProtocol: 6,
      sourcePorts: { from: 1000, to: 2000 },
      destinationPorts: { from: 80, to: 80 },
    }),
    witness:
      "108: from all uidrange 1000-2000 ipproto tcp sport 1000-2000 dport 80 " +
      "tun_id 4294967298 lookup main",
  },
  {
    rule: rule(109, {
      family: 6,
      from: prefix("2001:db8::/32"),
      to: prefix("2001:db8:1::/48"),
      destinationPorts: { from: 80, to: 90 },
      ipProtocol: 17,
      tos: 0x10,
      action: { kind: "table", table: 70_000 },
    }),
    witness:
      "109: from 2001:db8::/32 to 2001:db8:1::/48 tos 0x10 ipproto udp dport 80-90 lookup 70000",
  },
  {
    rule: rule(110, { firewallMark: { mark: 0, mask: 0xff } }),
    witness: "110: from all fwmark 0/0xff lookup main",
  },
  {
    rule: rule(111, { inputInterface: "absent0" }),
    witness: "111: from all iif absent0 [detached] lookup main",
  },
];
