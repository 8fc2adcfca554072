// Integers in both orders and link-layer addresses.

import assert from "node:assert/strict";
import { endianness } from "node:os";
import { test } from "node:test";
import fc from "fast-check";
import * as bytes from "./bytes.js";

test("writeNetwork16() puts the high byte first", () => {
  const buffer = new Uint8Array(4);
  bytes.writeNetwork16(buffer, 1, 0x0806);
  assert.deepEqual([...buffer], [0, 8, 6, 0]);
  assert.equal(bytes.readNetwork16(buffer, 1), 0x0806);
});

test("writeHost32() puts bytes in the machine's order", () => {
  const buffer = new Uint8Array(4);
  bytes.writeHost32(buffer, 0, 0x01020304);
  assert.deepEqual([...buffer], endianness() === "LE" ? [4, 3, 2, 1] : [1, 2, 3, 4]);
});

test("what is written in host order is read back, within a view of a larger buffer", () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.nat(0xffffffff), (short, long) => {
      const buffer = new Uint8Array(16).subarray(3, 11);
      bytes.writeHost16(buffer, 0, short);
      bytes.writeHost32(buffer, 2, long);
      assert.equal(bytes.readHost16(buffer, 0), short);
      assert.equal(bytes.readHost32(buffer, 2), long);
    }),
  );
});

test("parseHardwareAddress() reads what formatHardwareAddress() writes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (address) => {
      const text = bytes.formatHardwareAddress(address);
      assert.deepEqual(bytes.parseHardwareAddress(text), address);
      assert.deepEqual(bytes.parseHardwareAddress(text.toUpperCase()), address);
    }),
  );
});

test("parseHardwareAddress() rejects what is not pairs of hexadecimal digits", () => {
  for (const text of ["", ":", "0", "00:", "00:0", "00:1g", "00-11", " 00:11", "00:11\n"]) {
    assert.equal(bytes.parseHardwareAddress(text), undefined, text);
  }
});
