// The authentication header: RFC 2202's digest, and what of the IP header it covers. What
// keepalived sends is in test/vectors.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  authenticationHeaderLength,
  encodeAuthenticated,
  isAuthenticatedWith,
  readAuthenticationHeader,
} from "./authentication-header.js";
import { decodeIpv4 } from "./ipv4.js";

const secret = "7333637265740000";

function packet(lastByte: number): Uint8Array {
  return encodeAuthenticated({
    source: Uint8Array.of(192, 0, 2, 11),
    destination: Uint8Array.of(lastByte === 18 ? 224 : 192, 0, lastByte === 18 ? 0 : 2, lastByte),
    ttl: 255,
    tos: 0xc0,
    payload: new Uint8Array(20).fill(0x21),
    sequence: 0x1_0000,
    secret,
  });
}

function isGenuine(bytes: Uint8Array): boolean {
  const ip = decodeIpv4(bytes);
  assert.ok(ip.ok);
  const header = readAuthenticationHeader(bytes, ip);
  return header?.isKnown === true && isAuthenticatedWith(header, secret);
}

test("isAuthenticatedWith() is HMAC-MD5 cut to 96 bits (RFC 2202 section 2, case 5)", () => {
  const covered = Buffer.from("Test With Truncation").toString("hex");
  const header = { isKnown: true, sequence: 1, value: "56461ef2342edc00f9bab995", covered };
  assert.equal(isAuthenticatedWith(header, "0c".repeat(16)), true);
  assert.equal(isAuthenticatedWith(header, "0d".repeat(16)), false);
});

test("encodeAuthenticated() never leaves the identification to the kernel", () => {
  const bytes = packet(18);
  assert.deepEqual([...bytes.subarray(4, 6)], [0, 1]);
  assert.equal(bytes[9], 51);
});

test("the value covers all but type of service, fragments and checksum of the IP header", () => {
  // Time to live (byte 8) counts for a packet to a group, not for one to a router.
  for (const [to, uncovered] of [
    [18, [1, 6, 7, 10, 11]],
    [12, [1, 6, 7, 8, 10, 11]],
  ] as const) {
    const bytes = packet(to);
    assert.equal(isGenuine(bytes), true);
    for (let at = 1; at < bytes.length; at++) {
      // Lengths, and flags that would make it a fragment.
      if ([2, 3, 6, 7].includes(at)) continue;
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x01;
      assert.equal(isGenuine(damaged), (uncovered as readonly number[]).includes(at), `byte ${at}`);
    }
  }
});

test("readAuthenticationHeader() gives nothing where there is no room for one", () => {
  const bytes = packet(18).slice(0, 20 + authenticationHeaderLength - 1);
  bytes[3] = bytes.length;
  const ip = decodeIpv4(bytes);
  assert.ok(ip.ok);
  assert.equal(readAuthenticationHeader(bytes, ip), undefined);
});
