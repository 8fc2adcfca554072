// Vectors: what iproute2 6.1 and keepalived 2.2.7 sent, taken with strace, the command or line of
// keepalived.conf above each; the interfaces v0 and v1 were 3 and 2.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { messageText, type Nesting } from "../testing/attribute-text.js";
import { anyRoute, hop, prefix, route, sampleNames } from "../testing/route-samples.js";
import { MessageWriter } from "./message.js";
import {
  decodeRoute,
  encodeDeleteRoute,
  encodeNewRoute,
  type KernelRoute,
  metricOf,
  type ResolvedRoute,
  resolveRoute,
} from "./route-codec.js";
import type { RouteRequest } from "./route-request.js";

const nesting: Nesting = { attributes: [8, 22], nextHops: [9] };

function resolved(request: RouteRequest): ResolvedRoute {
  const found = resolveRoute(request, sampleNames);
  assert.ok(found);
  return found;
}

type Encode = (writer: MessageWriter, route: ResolvedRoute) => void;

function payloadOf(request: RouteRequest, encode: Encode = encodeNewRoute): Uint8Array {
  const writer = new MessageWriter();
  encode(writer, resolved(request));
  return writer.bytes();
}

function assertSame(request: RouteRequest, hex: string, encode: Encode = encodeNewRoute): void {
  const expected = messageText(Buffer.from(hex, "hex"), 12, nesting);
  assert.deepEqual(messageText(payloadOf(request, encode), 12, nesting), expected);
}

function decoded(request: RouteRequest): KernelRoute {
  const found = decodeRoute(payloadOf(request));
  assert.ok(found);
  return found;
}

const plain = route("198.51.100.0/24", {
  via: "192.0.2.1",
  device: "v0",
  preferredSource: "192.0.2.7",
  protocol: 18,
  metric: 10,
  table: 1000,
});

test("encodeNewRoute() writes gateway, source, protocol, metric and a large table", () => {
  // ip route add 198.51.100.0/24 via 192.0.2.1 dev v0 src 192.0.2.7 proto 18 metric 10 table 1000
  assertSame(
    plain,
    "02180000001200010000000008000100c633640008000500c000020108000700c0000207080006000a000000" +
      "08000f00e80300000800040003000000",
  );
});

test("encodeNewRoute() writes every metric, the locks, the realms, tos and onlink", () => {
  // ip route add 198.51.100.0/24 via 192.0.2.1 dev v0 onlink tos 0x10 realm 3/4 mtu lock 1400
  //   window 4 rtt 300ms rttvar 400ms ssthresh 5 cwnd 6 advmss 1300 reordering 8 hoplimit 9
  //   initcwnd 10 initrwnd 11 rto_min 200ms quickack 1 congctl lock reno features ecn
  //   fastopen_no_cookie 1
  assertSame(
    route("198.51.100.0/24", {
      via: "192.0.2.1",
      device: "v0",
      onLink: true,
      tos: 0x10,
      realms: 0x3_0004,
      metrics: {
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
        lock: (1 << 2) | (1 << 13) | (1 << 16),
      },
    }),
    "02180010fe0300010400000008000100c633640008000500c000020108000b00040003000800040003000000" +
      "8c0008000800020078050000080003000400000008000400600900000800050040060000080006000500000008" +
      "000700060000000800080014050000080009000800000008000a000900000008000b000a00000008000e000b00" +
      "000008000d00c800000008000f00010000000800100072656e6f08000c000100000008001100010000000800" +
      "010004200100",
  );
});

test("encodeNewRoute() writes routes that lead nowhere", () => {
  // ip route append blackhole 203.0.113.0/24 proto 18 table 50
  assertSame(
    route("203.0.113.0/24", { type: "blackhole", protocol: 18, table: 50 }),
    "02180000321200060000000008000100cb007100",
  );
  // ip route add throw 10.9.0.0/16
  assertSame(route("10.9.0.0/16", { type: "throw" }), "02100000fe03000900000000080001000a090000");
  // ip -6 route add unreachable default proto 18
  assertSame(
    route("::/0", { type: "unreachable", protocol: 18 }),
    "0a000000fe120007000000001400010000000000000000000000000000000000",
  );
});

