// Vectors: what iproute2 6.1 and keepalived 2.2.7 sent, taken with strace, the command or line of
// keepalived.conf above each.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { messageText } from "../testing/attribute-text.js";
import { anyRule, prefix, rule } from "../testing/route-samples.js";
import { MessageWriter } from "./message.js";
import type { RuleRequest } from "./route-request.js";
import { decodeRule, encodeRule } from "./rule-codec.js";
import { expectedRule, isSameRule, ruleKey } from "./rule-match.js";

function payloadOf(request: RuleRequest): Uint8Array {
  const writer = new MessageWriter();
  encodeRule(writer, request);
  return writer.bytes();
}

function assertSame(request: RuleRequest, hex: string): void {
  assert.deepEqual(messageText(payloadOf(request), 12), messageText(Buffer.from(hex, "hex"), 12));
}

test("encodeRule() writes prefixes, interfaces, mark, tos, a large table and the protocol", () => {
  // ip rule add from 192.0.2.0/24 to 198.51.100.0/24 iif v0 oif v1 fwmark 0x10/0xff tos 0x10
  //   pref 100 table 1000 protocol 18
  assertSame(
    rule(100, {
      from: prefix("192.0.2.0/24"),
      to: prefix("198.51.100.0/24"),
      inputInterface: "v0",
      outputInterface: "v1",
      firewallMark: { mark: 0x10, mask: 0xff },
      tos: 0x10,
      protocol: 18,
      action: { kind: "table", table: 1000 },
    }),
    "02181810000000010000000008000200c000020008000100c633640007000300763000000700110076310000" +
      "08000a001000000008001000ff000000080006006400000008000f00e80300000500150012000000",
  );
});

test("encodeRule() writes every action", () => {
  // ip rule add not from 192.0.2.1 pref 101 goto 200
  assertSame(
    rule(101, {
      isInverted: true,
      from: prefix("192.0.2.1/32"),
      action: { kind: "goto", preference: 200 },
    }),
    "02002000000000020200000008000200c0000201080006006500000008000400c8000000",
  );
  // ip rule add pref 102 blackhole
  assertSame(
    rule(102, { action: { kind: "blackhole" } }),
    "0200000000000006000000000800060066000000",
  );
  // ip rule add pref 103 unreachable to 10.0.0.0/8
  assertSame(
    rule(103, { to: prefix("10.0.0.0/8"), action: { kind: "unreachable" } }),
    "0208000000000007000000000800060067000000080001000a000000",
  );
  // ip rule add pref 104 prohibit
  assertSame(
    rule(104, { action: { kind: "prohibit" } }),
    "0200000000000008000000000800060068000000",
  );
  // ip rule add pref 105 nop
  assertSame(rule(105, { action: { kind: "nop" } }), "0200000000000003000000000800060069000000");
  // ip rule add pref 106 l3mdev
  assertSame(
    rule(106, { action: { kind: "l3mdev" } }),
    "020000000000000100000000080006006a0000000500130001000000",
  );
});

test("encodeRule() writes what is suppressed and the realms", () => {
  // ip rule add pref 107 table 7 suppress_prefixlength 0 suppress_ifgroup 5 realms 3/4
  assertSame(
    rule(107, {
      suppressPrefixLength: 0,
      suppressInterfaceGroup: 5,
      realms: 0x3_0004,
      action: { kind: "table", table: 7 },
    }),
    "020000000700000100000000080006006b00000008000e000000000008000d000500000008000b0004000300",
  );
});

test("encodeRule() writes tunnel, users, transport protocol and ports", () => {
  // ip rule add pref 108 tun_id 4294967298 uidrange 1000-2000 ipproto tcp sport 1000-2000
  //   dport 80 table 254
  assertSame(
    rule(108, {
      tunnelId: "4294967298",
      userIds: { from: 1000, to: 2000 },
      ipProtocol: 6,
      sourcePorts: { from: 1000, to: 2000 },
      destinationPorts: { from: 80, to: 80 },
    }),
    "02000000fe00000100000000080006006c0000000c000c0000000001000000020c001400e8030000d0070000" +
      "050016000600000008001700e803d0070800180050005000",
  );
  // ip -6 rule add from 2001:db8::/32 pref 109 table 7 dport 80-90
  assertSame(
    rule(109, {
      family: 6,
      from: prefix("2001:db8::/32"),
      destinationPorts: { from: 80, to: 90 },
      action: { kind: "table", table: 7 },
    }),
    "0a00200007000001000000001400020020010db8000000000000000000000000080006006d00000008001800" +
      "50005a00",
  );
});

