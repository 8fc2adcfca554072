// Membership structures, laid out by hand from the kernel's headers.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as membership from "./membership.js";

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

test("encodeIpv4Membership() lays out struct ip_mreqn", () => {
  assert.equal(hex(membership.encodeIpv4Membership("224.0.0.18", 2)), "e00000120000000002000000");
});

test("encodeIpv6Membership() lays out struct ipv6_mreq", () => {
  const encoded = membership.encodeIpv6Membership("ff02::12", 2);
  assert.equal(hex(encoded), "ff02000000000000000000000000001202000000");
});

test("encodePacketMembership() lays out struct packet_mreq", () => {
  const encoded = membership.encodePacketMembership(2, Uint8Array.of(1, 0, 0x5e, 0, 0, 0x12));
  assert.equal(hex(encoded), "020000000000060001005e0000120000");
});

test("the encoders assert the family of the group", () => {
  const code = { code: "ASSERTION_FAILED" };
  assert.throws(() => membership.encodeIpv4Membership("ff02::12", 2), code);
  assert.throws(() => membership.encodeIpv6Membership("224.0.0.18", 2), code);
});
