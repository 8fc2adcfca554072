// The bounds of the IPv4 header, and what is written is read back.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addToChecksum, finishChecksum } from "./checksum.js";
import { decodeIpv4, encodeIpv4, type Ipv4DecodeError } from "./ipv4.js";

const fields = {
  source: Uint8Array.of(192, 0, 2, 11),
  destination: Uint8Array.of(224, 0, 0, 18),
  ttl: 255,
  tos: 0xc0,
  protocol: 112,
  payload: Uint8Array.of(1, 2, 3, 4),
};

function changed(offset: number, ...values: readonly number[]): Uint8Array {
  const packet = encodeIpv4(fields);
  packet.set(values, offset);
  return packet;
}

test("decodeIpv4() reads what encodeIpv4() wrote", () => {
  const addresses = fc.uint8Array({ minLength: 4, maxLength: 4 });
  const payloads = fc.uint8Array({ maxLength: 1500 });
  fc.assert(
    fc.property(addresses, addresses, payloads, (source, destination, payload) => {
      const decoded = decodeIpv4(encodeIpv4({ ...fields, source, destination, payload }));
      assert.ok(decoded.ok);
      assert.deepEqual([...decoded.source], [...source]);
      assert.deepEqual([...decoded.destination], [...destination]);
      assert.deepEqual([...decoded.payload], [...payload]);
      assert.deepEqual([decoded.ttl, decoded.protocol, decoded.headerLength], [255, 112, 20]);
    }),
  );
});

test("encodeIpv4() writes a right header checksum", () => {
  assert.equal(finishChecksum(addToChecksum(0, encodeIpv4(fields).subarray(0, 20))), 0);
});

test("decodeIpv4() refuses every bound that is broken", () => {
  const cases: readonly (readonly [Uint8Array, Ipv4DecodeError])[] = [
    [new Uint8Array(0), "IPV4_TOO_SHORT"],
    [encodeIpv4(fields).subarray(0, 19), "IPV4_TOO_SHORT"],
    [changed(0, 0x65), "IPV4_BAD_VERSION"],
    [changed(0, 0x44), "IPV4_BAD_HEADER_LENGTH"],
    [changed(0, 0x4f), "IPV4_BAD_HEADER_LENGTH"],
    [changed(2, 0, 19), "IPV4_BAD_TOTAL_LENGTH"],
    [changed(2, 0, 25), "IPV4_BAD_TOTAL_LENGTH"],
    [changed(6, 0x20, 0), "IPV4_FRAGMENT"],
    [changed(6, 0, 1), "IPV4_FRAGMENT"],
  ];
  for (const [packet, code] of cases) assert.deepEqual(decodeIpv4(packet), { ok: false, code });
});

test("decodeIpv4() skips options and leaves out the padding after the total length", () => {
  const packet = new Uint8Array(60);
  packet.set(changed(0, 0x46));
  packet.set([0, 24 + 3], 2);
  const decoded = decodeIpv4(packet);
  assert.ok(decoded.ok);
  assert.deepEqual([decoded.headerLength, decoded.payload.length], [24, 3]);
});

test("decodeIpv4() takes the don't-fragment flag", () => {
  assert.ok(decodeIpv4(changed(6, 0x40, 0)).ok);
});

test("decodeIpv4() never throws on random bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void decodeIpv4(bytes)));
});
