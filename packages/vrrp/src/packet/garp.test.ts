// The gratuitous ARP, byte by byte; test/vectors holds keepalived's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeGratuitousArp } from "./garp.js";

test("encodeGratuitousArp() announces the address as sender and as target to everybody", () => {
  const frame = encodeGratuitousArp(
    Uint8Array.of(192, 0, 2, 100),
    Uint8Array.of(0x02, 0, 0, 0, 0, 0x01),
  );
  assert.equal(
    Buffer.from(frame).toString("hex"),
    ["ffffffffffff", "020000000001", "0806", "0001", "0800", "06", "04", "0001"].join("") +
      ["020000000001", "c0000264", "ffffffffffff", "c0000264"].join(""),
  );
});

test("encodeGratuitousArp() refuses addresses of another length", () => {
  assert.throws(() => encodeGratuitousArp(new Uint8Array(16), new Uint8Array(6)), /4 bytes/);
  assert.throws(() => encodeGratuitousArp(new Uint8Array(4), new Uint8Array(8)), /6 bytes/);
});
