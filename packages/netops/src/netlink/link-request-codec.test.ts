// Requests for links against what iproute2 6.1 sends for the same wish (strace of ip(8)), and the
// configuration of a link as the kernel tells it.

import assert from "node:assert/strict";
import { endianness } from "node:os";
import { test } from "node:test";
import fc from "fast-check";
import { encodeRequest } from "./connection.js";
import { decodeLink } from "./link-codec.js";
import type { LinkChange } from "./link-request.js";
import { decodeLinkConfiguration, encodeLinkQuery, linkRequest } from "./link-request-codec.js";
import { type Attributes, MessageWriter, readAttributes, readMessages } from "./message.js";

assert.equal(endianness(), "LE", "the vectors below are of a little-endian machine");

interface Parsed {
  readonly type: number;
  readonly flags: number;
  readonly header: string;
  readonly attributes: Readonly<Record<number, string>>;
}

const nlmFAck = 0x4;

/** Type, flags without the acknowledgement, struct ifinfomsg, attributes whatever their order. */
function parse(bytes: Uint8Array): Parsed {
  const parsed: Parsed[] = [];
  readMessages(bytes, ({ type, flags, payload }) => {
    const attributes: Attributes | undefined = readAttributes(payload, 16);
    assert.ok(attributes);
    parsed.push({
      type,
      flags: flags & ~nlmFAck,
      header: Buffer.from(payload.subarray(0, 16)).toString("hex"),
      attributes: Object.fromEntries([...attributes].map(([key, value]) => [key, flat(value)])),
    });
  });
  const [first] = parsed;
  assert.ok(first);
  return first;
}

/** iproute2 leaves out NLA_F_NESTED, the kernel does not mind either way. */
function flat(value: Uint8Array): string {
  return Buffer.from(value).toString("hex").replaceAll("0280", "0200").replaceAll("0a80", "0a00");
}

function ours(change: LinkChange): Parsed {
  return parse(encodeRequest(linkRequest(change)));
}