test("encodeNewRoute() writes scope and interface", () => {
  // ip route prepend 203.0.113.0/24 dev v0 scope link
  assertSame(
    route("203.0.113.0/24", { device: "v0", scope: 253, insertion: "prepend" }),
    "02180000fe03fd010000000008000100cb0071000800040003000000",
  );
});

test("encodeNewRoute() writes several next hops with weights, realms and onlink", () => {
  // ip route add 203.0.113.0/24 proto 18 nexthop via 192.0.2.1 dev v0 weight 3 onlink
  //   nexthop via 192.0.2.2 realm 5/6 nexthop dev v1 weight 256
  assertSame(
    route("203.0.113.0/24", {
      protocol: 18,
      nextHops: [
        hop({ via: "192.0.2.1", device: "v0", weight: 3, onLink: true }),
        hop({ via: "192.0.2.2", realms: 0x5_0006 }),
        hop({ device: "v1", weight: 256 }),
      ],
    }),
    "02180000fe1200010000000008000100cb00710034000900100004020300000008000500c000020118000000" +
      "0000000008000500c000020208000b0006000500080000ff02000000",
  );
});

test("encodeNewRoute() writes an IPv6 gateway of an IPv4 route, alone and among others", () => {
  // ip route add 203.0.114.0/24 via inet6 fe80::1 dev v0
  assertSame(
    route("203.0.114.0/24", { via: "fe80::1", device: "v0" }),
    "02180000fe0300010000000008000100cb007200160012000a00fe80000000000000000000000000000100000" +
      "800040003000000",
  );
  // ip route add 10.3.0.0/24 nexthop encap mpls 16 via 192.0.2.1 dev v0
  //   nexthop via inet6 fe80::1 dev v0
  assertSame(
    route("10.3.0.0/24", {
      nextHops: [
        hop({
          via: "192.0.2.1",
          device: "v0",
          encapsulation: { kind: "mpls", labels: [16] },
        }),
        hop({ via: "fe80::1", device: "v0" }),
      ],
    }),
    "02180000fe03000100000000080001000a0300004800090024000000030000000c0016800800010000010100" +
      "060015000100000008000500c00002012000000003000000160012000a00fe8000000000000000000000000000" +
      "010000",
  );
});

test("encodeNewRoute() writes the tunnels", () => {
  // ip route add 10.0.0.0/24 encap ip id 77 dst 192.0.2.9 src 192.0.2.8 tos 4 ttl 64 key
  //   via 192.0.2.1 dev v0
  // TUNNEL_KEY is 4 in network order; the configuration gives flags in the machine's.
  const way = { via: "192.0.2.1", device: "v0" };
  const outer = { id: "77", destination: "192.0.2.9", source: "192.0.2.8" };
  assertSame(
    route("10.0.0.0/24", {
      ...way,
      encapsulation: { kind: "ip", ...outer, trafficClass: 4, hopLimit: 64, flags: 0x400 },
    }),
    "02180000fe03000100000000080001000a000000380016800c000100000000000000004d08000200c0000209" +
      "08000300c00002080500050004e101000500040040e10100060006000004000006001500020001000800050" +
      "0c00002010800040003000000",
  );
  // ip route add 10.1.0.0/24 encap mpls 100/200 via 192.0.2.1 dev v0 ttl-propagate disabled
  assertSame(
    route("10.1.0.0/24", {
      ...way,
      ttlPropagate: false,
      encapsulation: { kind: "mpls", labels: [100, 200] },
    }),
    "02180000fe03000100000000080001000a010000100016800c00010000064000000c81000600150001000100" +
      "08000500c000020105001a00000000000800040003000000",
  );
});

