// Vectors: what iproute2 6.1 sent, taken with nlmon, the command above each.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AddressRequest,
  decodeAddress,
  encodeDeleteAddress,
  encodeNewAddress,
  type InterfaceAddress,
  isDuplicate,
  isTentative,
} from "./address-codec.js";
import { MessageWriter, readAttributes } from "./message.js";

function payloadOf(encode: (writer: MessageWriter) => void): Buffer {
  const writer = new MessageWriter();
  encode(writer);
  return Buffer.from(writer.bytes());
}

/** The attributes of both as text, since their order is free. */
function attributesOf(payload: Uint8Array): string[] {
  const attributes = readAttributes(payload, 8) ?? new Map<number, Uint8Array>();
  return [...attributes]
    .map(([type, value]) => `${type} ${Buffer.from(value).toString("hex")}`)
    .sort();
}

function assertSame(actual: Buffer, hex: string): void {
  const expected = Buffer.from(hex, "hex");
  assert.equal(actual.subarray(0, 8).toString("hex"), expected.subarray(0, 8).toString("hex"));
  assert.deepEqual(attributesOf(actual), attributesOf(expected));
}

const labelled: AddressRequest = {
  interfaceIndex: 4,
  address: "192.0.2.7",
  prefixLength: 24,
  scope: 0,
  label: "v0:vip",
  broadcast: "192.0.2.255",
  noPrefixRoute: true,
};

test("encodeNewAddress() writes label, broadcast and flags as iproute2 does", () => {
  // ip addr add 192.0.2.7/24 brd 192.0.2.255 dev v0 label v0:vip noprefixroute
  assertSame(
    payloadOf((writer) => encodeNewAddress(writer, labelled)),
    "021800000400000008000200c000020708000400c00002ff0b00030076303a7669700000" +
      "080008000002000008000100c0000207",
  );
});

test("encodeNewAddress() writes the peer of a point-to-point address as iproute2 does", () => {
  // ip addr add 192.0.2.9 peer 192.0.2.10/32 dev v0
  const request = {
    interfaceIndex: 4,
    address: "192.0.2.9",
    peer: "192.0.2.10",
    prefixLength: 32,
    scope: 0,
  };
  assertSame(
    payloadOf((writer) => encodeNewAddress(writer, request)),
    "022000000400000008000200c000020908000100c000020a",
  );
});

test("encodeNewAddress() switches off duplicate address detection for IPv6", () => {
  // ip addr add 2001:db8::7/128 dev v0 nodad preferred_lft 0
  // iproute2 puts IFA_F_NODAD into the header's flags, we into IFA_FLAGS.
  const request = {
    interfaceIndex: 4,
    address: "2001:db8::7",
    prefixLength: 128,
    scope: 0,
    preferredLifetimeS: 0,
  };
  assertSame(
    payloadOf((writer) => encodeNewAddress(writer, request)),
    "0a800000040000001400020020010db80000000000000000000000071400010020010db8" +
      "0000000000000000000000070800080002000000" +
      "1400060000000000ffffffff0000000000000000",
  );
});

test("encodeNewAddress() writes every flag of IPv6 as iproute2 does", () => {
  // ip addr add 2001:db8::77/64 dev v0 home nodad mngtmpaddr noprefixroute
  const request: AddressRequest = {
    interfaceIndex: 3,
    address: "2001:db8::77",
    prefixLength: 64,
    scope: 0,
    homeAddress: true,
    manageTemporaryAddresses: true,
    noPrefixRoute: true,
  };
  assertSame(
    payloadOf((writer) => encodeNewAddress(writer, request)),
    "0a400000030000001400020020010db800000000000000000000007708000800120300001400010020010db8" +
      "000000000000000000000077",
  );
  // IPv4 has none of them but noprefixroute.
  const ipv4 = { ...request, address: "192.0.2.7", prefixLength: 24 };
  const payload = payloadOf((writer) => encodeNewAddress(writer, ipv4));
  assert.equal(decodeAddress(payload)?.flags, 0x200);
});

test("encodeNewAddress() detects duplicates if asked, and writes lifetimes", () => {
  // ip addr add 2001:db8::78/64 dev v0 valid_lft 300 preferred_lft 200
  const request: AddressRequest = {
    interfaceIndex: 3,
    address: "2001:db8::78",
    prefixLength: 64,
    scope: 0,
    detectDuplicates: true,
    preferredLifetimeS: 200,
    validLifetimeS: 300,
  };
  assertSame(
    payloadOf((writer) => encodeNewAddress(writer, request)),
    "0a400000030000001400020020010db80000000000000000000000781400010020010db80000000000000000" +
      "0000007814000600c80000002c0100000000000000000000",
  );
});

