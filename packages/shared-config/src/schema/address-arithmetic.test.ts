// Masks and broadcast addresses.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatIp, parseIp } from "../base/ip.js";
import { broadcastOf, isLinkLocal6, maskLength } from "./address-arithmetic.js";

function bytes(text: string): Uint8Array {
  const parsed = parseIp(text);
  assert.ok(parsed !== undefined);
  return parsed;
}

test("broadcastOf() sets the host bits for + and clears them for -", () => {
  assert.equal(broadcastOf(bytes("192.0.2.9"), 24, "+"), "192.0.2.255");
  assert.equal(broadcastOf(bytes("192.0.2.9"), 24, "-"), "192.0.2.0");
  assert.equal(broadcastOf(bytes("192.0.2.9"), 0, "+"), "255.255.255.255");
  assert.equal(broadcastOf(bytes("200.1.2.3"), 1, "-"), "128.0.0.0");
  assert.equal(broadcastOf(bytes("192.0.2.9"), 30, "+"), "192.0.2.11");
});

test("maskLength() takes masks without gaps and nothing else", () => {
  assert.equal(maskLength("255.255.255.255"), 32);
  assert.equal(maskLength("128.0.0.0"), 1);
  for (const text of ["0.0.0.0", "255.0.255.0", "24", "ffff::", "255.255.0"]) {
    assert.equal(maskLength(text), undefined, text);
  }
});

test("maskLength() gives back the length of every mask", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 32 }), (length) => {
      const mask = broadcastOf(bytes("255.255.255.255"), length, "-");
      assert.equal(maskLength(mask), length);
    }),
  );
});

test("isLinkLocal6() knows fe80::/10", () => {
  const linkLocal = ["fe80::1", "febf::1"];
  const others = ["fec0::1", "2001:db8::1", "254.128.0.1"];
  assert.deepEqual(
    linkLocal.filter((text) => isLinkLocal6(bytes(text))),
    linkLocal,
  );
  assert.deepEqual(
    others.filter((text) => isLinkLocal6(bytes(text))),
    [],
  );
  assert.equal(formatIp(bytes("fe80::1")), "fe80::1");
});