test("encodeNewRoute() writes the tunnels of IPv6", () => {
  // ip -6 route add 2001:db8:1::/64 encap ip6 id 77 dst 2001:db8::9 src 2001:db8::8 tc 4
  //   hoplimit 64 csum via 2001:db8::1 dev v0
  const way = { via: "2001:db8::1", device: "v0" };
  const outer = { id: "77", destination: "2001:db8::9", source: "2001:db8::8" };
  assertSame(
    route("2001:db8:1::/64", {
      ...way,
      encapsulation: { kind: "ip6", ...outer, trafficClass: 4, hopLimit: 64, flags: 0x100 },
    }),
    "0a400000fe030001000000001400010020010db8000100000000000000000000500016800c00010000000000" +
      "0000004d1400020020010db80000000000000000000000091400030020010db8000000000000000000000008" +
      "0500050004c001000500040040000000060006000001000006001500040000001400050020010db800000000" +
      "00000000000000010800040003000000",
  );
  // ip -6 route add 2001:db8:2::/64 encap ila 1:2:3:4 via 2001:db8::1 dev v0
  assertSame(
    route("2001:db8:2::/64", { ...way, encapsulation: { kind: "ila", locator: "1:2:3:4" } }),
    "0a400000fe030001000000001400010020010db8000200000000000000000000100016800c00010000010002" +
      "0003000406001500030001001400050020010db80000000000000000000000010800040003000000",
  );
});

test("encodeNewRoute() writes source, expiry and preference of IPv6", () => {
  // ip -6 route add 2001:db8:3::/64 from 2001:db8:4::/64 via 2001:db8::1 dev v0 metric 77
  //   expires 300 pref high proto 18 table 300 src 2001:db8::7
  assertSame(
    route("2001:db8:3::/64", {
      source: prefix("2001:db8:4::/64"),
      via: "2001:db8::1",
      device: "v0",
      metric: 77,
      expiresS: 300,
      routerPreference: 1,
      protocol: 18,
      table: 300,
      preferredSource: "2001:db8::7",
    }),
    "0a40400000120001000000001400010020010db80003000000000000000000001400020020010db800040000" +
      "00000000000000001400050020010db8000000000000000000000001080006004d000000080017002c010000" +
      "050014000100000008000f002c0100001400070020010db80000000000000000000000070800040003000000",
  );
});

test("encodeNewRoute() writes several next hops of IPv6", () => {
  // ip -6 route add 2001:db8:5::/64 nexthop via 2001:db8::1 dev v0 weight 2
  //   nexthop encap ip6 dst 2001:db8::9 via 2001:db8::2 dev v1
  assertSame(
    route("2001:db8:5::/64", {
      nextHops: [
        hop({ via: "2001:db8::1", device: "v0", weight: 2 }),
        hop({
          via: "2001:db8::2",
          device: "v1",
          encapsulation: { kind: "ip6", destination: "2001:db8::9" },
        }),
      ],
    }),
    "0a400000fe030001000000001400010020010db80005000000000000000000005c0009001c00000103000000" +
      "1400050020010db80000000000000000000000013c00000002000000180016801400020020010db800000000" +
      "000000000000000906001500040000001400050020010db8000000000000000000000002",
  );
});