test("encodeNewAddress() lets the kernel join the group that the address is", () => {
  // ip addr add 239.1.1.1/32 dev v0 autojoin valid_lft 300 preferred_lft 200
  const request: AddressRequest = {
    interfaceIndex: 3,
    address: "239.1.1.1",
    prefixLength: 32,
    scope: 0,
    multicastAutoJoin: true,
    preferredLifetimeS: 200,
    validLifetimeS: 300,
  };
  assertSame(
    payloadOf((writer) => encodeNewAddress(writer, request)),
    "022000000300000008000200ef010101080008000004000008000100ef01010114000600c80000002c010000" +
      "0000000000000000",
  );
});

test("encodeNewAddress() prefers no address for longer than it is valid", () => {
  const request = { ...labelled, validLifetimeS: 60 };
  const found = decodeAddress(payloadOf((writer) => encodeNewAddress(writer, request)));
  assert.deepEqual([found?.preferredLifetimeS, found?.validLifetimeS], [60, 60]);
});

test("encodeNewAddress() marks the address with its protocol, and 0 is no mark", () => {
  const marked = payloadOf((writer) => encodeNewAddress(writer, { ...labelled, protocol: 18 }));
  assert.ok(attributesOf(marked).includes("11 12"));
  const unmarked = payloadOf((writer) => encodeNewAddress(writer, { ...labelled, protocol: 0 }));
  assert.ok(!attributesOf(unmarked).some((one) => one.startsWith("11 ")));
});

test("encodeDeleteAddress() writes only what identifies the address", () => {
  // ip addr del 192.0.2.7/24 dev v0
  const { label: _label, ...unlabelled } = labelled;
  assertSame(
    payloadOf((writer) => encodeDeleteAddress(writer, unlabelled)),
    "021800000400000008000200c000020708000100c0000207",
  );
});

test("decodeAddress() reads what encodeNewAddress() writes", () => {
  const payload = payloadOf((writer) => encodeNewAddress(writer, { ...labelled, protocol: 18 }));
  assert.deepEqual(decodeAddress(payload), {
    interfaceIndex: 4,
    family: 4,
    address: "192.0.2.7",
    prefixLength: 24,
    scope: 0,
    flags: 0x200,
    label: "v0:vip",
    broadcast: "192.0.2.255",
    protocol: 18,
  });
});

test("decodeAddress() reads the other end and the lifetimes", () => {
  const request = { ...labelled, peer: "198.51.100.1", preferredLifetimeS: 0 };
  const found = decodeAddress(payloadOf((writer) => encodeNewAddress(writer, request)));
  assert.equal(found?.peer, "198.51.100.1");
  assert.equal(found?.preferredLifetimeS, 0);
  assert.equal(found?.validLifetimeS, undefined);
});

test("isTentative() and isDuplicate() tell how duplicate address detection stands", () => {
  const found = decodeAddress(payloadOf((writer) => encodeNewAddress(writer, labelled)));
  assert.ok(found);
  const withFlags = (flags: number): InterfaceAddress => ({ ...found, flags });
  assert.deepEqual([isTentative(withFlags(0x40)), isDuplicate(withFlags(0x40))], [true, false]);
  assert.deepEqual([isTentative(withFlags(0x48)), isDuplicate(withFlags(0x48))], [true, true]);
  assert.deepEqual([isTentative(withFlags(0x80)), isDuplicate(withFlags(0x80))], [false, false]);
});

test("decodeAddress() tells other families apart from malformed messages", () => {
  const good = payloadOf((writer) => encodeNewAddress(writer, labelled));
  assert.equal(decodeAddress(good.subarray(0, 7)), undefined);
  assert.equal(decodeAddress(good.subarray(0, 8)), undefined);
  assert.equal(decodeAddress(good.subarray(0, good.length - 1)), undefined);
  const phonet = Buffer.from(good);
  phonet[0] = 35;
  assert.equal(decodeAddress(phonet), null);
  const wrongLength = Buffer.from(good);
  wrongLength[0] = 10;
  assert.equal(decodeAddress(wrongLength), undefined);
});

test("decodeAddress() skips attributes that it does not know", () => {
  const payload = payloadOf((writer) => {
    encodeNewAddress(writer, labelled);
    writer.attribute(999, Uint8Array.of(1, 2, 3));
  });
  assert.equal(decodeAddress(payload)?.address, "192.0.2.7");
});

test("decodeAddress() takes any bytes without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 128 }), (payload) => {
      if (payload.length > 0) payload[0] = 2;
      const address = decodeAddress(payload);
      assert.ok(address === undefined || address === null || address.family === 4);
    }),
  );
});