function theirs(hex: string): Parsed {
  return parse(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
}

const header = "3659076b00000000 00000000000000000000000000000000";

test("addMacvlan is what `ip link add ... type macvlan mode private` sends", () => {
  const change: LinkChange = {
    type: "addMacvlan",
    link: {
      name: "vrrp.51",
      parentIndex: 3,
      mode: "private",
      hardwareAddress: "00:00:5e:00:01:33",
      group: 7,
    },
  };
  const vector = `64000000 1000 0506 ${header} 0a000100 00005e0001330000 08001b00 07000000
    08000500 03000000 0c000300 767272702e353100
    1c001200 0b000100 6d6163766c616e00 0c000200 0800010001000000`;
  assert.deepEqual(ours(change), theirs(vector));
});

test("addIpvlan is what `ip link add ... type ipvlan mode l2 private` sends", () => {
  const link = { name: "ipv.5", parentIndex: 3, mode: "private" } as const;
  const vector = `58000000 1000 0506 ${header} 08000500 03000000 0a000300 6970762e35000000
    24001200 0a000100 6970766c616e0000 14000200 0600010000000000 0600020001000000`;
  assert.deepEqual(ours({ type: "addIpvlan", link }), theirs(vector));
});

test("set and delete are what `ip link set` and `ip link del` send", () => {
  const target = { index: 4 };
  const address = "00:00:5e:00:01:34";
  const index4 = "3659076b00000000 0000000004000000";
  const cases: readonly (readonly [LinkChange, string])[] = [
    [
      { type: "set", target, settings: { isUp: true } },
      `20000000 1000 0500 ${index4} 0100000001000000`,
    ],
    [
      { type: "set", target, settings: { hardwareAddress: address } },
      `2c000000 1000 0500 ${index4} 0000000000000000 0a00010000005e0001340000`,
    ],
    [
      { type: "set", target, settings: { group: 9 } },
      `28000000 1000 0500 ${index4} 0000000000000000 08001b0009000000`,
    ],
    [
      { type: "setAddressGeneration", target, mode: "none" },
      `30000000 1000 0500 ${index4} 0000000000000000 10001a00 0c000a00 0500080001000000`,
    ],
    [{ type: "delete", target }, `20000000 1100 0500 ${index4} 0000000000000000`],
  ];
  for (const [change, vector] of cases) assert.deepEqual(ours(change), theirs(vector));
});

test("set changes only the flags that it names, and IFF_UP by its own word", () => {
  const header = (flags: number, mask: number, isUp?: boolean): string =>
    ours({ type: "set", target: { index: 4 }, settings: { flags: { flags, mask }, isUp } }).header;
  assert.equal(header(0x80, 0x81, true).slice(16), "81000000" + "81000000");
  assert.equal(header(0x81, 0x80, false).slice(16), "80000000" + "81000000");
});

test("setIpv4 is what keepalived sends for a virtual MAC", () => {
  // keepalived 2.2.7 by strace: arp_ignore 1, accept_local 1, rp_filter 0, promote_secondaries 1.
  const change: LinkChange = {
    type: "setIpv4",
    target: { index: 4 },
    settings: { arp_ignore: 1, accept_local: 1, rp_filter: 0, promote_secondaries: 1 },
  };
  const conf = readAttributes(readAttributesOf(change), 4);
  const values = readAttributes(conf?.get(1) ?? new Uint8Array());
  assert.deepEqual([...(values ?? [])].map(([type, value]) => [type, value[0]]).sort(), [
    [19, 1],
    [20, 1],
    [23, 1],
    [8, 0],
  ]);
});

/** IFLA_AF_SPEC's AF_INET with its header. */
function readAttributesOf(change: LinkChange): Uint8Array {
  let found: Uint8Array | undefined;
  readMessages(encodeRequest(linkRequest(change)), ({ payload }) => {
    found = readAttributes(payload, 16)?.get(26);
  });
  assert.ok(found);
  assert.equal(found[2], 2);
  return found;
}

function linkPayload(family: number, write: (writer: MessageWriter) => void): Uint8Array {
  const writer = new MessageWriter();
  writer.u32(family);
  writer.u32(7);
  writer.u32(0);
  writer.u32(0);
  writer.attributeText(3, "v0");
  write(writer);
  return writer.bytes();
}

test("decodeLinkConfiguration() reads what the kernel has for both families", () => {
  const payload = linkPayload(0, (writer) =>
    writer.nested(26, () => {
      writer.nested(2, () => {
        const values = new Uint8Array(Uint32Array.from({ length: 33 }, (_, i) => i + 1).buffer);
        writer.attribute(1, values);
      });
      writer.nested(10, () => writer.attributeU8(8, 1));
    }),
  );
  const configuration = decodeLinkConfiguration(payload);
  assert.equal(configuration?.index, 7);
  assert.equal(configuration?.addressGeneration, "none");
  assert.equal(configuration?.ipv4.arp_ignore, 19);
  assert.equal(configuration?.ipv4.rp_filter, 8);
  assert.equal(configuration?.ipv4.accept_local, 23);
});

test("decodeLinkConfiguration() leaves out what is not told, and reports what is cut short", () => {
  const none = decodeLinkConfiguration(linkPayload(0, () => undefined));
  assert.deepEqual(none, { index: 7, ipv4: {}, addressGeneration: undefined });
  const whole = linkPayload(0, () => undefined);
  assert.equal(decodeLinkConfiguration(linkPayload(7, () => undefined)), null);
  assert.equal(decodeLinkConfiguration(whole.subarray(0, 15)), undefined);
  assert.equal(decodeLinkConfiguration(whole.subarray(0, whole.length - 4)), undefined);
});

test("decodeLink() reads modes and group of virtual links", () => {
  const info = (kind: string, write: (writer: MessageWriter) => void): Uint8Array =>
    linkPayload(0, (writer) => {
      writer.attributeU32(27, 7);
      writer.nested(18, () => {
        writer.attributeText(1, kind);
        writer.nested(2, () => write(writer));
      });
    });
  const macvlan = decodeLink(info("macvlan", (writer) => writer.attributeU32(1, 1)));
  assert.equal(macvlan?.macvlanMode, "private");
  assert.equal(macvlan?.group, 7);
  const source = decodeLink(info("macvlan", (writer) => writer.attributeU32(1, 16)));
  assert.equal(source?.macvlanMode, undefined);
  const ipvlan = (mode: number) => (writer: MessageWriter) => {
    writer.attributeU16(1, mode);
    writer.attributeU16(2, 2);
  };
  assert.equal(decodeLink(info("ipvlan", ipvlan(0)))?.ipvlanMode, "vepa");
  assert.equal(decodeLink(info("ipvlan", ipvlan(1)))?.ipvlanMode, undefined);
});

test("decodeLinkConfiguration() takes any bytes without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 128 }), (payload) => {
      if (payload.length > 0) payload[0] = 0;
      const nested = linkPayload(0, (writer) => writer.attribute(26, payload));
      for (const bytes of [payload, nested]) {
        const configuration = decodeLinkConfiguration(bytes);
        assert.ok(configuration === undefined || (configuration?.index ?? -1) >= 0);
      }
    }),
  );
});

test("encodeLinkQuery() asks by name where there is no index", () => {
  const writer = new MessageWriter();
  encodeLinkQuery(writer, { name: "eth0.7" });
  assert.equal(
    Buffer.from(readAttributes(writer.bytes(), 16)?.get(3) ?? []).toString(),
    "eth0.7\0",
  );
});