test("encodeRule() writes what keepalived 2.2.7 sends for lines of static_rules", () => {
  // from 192.0.2.0/24 table 300 priority 100
  assertSame(
    rule(100, {
      from: prefix("192.0.2.0/24"),
      protocol: 18,
      action: { kind: "table", table: 300 },
    }),
    "02001800000000010000000008000f002c01000008000200c000020008000600640000000500150012000000",
  );
  // to 192.0.2.0/24 tunnel-id 5 goto 300 priority 101
  assertSame(
    rule(101, {
      to: prefix("192.0.2.0/24"),
      tunnelId: "5",
      protocol: 18,
      action: { kind: "goto", preference: 300 },
    }),
    "02180000000000020000000008000100c000020008000600650000000c000c00000000000000000505001500" +
      "12000000080004002c010000",
  );
  // from 2001:db8::/32 table 7 priority 102 suppress_prefixlength 0
  assertSame(
    rule(102, {
      family: 6,
      from: prefix("2001:db8::/32"),
      suppressPrefixLength: 0,
      protocol: 18,
      action: { kind: "table", table: 7 },
    }),
    "0a00200007000001000000001400020020010db8000000000000000000000000080006006600000008000e00" +
      "000000000500150012000000",
  );
  // from 192.0.2.1 l3mdev preference 104
  assertSame(
    rule(104, { from: prefix("192.0.2.1/32"), protocol: 18, action: { kind: "l3mdev" } }),
    "02002000000000010000000008000200c0000201080006006800000005001300010000000500150012000000",
  );
  // not to 192.0.2.0/24 blackhole preference 105
  assertSame(
    rule(105, {
      isInverted: true,
      to: prefix("192.0.2.0/24"),
      protocol: 18,
      action: { kind: "blackhole" },
    }),
    "02180000000000060200000008000100c000020008000600690000000500150012000000",
  );
});

function plainly(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test("decodeRule() reads all that encodeRule() writes", () => {
  fc.assert(
    fc.property(anyRule, (request) => {
      const found = decodeRule(payloadOf(request));
      assert.ok(found);
      const { from, to, realms, ...rest } = found;
      const { from: wantedFrom, to: wantedTo, realms: wantedRealms, ...wanted } = request;
      const given = Object.entries(rest).filter(([, value]) => value !== null);
      assert.deepEqual(plainly(Object.fromEntries(given)), plainly(wanted));
      assert.equal(realms, wantedRealms ?? 0);
      // A prefix of length 0 is no condition.
      assert.deepEqual(from ?? undefined, wantedFrom?.prefixLength ? wantedFrom : undefined);
      assert.deepEqual(to ?? undefined, wantedTo?.prefixLength ? wantedTo : undefined);
    }),
  );
});

test("decodeRule() leaves out other families and unknown actions", () => {
  const payload = Buffer.from(payloadOf(rule(7)));
  payload[0] = 128;
  assert.equal(decodeRule(payload), null);
  payload[0] = 2;
  payload[7] = 99;
  assert.equal(decodeRule(payload), null);
  assert.equal(decodeRule(payload.subarray(0, 11)), undefined);
  assert.equal(decodeRule(payload.subarray(0, payload.length - 1)), undefined);
});

test("decodeRule() takes any bytes without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 128 }), fc.constantFrom(2, 10), (payload, family) => {
      if (payload.length > 7) payload.set([family, 8, 0, 0, 254, 0, 0, 1]);
      decodeRule(payload);
    }),
  );
  fc.assert(
    fc.property(anyRule, fc.nat(), fc.nat({ max: 255 }), (request, at, value) => {
      const payload = Buffer.from(payloadOf(request));
      payload[at % payload.length] = value;
      decodeRule(payload);
    }),
    { numRuns: 1000 },
  );
});

test("isSameRule() tells rules apart that differ in anything", () => {
  const wanted = expectedRule(rule(7, { from: prefix("192.0.2.0/24") }));
  assert.ok(wanted);
  const others: readonly Partial<RuleRequest>[] = [
    {},
    { from: prefix("192.0.2.0/25") },
    { from: prefix("192.0.2.0/24"), isInverted: true },
    { from: prefix("192.0.2.0/24"), suppressPrefixLength: 0 },
    { from: prefix("192.0.2.0/24"), protocol: 18 },
    { from: prefix("192.0.2.0/24"), action: { kind: "nop" } },
  ];
  for (const changes of others) {
    const other = decodeRule(payloadOf(rule(7, changes)));
    assert.ok(other);
    assert.equal(isSameRule(other, wanted), false);
    assert.notEqual(ruleKey(other), ruleKey(wanted));
  }
});

test("expectedRule() leaves out what the kernel does not tell: zeros", () => {
  const zeros = { firewallMark: { mark: 0, mask: 0 }, tunnelId: "0", ipProtocol: 0 };
  assert.deepEqual(expectedRule(rule(7, zeros)), expectedRule(rule(7)));
});
