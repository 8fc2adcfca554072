// Addresses: canonical text, bytes and order, checked against node:net's own parser.

import assert from "node:assert/strict";
import { BlockList, isIPv6 } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalIp, compareIp, formatIp, isMulticast, parseIp } from "./ip.js";

// RFC 5952 section 4 and 2.2 of RFC 4291.
const canonical: readonly (readonly [string, string])[] = [
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:0db8::0001", "2001:db8::1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["FE80::", "fe80::"],
  ["::ffff:192.0.2.128", "::ffff:c000:280"],
  ["192.0.2.1", "192.0.2.1"],
];

test("canonicalIp() gives the text of RFC 5952", () => {
  for (const [text, wanted] of canonical) assert.equal(canonicalIp(text), wanted);
});

test("parseIp() refuses what is not an address", () => {
  for (const text of ["", "1.2.3", "256.1.1.1", "fe80::1%eth0", "1.2.3.4/24", "::1::", "host"]) {
    assert.equal(parseIp(text), undefined, text);
  }
});

test("formatIp() and parseIp() are inverse, and node:net accepts the text", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(bytes, (raw) => {
      const address = Uint8Array.from(raw);
      const text = formatIp(address);
      assert.deepEqual(parseIp(text), address);
      if (address.length === 16) assert.ok(isIPv6(text));
    }),
  );
});

test("formatIp() names the same address as node:net understands", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (address) => {
      const text = formatIp(address);
      const long = Buffer.from(address)
        .toString("hex")
        .replace(/(.{4})(?!$)/g, "$1:");
      const list = new BlockList();
      list.addAddress(text, "ipv6");
      assert.ok(list.check(long, "ipv6"));
    }),
  );
});

test("compareIp() orders as unsigned numbers in network order", () => {
  const low = Uint8Array.of(9, 255, 255, 255);
  const high = Uint8Array.of(192, 0, 2, 1);
  assert.ok(compareIp(low, high) < 0);
  assert.ok(compareIp(high, low) > 0);
  assert.equal(compareIp(low, Uint8Array.from(low)), 0);
});

test("isMulticast() knows 224.0.0.0/4 and ff00::/8", () => {
  assert.ok(isMulticast(Uint8Array.of(224, 0, 0, 18)));
  assert.ok(isMulticast(Uint8Array.of(239, 255, 0, 1)));
  assert.ok(!isMulticast(Uint8Array.of(240, 0, 0, 1)));
  assert.ok(!isMulticast(Uint8Array.of(10, 0, 0, 1)));
  const group = new Uint8Array(16);
  group[0] = 0xff;
  assert.ok(isMulticast(group));
});
