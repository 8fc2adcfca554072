// Socket addresses: vectors laid out by hand from the kernel's headers, round trips, hostile bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIp } from "@keepalived-ts/shared-config/base/ip";
import fc from "fast-check";
import { AF_INET, AF_INET6, AF_PACKET, AF_UNIX, ETH_P_ARP } from "../constants/socket.js";
import { decode, encodeIpv4, encodeIpv6, encodeLinkLayer, encodeUnix } from "./sockaddr.js";

const invalid = { code: "ERR_INVALID_ARGUMENT" };
const octets = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

test("encodeIpv4() lays out struct sockaddr_in", () => {
  assert.equal(hex(encodeIpv4("224.0.0.18", 0x1234)), "02001234e00000120000000000000000");
});

test("encodeIpv6() lays out struct sockaddr_in6 with the scope in host order", () => {
  const expected = `0a00000100000000ff020000000000000000000000000012${"05000000"}`;
  assert.equal(hex(encodeIpv6("ff02::12", 1, 5)), expected);
});

test("encodeLinkLayer() lays out struct sockaddr_ll, the protocol in network order", () => {
  const encoded = encodeLinkLayer({
    interfaceIndex: 7,
    protocol: ETH_P_ARP,
    hardwareAddress: "01:00:5e:00:00:12",
  });
  assert.equal(hex(encoded), `1100080607000000${"00000006"}01005e0000120000`);
});

test("encodeLinkLayer() has room for the 20 bytes of an InfiniBand address", () => {
  const hardwareAddress = Uint8Array.from({ length: 20 }, (_, i) => i);
  const encoded = encodeLinkLayer({ interfaceIndex: 1, protocol: ETH_P_ARP, hardwareAddress });
  assert.equal(encoded.length, 32);
  assert.equal(encoded[11], 20);
});

test("encodeUnix() ends a path by NUL and leaves an abstract name bare", () => {
  assert.equal(hex(encodeUnix("/a")), "01002f6100");
  assert.equal(hex(encodeUnix("\0a")), "01000061");
});

test("the encoders reject what no address is", () => {
  for (const wrong of ["", "1.2.3", "::1", "1.2.3.4 "]) {
    assert.throws(() => encodeIpv4(wrong, 0), invalid);
  }
  for (const wrong of ["", "1.2.3.4", "fe80::1%lo"]) {
    assert.throws(() => encodeIpv6(wrong, 0), invalid);
  }
  for (const port of [-1, 65536, 1.5, Number.NaN]) {
    assert.throws(() => encodeIpv4("1.2.3.4", port), invalid);
  }
  for (const path of ["", "a".repeat(108), "/a\0b", "\0a\0b"]) {
    assert.throws(() => encodeUnix(path), invalid);
  }
  for (const hardwareAddress of ["", "zz", new Uint8Array(21)]) {
    const target = { interfaceIndex: 1, protocol: 0, hardwareAddress };
    assert.throws(() => encodeLinkLayer(target), invalid);
  }
});

test("decode() reads IP addresses back as they were encoded", () => {
  fc.assert(
    fc.property(octets(4), octets(16), fc.nat(65535), fc.nat(0xffffffff), (v4, v6, port, scope) => {
      const ipv4 = { family: AF_INET, address: formatIp(v4), port };
      assert.deepEqual(decode(encodeIpv4(ipv4.address, port)), ipv4);
      const ipv6 = { family: AF_INET6, address: formatIp(v6), port, scopeId: scope };
      assert.deepEqual(decode(encodeIpv6(ipv6.address, port, scope)), ipv6);
    }),
  );
});

test("decode() reads link-layer and Unix addresses back as they were encoded", () => {
  const hardwareAddress = Uint8Array.of(2, 0, 0, 0, 0, 1);
  const target = { interfaceIndex: 3, protocol: ETH_P_ARP, hardwareAddress };
  const expected = { family: AF_PACKET, ...target, hardwareType: 0, packetType: 0 };
  assert.deepEqual(decode(encodeLinkLayer(target)), expected);
  for (const path of ["/run/x", "\0name", "/é"]) {
    assert.deepEqual(decode(encodeUnix(path)), { family: AF_UNIX, path });
  }
  assert.deepEqual(decode(Uint8Array.of(1, 0)), { family: AF_UNIX, path: "" });
});

test("decode() takes any bytes and never reads beyond them", () => {
  const families = fc.constantFrom(AF_UNIX, AF_INET, AF_INET6, AF_PACKET, 0, 16, 999);
  fc.assert(
    fc.property(families, fc.uint8Array({ maxLength: 40 }), (family, rest) => {
      const bytes = Uint8Array.of(family & 0xff, family >> 8, ...rest);
      const decoded = decode(bytes);
      assert.ok(decoded === undefined || decoded.family === family);
      if (decoded?.family === AF_PACKET) assert.ok(decoded.hardwareAddress.length <= rest.length);
    }),
  );
  assert.equal(decode(new Uint8Array(0)), undefined);
  assert.equal(decode(Uint8Array.of(2)), undefined);
});
