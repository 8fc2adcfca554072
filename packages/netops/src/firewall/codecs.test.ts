// Messages of nftables against what nft(8) 1.0.6 sends for the same wish (strace), and readings of
// what the kernel tells, whole and broken.

import assert from "node:assert/strict";
import { endianness } from "node:os";
import { test } from "node:test";
import fc from "fast-check";
import { readMessages } from "../netlink/message.js";
import { batchBegin, batchEnd, encodeChange } from "./change-codec.js";
import { decodeParts, encodeParts, typeLength, typeNumber, typesOfNumber } from "./data-types.js";
import { decodeElements, decodeSet, decodeTable, elementDump } from "./table-codec.js";
import type { Expression, FirewallChange, SetRequest, TableKey } from "./types.js";

assert.equal(endianness(), "LE", "the vectors below are of a little-endian machine");

const table: TableKey = { family: "ip6", name: "t" };
const set: SetRequest = { table, name: "s", keyTypes: ["ipv6_addr", "iface_index"] };
const map: SetRequest = { table, name: "m", keyTypes: ["iface_index"], dataType: "iface_index" };

interface Parsed {
  readonly type: number;
  readonly flags: number;
  readonly payload: string;
}

const userspaceFlags = 0xe00;

/** Sequence and acknowledgement are the connection's; NLM_F_EXCL is the wish for a refusal. */
function parse(bytes: Uint8Array): Parsed[] {
  const parsed: Parsed[] = [];
  const isWhole = readMessages(bytes, ({ type, flags, payload }) => {
    const hex = Buffer.from(payload).toString("hex");
    parsed.push({ type, flags: flags & userspaceFlags, payload: hex });
  });
  assert.ok(isWhole);
  return parsed;
}

function ours(...changes: readonly FirewallChange[]): Parsed[] {
  const messages = [batchBegin, ...changes.flatMap(encodeChange), batchEnd];
  return messages.flatMap((bytes) => parse(Buffer.concat([bytes, padding(bytes)])));
}

/** As a batch pads each message but for the last. */
function padding(bytes: Uint8Array): Uint8Array {
  return new Uint8Array((4 - (bytes.length % 4)) % 4);
}

