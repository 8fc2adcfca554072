// grpc-codec.ts: bytes of other implementations, and hostile ones.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { healthRequest, healthStatus } from "./grpc-codec.js";

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

test("healthRequest() is what protobuf makes of a HealthCheckRequest", () => {
  assert.deepEqual(healthRequest(""), hex("00 00000000"));
  assert.deepEqual(healthRequest("a.B"), hex("00 00000005 0a03 612e42"));
  const long = healthRequest("x".repeat(200));
  assert.deepEqual(long.subarray(0, 8), hex("00 000000cb 0ac801"));
  assert.deepEqual(healthRequest("é"), hex("00 00000004 0a02 c3a9"));
});

const bodies: readonly (readonly [string, number | undefined])[] = [
  ["00 00000002 0801", 1],
  ["00 00000002 0802", 2],
  // A field with its default is left out.
  ["00 00000000", 0],
  // Unknown fields before and after, one of each wire type; the last status counts.
  ["00 00000021 1001 0802 11 0102030405060708 1a03 616263 1d 01020304 0801 2080808080808001", 1],
  ["00 00000003 08ff01", 255],
  ["", undefined],
  ["00 000000", undefined],
  ["01 00000002 0801", undefined],
  ["00 00000003 0801", undefined],
  ["00 00000001 0801", undefined],
  ["00 00000002 0801 00 00000002 0801", undefined],
  ["00 00000001 08", undefined],
  ["00 00000002 0880", undefined],
  ["00 00000002 1a7f", undefined],
  ["00 00000003 11 0102", undefined],
  ["00 00000001 0b", undefined],
  ["00 0000000c 08 ffffffffffffffffffffff", undefined],
];

for (const [text, status] of bodies) {
  test(`healthStatus(${text || "nothing"}) is ${status}`, () => {
    assert.equal(healthStatus(hex(text)), status);
  });
}

test("healthStatus() ends on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const head = Buffer.alloc(5);
      head.writeUInt32BE(bytes.length, 1);
      const status = healthStatus(Buffer.concat([head, bytes]));
      assert.ok(status === undefined || status >= 0);
    }),
  );
});