test("encodeNewRoute() writes what keepalived 2.2.7 sends for lines of static_routes", () => {
  const protocol = 18;
  // 10.33.0.0/24 via 192.0.2.1 dev v0
  assertSame(
    route("10.33.0.0/24", { via: "192.0.2.1", device: "v0", protocol }),
    "02180000fe12000100000000080001000a21000008000500c00002010800040003000000",
  );
  // 10.35.0.0/24 table 300 nexthop via 192.0.2.1 dev v0 weight 3 nexthop via 192.0.2.3 dev v0
  const nextHops = [
    hop({ via: "192.0.2.1", device: "v0", weight: 3 }),
    hop({ via: "192.0.2.3", device: "v0" }),
  ];
  assertSame(
    route("10.35.0.0/24", { table: 300, nextHops, protocol }),
    "021800000012000100000000" +
      "08000f002c010000080001000a23000024000900100000020300000008000500c0000201" +
      "100000000300000008000500c0000203",
  );
  // 10.10.0.0/24 via 192.0.2.1 dev v0 mtu lock 1400 congctl reno features ecn
  const metrics = { mtu: 1400, congctl: "reno", features: 1, lock: 4 };
  assertSame(
    route("10.10.0.0/24", { via: "192.0.2.1", device: "v0", metrics, protocol }),
    "02180000fe12000100000000080001000a0a000008000500c000020108000400030000002400080008001000" +
      "72656e6f08000c000100000008000200780500000800010004000000",
  );
  // 2001:db8:9::/64 via 2001:db8::1 dev v0 encap ip6 id 5 dst 2001:db8::9 flags 4
  assertSame(
    route("2001:db8:9::/64", {
      via: "2001:db8::1",
      device: "v0",
      encapsulation: { kind: "ip6", id: "5", destination: "2001:db8::9", flags: 4 },
      protocol,
    }),
    "0a400000fe120001000000001400010020010db80009000000000000000000001400050020010db800000000" +
      "00000000000000012c0016000c00010000000000000000051400020020010db8000000000000000000000009" +
      "060006000400150006001500040000000800040003000000",
  );
});

test("encodeDeleteRoute() writes what tells the route from others, of any scope", () => {
  // ip route del unicast 198.51.100.0/24 via 192.0.2.1 dev v0 proto 18 metric 10 table 1000
  //   src 192.0.2.7
  assertSame(
    { ...plain, metrics: { mtu: 1400, lock: 4 }, realms: 7 },
    "021800000012ff010000000008000100c633640008000500c0000201080006000a00000008000f00e8030000" +
      "08000700c00002070800040003000000",
    encodeDeleteRoute,
  );
});

test("encodeDeleteRoute() names the metric that the kernel gives an IPv6 route", () => {
  // ip -6 route del unicast 2001:db8:5::/64 metric 1024 proto 18
  //   nexthop via 2001:db8::1 dev v0 weight 2 nexthop via 2001:db8::2 dev v1
  assertSame(
    route("2001:db8:5::/64", {
      protocol: 18,
      expiresS: 300,
      nextHops: [
        hop({ via: "2001:db8::1", device: "v0", weight: 2 }),
        hop({ via: "2001:db8::2", device: "v1", encapsulation: { kind: "ip6" } }),
      ],
    }),
    "0a400000fe12ff01000000001400010020010db800050000000000000000000008000600000400003c000900" +
      "1c000001030000001400050020010db80000000000000000000000011c000000020000001400050020010db8" +
      "000000000000000000000002",
    encodeDeleteRoute,
  );
});

test("resolveRoute() knows no route on an interface or VRF that is not there", () => {
  assert.equal(resolveRoute(route("10.0.0.0/8", { device: "gone0" }), sampleNames), undefined);
  const nextHops = [hop({ device: "v0" }), hop({ device: "gone0" })];
  assert.equal(resolveRoute(route("10.0.0.0/8", { nextHops }), sampleNames), undefined);
  assert.equal(resolveRoute(route("10.0.0.0/8", { vrf: "blue" }), sampleNames), undefined);
  assert.equal(resolved(route("10.0.0.0/8", { vrf: "red" })).table, 1000);
});

/** What the encoder and the decoder both know, in the decoder's words. */
function wordsOf(request: RouteRequest): unknown {
  const { family, nextHops, onLink, realms = 0, encapsulation = null } = request;
  const interfaceIndex = (device?: string): number =>
    device === undefined ? 0 : (sampleNames.interfaceIndex(device) ?? 0);
  const single = {
    via: request.via ?? null,
    realms,
    encapsulation,
    interfaceIndex: interfaceIndex(request.device),
    weight: 1,
    onLink,
  };
  const leadsNowhere = single.via === null && single.interfaceIndex === 0;
  const several = nextHops.map((one) => ({
    via: one.via ?? null,
    realms: one.realms ?? 0,
    encapsulation: one.encapsulation ?? null,
    interfaceIndex: interfaceIndex(one.device),
    weight: one.weight,
    onLink: one.onLink,
  }));
  const everything = { address: family === 4 ? "0.0.0.0" : "::", prefixLength: 0 };
  return {
    family,
    type: request.type,
    destination: request.destination,
    source: request.source ?? everything,
    table: request.table,
    scope: request.scope,
    protocol: request.protocol,
    tos: request.tos,
    metric: request.metric ?? 0,
    preferredSource: request.preferredSource ?? null,
    metrics: request.metrics,
    expiresS: request.expiresS ?? null,
    routerPreference: request.routerPreference ?? 0,
    ttlPropagate: request.ttlPropagate ?? null,
    nextHops: several.length > 0 ? several : leadsNowhere ? [] : [single],
  };
}

