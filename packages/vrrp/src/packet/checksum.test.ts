// The Internet checksum against RFC 1071's own example and its arithmetic.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addToChecksum, finishChecksum } from "./checksum.js";

test("finishChecksum() agrees with the example of RFC 1071 section 3", () => {
  const bytes = Uint8Array.from([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
  assert.equal(finishChecksum(addToChecksum(0, bytes)), ~0xddf2 & 0xffff);
});

test("addToChecksum() takes an odd last byte as the high one", () => {
  assert.equal(addToChecksum(0, Uint8Array.of(0x12)), 0x1200);
});

test("finishChecksum() is 0 over data that holds its own checksum", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 2000 }), (data) => {
      const bytes = data.length % 2 === 0 ? data : data.subarray(1);
      bytes[2] = 0;
      bytes[3] = 0;
      const checksum = finishChecksum(addToChecksum(0, bytes));
      bytes[2] = checksum >> 8;
      bytes[3] = checksum & 0xff;
      assert.equal(finishChecksum(addToChecksum(0, bytes)), 0);
    }),
  );
});