function theirs(hex: string): Parsed[] {
  return parse(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
}

const begin = "14000000 1000 0100 00000000 00000000 0000000a";
const end = "14000000 1100 0100 02000000 00000000 0000000a";
const tableAttribute = "0600010074000000";

test("elements are added and deleted as `nft add element` and `nft delete element` do it", () => {
  const elements = [{ key: ["fe80::1:2", 1] }];
  const body = `0a000000 ${tableAttribute} 06000200 73000000`;
  const list = `24000380 20000180 1c000180 18000100 fe800000000000000000000000010002 01000000`;
  assert.deepEqual(
    ours({ type: "deleteElements", set, elements }),
    theirs(`${begin} 48000000 0e0a 0100 01000000 00000000 ${body} ${list} ${end}`),
  );
  // nft names the set by its number, too: 0 for one that is there.
  const added = ours({ type: "addElements", set: { ...set, id: 1 }, elements });
  const vector = `50000000 0c0a 0104 01000000 00000000 ${body} 0800040000000001 ${list}`;
  assert.deepEqual(added, theirs(`${begin} ${vector} ${end}`));
});

test("an element of a map is added as `nft add element` does it", () => {
  const change: FirewallChange = {
    type: "addElements",
    set: { ...map, id: 2 },
    elements: [{ key: [1], data: 1 }],
  };
  const vector = `4c000000 0c0a 0104 01000000 00000000 0a000000 ${tableAttribute}
    060002006d000000 0800040000000002
    20000380 1c000180 0c000180 0800010001000000 0c000280 0800010001000000`;
  assert.deepEqual(ours(change), theirs(`${begin} ${vector} ${end}`));
});

const source: Expression = { type: "payload", base: "network", offset: 8, length: 16, to: 1 };
const rule = (...expressions: readonly Expression[]): FirewallChange => ({
  type: "addRule",
  rule: { table, chain: "c", expressions },
});

function ruleVector(length: string, expressions: string): string {
  const head = `0a000000 ${tableAttribute} 0600020063000000`;
  return `${begin} ${length} 060a 010c 01000000 00000000 ${head} ${expressions} ${end}`;
}

test("a rule with a mask and a goto is what nft makes of `ip6 saddr fe80::/10 goto d`", () => {
  const zeros = "00".repeat(14);
  const mask = Uint8Array.from(Buffer.from(`ffc0${zeros}`, "hex"));
  const value = Uint8Array.from(Buffer.from(`fe80${zeros}`, "hex"));
  const change = rule(
    source,
    { type: "mask", from: 1, to: 1, mask },
    { type: "compare", from: 1, is: "equal", value },
    { type: "verdict", verdict: { type: "goto", chain: "d" } },
  );
  const vector = `04010480 34000180 0c0001007061796c6f616400 24000280 0800010000000001
    0800020000000001 0800030000000008 0800040000000010 5c000180 0c0001006269747769736500
    4c000280 0800010000000001 0800020000000001 0800030000000010 18000480 14000100
    ffc0${zeros} 18000580 14000100 0000${zeros} 38000180 08000100636d7000 2c000280
    0800010000000001 0800020000000000 18000380 14000100 fe80${zeros} 38000180
    0e000100696d6d6564696174650000 00 24000280 0800010000000000 18000280 14000280
    08000100fffffffc 0600020064000000`;
  assert.deepEqual(ours(change), theirs(ruleVector("28010000", vector)));
});

test("a rule with a concatenation is what nft makes of `ip6 saddr . oif @s counter drop`", () => {
  const change = rule(
    source,
    { type: "meta", key: "oif", to: 2 },
    { type: "lookup", set: { name: "s", id: 1 }, from: 1 },
    { type: "counter" },
    { type: "verdict", verdict: { type: "drop" } },
  );
  const [, mine] = ours(change);
  const names = ["payload", "meta", "lookup", "counter", "immediate"];
  for (const name of names) assert.ok(mine?.payload.includes(Buffer.from(name).toString("hex")));
  const beforeCounter = `34000180 0c0001007061796c6f616400 24000280 0800010000000001
    0800020000000001 0800030000000008 0800040000000010 24000180 090001006d65746100000000
    14000280 0800020000000005 0800010000000002 2c000180 0b0001006c6f6f6b75700000 1c000280
    0800020000000001 0600010073000000 0800040000000001`;
  assert.ok(mine?.payload.includes(beforeCounter.replaceAll(/\s/g, "")));
  const drop = `30000180 0e000100696d6d656469617465000000 1c000280 0800010000000000 10000280
    0c000280 0800010000000000`;
  assert.ok(mine?.payload.endsWith(drop.replaceAll(/\s/g, "")));
});

test("a rule with names and a return is what nft makes of the same words", () => {
  const name = new Uint8Array(16);
  name.set(Buffer.from("foo"));
  const change = rule(
    { type: "meta", key: "iifname", to: 1 },
    { type: "compare", from: 1, is: "equal", value: name },
    { type: "payload", base: "network", offset: 7, length: 1, to: 1 },
    { type: "compare", from: 1, is: "different", value: Uint8Array.of(255) },
    { type: "verdict", verdict: { type: "return" } },
  );
  const vector = `f0000480 24000180 090001006d65746100000000 14000280 0800020000000006
    0800010000000001 38000180 08000100636d7000 2c000280 0800010000000001 0800020000000000
    18000380 14000100 666f6f00000000000000000000000000 34000180 0c0001007061796c6f616400
    24000280 0800010000000001 0800020000000001 0800030000000007 0800040000000001 2c000180
    08000100636d7000 20000280 0800010000000001 0800020000000001 0c000380 05000100ff000000
    30000180 0e000100696d6d656469617465000000 1c000280 0800010000000000 10000280 0c000280
    08000100fffffffb`;
  assert.deepEqual(ours(change), theirs(ruleVector("14010000", vector)));
});

test("a rule with a copy is what nft makes of `dup to ... device oif map @m`", () => {
  const kind = new Uint8Array(16);
  kind.set(Buffer.from("macvlan"));
  const change = rule(
    { type: "meta", key: "oifkind", to: 1 },
    { type: "compare", from: 1, is: "equal", value: kind },
    { type: "payload", base: "network", offset: 24, length: 16, to: 1 },
    { type: "meta", key: "oif", to: 2 },
    { type: "lookup", set: { name: "m", id: 2 }, from: 2, to: 2 },
    { type: "duplicate", address: 1, interface: 2 },
  );
  const vector = `0c010480 24000180 090001006d65746100000000 14000280 080002000000001b
    0800010000000001 38000180 08000100636d7000 2c000280 0800010000000001 0800020000000000
    18000380 14000100 6d6163766c616e000000000000000000 34000180 0c0001007061796c6f616400
    24000280 0800010000000001 0800020000000001 0800030000000018 0800040000000010 24000180
    090001006d65746100000000 14000280 0800020000000005 0800010000000002 34000180
    0b0001006c6f6f6b75700000 24000280 0800020000000002 0800030000000002 060001006d000000
    0800040000000002 20000180 0800010064757000 14000280 0800010000000001 0800020000000002`;
  const mine = sortedLookup(ours(change));
  assert.deepEqual(mine, sortedLookup(theirs(ruleVector("30010000", vector))));
});

/** Attributes of a lookup in any order: the kernel does not mind. */
function sortedLookup(messages: readonly Parsed[]): readonly string[] {
  return messages.map(({ payload }) => (payload.match(/.{8}/g) ?? []).sort().join(" "));
}

test("tables and chains are made as nft makes them", () => {
  const base = { hook: "output", priority: -1, policy: "accept" } as const;
  const parsed = ours(
    { type: "addTable", table },
    { type: "addChain", chain: { table, name: "d" } },
    { type: "addChain", chain: { table, name: "c", base } },
    { type: "deleteTable", table },
  );
  const chain = `0a000000 ${tableAttribute}`;
  const hook = "14000480 0800010000000003 08000200ffffffff";
  const policy = "0800050000000001";
  const kind = "0b00070066696c7465720000";
  const plain = (text: string): string => text.replaceAll(" ", "");
  assert.deepEqual(
    parsed.slice(1, -1).map(({ type, payload }) => [type, payload]),
    [
      [0xa00, plain(`0a000000 ${tableAttribute}`)],
      [0xa03, plain(`${chain} 0600030064000000`)],
      [0xa03, plain(`${chain} 0600030063000000 ${hook} ${policy} ${kind}`)],
      [0xa02, plain(`0a000000 ${tableAttribute}`)],
    ],
  );
});

test("many elements are cut into messages whose refusal can still be read", () => {
  const elements = Array.from({ length: 2_000 }, (_, i) => ({ key: [`2001:db8::${i}`, i + 1] }));
  const messages = encodeChange({ type: "addElements", set, elements });
  assert.equal(messages.length, 4);
  for (const message of messages) assert.ok(message.length + 36 < 32_768);
});

test("values of every type come back as they went, and concatenations fill registers", () => {
  const types = ["ipv4_addr", "icmpv6_type", "ifname", "ipv6_addr", "iface_index"] as const;
  const parts = ["192.0.2.1", 135, "eth0.7", "fe80::1", 4711];
  const bytes = encodeParts(types, parts);
  assert.equal(bytes.length, 4 + 4 + 16 + 16 + 4);
  assert.deepEqual(decodeParts(types, bytes), parts);
  assert.equal(decodeParts(types, bytes.subarray(1)), undefined);
  assert.deepEqual(typesOfNumber(typeNumber(types)), types);
  assert.equal(typesOfNumber(0x3f), undefined);
  assert.equal(typesOfNumber(0), undefined);
  assert.equal(typeLength(["icmpv6_type"]), 1);
});

test("decodeTable(), decodeSet() and decodeElements() read what they wrote", () => {
  const payloadOf = (change: FirewallChange): Uint8Array => {
    let found = new Uint8Array();
    for (const bytes of encodeChange(change)) {
      readMessages(bytes, ({ payload }) => {
        found = new Uint8Array(payload);
      });
    }
    return found;
  };
  assert.deepEqual(decodeTable(payloadOf({ type: "addTable", table })), table);
  const made = decodeSet(payloadOf({ type: "addSet", set: map }));
  assert.deepEqual(made, { table, name: "m", isMap: true, keyTypes: ["iface_index"] });
  const elements = [{ key: [5], data: 7 }];
  const payload = payloadOf({ type: "addElements", set: map, elements });
  assert.deepEqual(decodeElements(payload, map), elements);
  assert.equal(decodeElements(payload, set), undefined);
  const other = payloadOf({ type: "addTable", table });
  other[0] = 7;
  assert.equal(decodeTable(other), null);
  assert.equal(elementDump(set).type, 0xa0d);
});

test("what is read takes any bytes without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 96 }), fc.boolean(), (bytes, isList) => {
      const payload = isList
        ? Buffer.concat([Uint8Array.of(10, 0, 0, 0, bytes.length + 4, 0, 3, 0x80), bytes])
        : bytes;
      decodeTable(payload);
      decodeSet(payload);
      for (const one of [set, map]) {
        const elements = decodeElements(payload, one);
        assert.ok(elements === undefined || Array.isArray(elements));
      }
    }),
  );
});