/** Without the fields that are undefined. */
function plainly(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test("decodeRoute() reads all that encodeNewRoute() writes", () => {
  fc.assert(
    fc.property(anyRoute, (request) => {
      assert.deepEqual(plainly(decoded(request)), plainly(wordsOf(request)));
    }),
  );
});

test("decodeRoute() reads times as what is left of them", () => {
  // struct rta_cacheinfo as the kernel fills it: expires in hundredths of a second.
  const payload = Buffer.concat([payloadOf(plain), Buffer.alloc(36)]);
  payload.writeUInt16LE(36, payload.length - 36);
  payload.writeUInt16LE(12, payload.length - 34);
  assert.equal(decodeRoute(payload)?.expiresS, null);
  payload.writeInt32LE(29_950, payload.length - 36 + 4 + 8);
  assert.equal(decodeRoute(payload)?.expiresS, 299);
});

test("decodeRoute() leaves out other families, unknown types and cached copies", () => {
  const good = payloadOf(plain);
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = Buffer.from(good);
    bytes[at] = value;
    return bytes;
  };
  assert.equal(decodeRoute(changed(0, 128)), null);
  assert.equal(decodeRoute(changed(7, 0)), null);
  assert.equal(decodeRoute(changed(7, 99)), null);
  assert.equal(decodeRoute(changed(9, 0x02)), null);
  assert.equal(decodeRoute(changed(1, 33)), undefined);
});

test("decodeRoute() tells a tunnel that nobody here asks for by its number", () => {
  // SEG6 (5) with a mode attribute that is not looked at.
  const inner = "0c0016800800010000000000" + "0600150005000000";
  const payload = Buffer.concat([payloadOf(plain), Buffer.from(inner, "hex")]);
  assert.deepEqual(decodeRoute(payload)?.nextHops[0]?.encapsulation, { kind: "other", type: 5 });
});

test("decodeRoute() takes a message cut short anywhere without throwing", () => {
  fc.assert(
    fc.property(anyRoute, fc.nat(), (request, at) => {
      const whole = payloadOf(request);
      const found = decodeRoute(whole.subarray(0, at % whole.length));
      // Where an attribute ends what is before may be a whole message.
      if (at % whole.length < 12) assert.equal(found, undefined);
    }),
  );
});

test("decodeRoute() takes any bytes without throwing", () => {
  const families = fc.constantFrom(2, 10);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 160 }), families, (payload, family) => {
      if (payload.length > 8) payload.set([family, 8, 0, 0, 254, 18, 0, 1, 0]);
      decodeRoute(payload);
    }),
  );
});

test("decodeRoute() takes a message with any byte changed without throwing", () => {
  fc.assert(
    fc.property(anyRoute, fc.nat(), fc.nat({ max: 255 }), (request, at, value) => {
      const payload = Buffer.from(payloadOf(request));
      payload[at % payload.length] = value;
      decodeRoute(payload);
    }),
    { numRuns: 1000 },
  );
});

test("metricOf() is 1024 for an IPv6 route that names none", () => {
  assert.equal(metricOf(route("2001:db8::/32")), 1024);
  assert.equal(metricOf(route("2001:db8::/32", { metric: 0 })), 1024);
  assert.equal(metricOf(route("10.0.0.0/8")), 0);
});
