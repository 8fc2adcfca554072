// The trailer of auth_hmac. keepalived 2.2.7 has none to compare with: the digest is RFC 4231's,
// the layout is checked byte by byte.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAdvert, encodeAdvert, writeChecksum } from "./advert.js";
import {
  appendTrailer,
  type HmacSequence,
  isAfter,
  isSignedWith,
  nextSequence,
  readTrailer,
} from "./hmac-trailer.js";

const source = Uint8Array.of(192, 0, 2, 11);
const group = Uint8Array.of(224, 0, 0, 18);
const secret = "ab".repeat(32);
const key = { id: 7, secret };
const sequence = { seconds: 0x6566_6768, ticks: 0x8000_0002 };
const fields = {
  version: 3,
  virtualRouterId: 51,
  priority: 100,
  addresses: [Uint8Array.of(192, 0, 2, 100)],
  advertIntervalUs: 1_000_000,
  authenticationType: 0,
  authenticationData: "",
} as const;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

test("isSignedWith() is HMAC-SHA-256 cut to 128 bits (RFC 4231 section 4.6)", () => {
  const trailer = {
    ...readTrailer(appendTrailer(new Uint8Array(8), source, key, sequence), source),
    covered: hex(Buffer.from("Test With Truncation")),
    digest: "a3b6167473100ee06e0c796c2955552b",
  };
  assert.equal(isSignedWith(trailer, "0c".repeat(20)), true);
  assert.equal(isSignedWith(trailer, "0d".repeat(20)), false);
  assert.equal(isSignedWith({ ...trailer, digest: "a3b6" }, "0c".repeat(20)), false);
});

test("appendTrailer() writes type, key, time stamp and digest", () => {
  const message = encodeAdvert(fields, source, group);
  const signed = appendTrailer(message, source, key, sequence);
  assert.equal(signed.length, message.length + 28);
  const trailer = hex(signed.subarray(message.length));
  assert.equal(trailer.slice(0, 24), "01070000" + "65666768" + "8000" + "0002");
});

test("the digest covers family, version, router, source and message, not the checksum", () => {
  const signed = appendTrailer(encodeAdvert(fields, source, group), source, key, sequence);
  const { covered } = readTrailer(signed, source);
  const pseudo = `04033300${"c000020b"}${"00".repeat(12)}`;
  const message = "3133640100640000c0000264";
  const prefix = "01070000656667688000" + "0002";
  assert.equal(covered, `${pseudo}${message}${prefix}${"00".repeat(16)}`);
});

test("readTrailer() finds every damaged byte but those of the checksum", () => {
  const signed = appendTrailer(encodeAdvert(fields, source, group), source, key, sequence);
  for (let at = 0; at < signed.length; at++) {
    const damaged = signed.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x40;
    const isChecksum = at === 6 || at === 7;
    assert.equal(isSignedWith(readTrailer(damaged, source), secret), isChecksum, `byte ${at}`);
  }
  assert.equal(isSignedWith(readTrailer(signed, group), secret), false, "another source");
});

test("readTrailer() knows type 1 with nothing reserved only", () => {
  const signed = appendTrailer(encodeAdvert(fields, source, group), source, key, sequence);
  assert.equal(readTrailer(signed, source).isKnown, true);
  for (const at of [12, 14, 15]) {
    const other = signed.slice();
    other[at] = 2;
    assert.equal(readTrailer(other, source).isKnown, false);
  }
});

test("decodeAdvert() reads a signed advert of both families and versions", () => {
  const router = Uint8Array.from({ length: 16 }, (_, i) => i);
  for (const version of [2, 3] as const) {
    for (const [from, to] of [
      [source, group],
      [router, router],
    ] as const) {
      const plain = encodeAdvert({ ...fields, version, addresses: [from] }, from, to);
      const signed = appendTrailer(plain, from, key, sequence);
      if (from.length === 16) writeChecksum(signed, from, to);
      const decoded = decodeAdvert(signed, from, to);
      assert.ok(decoded.ok && decoded.advert.trailer !== undefined);
      assert.equal(isSignedWith(decoded.advert.trailer, secret), true);
      assert.equal(decoded.advert.checksumForm, undefined);
    }
  }
});

test("nextSequence() is the clock, or one more when the clock has not moved on", () => {
  const first = nextSequence(undefined, 1_700_000_000_500_000, null);
  assert.deepEqual(first, { seconds: 1_700_000_000, ticks: 0x8000_0000 });
  const second = nextSequence(first, 1_700_000_000_500_000, null);
  assert.deepEqual(second, { seconds: 1_700_000_000, ticks: 0x8000_0001 });
  const full: HmacSequence = { seconds: 5, ticks: 0xffff_ffff };
  assert.deepEqual(nextSequence(full, 4_000_000, null), { seconds: 6, ticks: 0 });
});

test("nextSequence() goes back to a clock that was set back by more than the window", () => {
  const last = { seconds: 5_000, ticks: 0 };
  assert.deepEqual(nextSequence(last, 4_990_000_000, 10), { seconds: 5_000, ticks: 1 });
  assert.deepEqual(nextSequence(last, 4_989_000_000, 10), { seconds: 4_989, ticks: 0 });
  assert.deepEqual(nextSequence(last, 4_989_000_000, null), { seconds: 5_000, ticks: 1 });
});

test("isAfter() goes on over the end of 32 bits", () => {
  assert.equal(isAfter({ seconds: 1, ticks: 0 }, { seconds: 0xffff_ffff, ticks: 9 }), true);
  assert.equal(isAfter({ seconds: 1, ticks: 1 }, { seconds: 1, ticks: 1 }), false);
  assert.equal(isAfter({ seconds: 1, ticks: 0xffff_ffff }, { seconds: 1, ticks: 1 }), true);
});
