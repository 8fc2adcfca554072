// Which notifications the link monitor does not get to see.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  IFA_F_DADFAILED,
  NLM_F_MULTI,
  RTM_DELADDR,
  RTM_NEWADDR,
} from "@keepalived-ts/netops/constants/netlink";
import { encodeNewAddress } from "@keepalived-ts/netops/netlink/address-codec";
import { MessageWriter } from "@keepalived-ts/netops/netlink/message";
import fc from "fast-check";
import { passes } from "../testing/filter.js";
import { addressProtocol, ownAdditionFilter } from "./own-address-filter.js";

function message(type: number, flags: number, protocol?: number): Uint8Array {
  const writer = new MessageWriter();
  writer.startMessage(type, flags, 1);
  encodeNewAddress(writer, {
    interfaceIndex: 2,
    address: "192.0.2.100",
    prefixLength: 24,
    scope: 0,
    label: "eth0:vip",
    ...(protocol === undefined ? {} : { protocol }),
  });
  writer.endMessage();
  return writer.bytes();
}

test("ownAdditionFilter drops word of an address added under our protocol only", () => {
  const ours = message(RTM_NEWADDR, 0, addressProtocol);
  const others = [
    message(RTM_NEWADDR, 0, 3),
    message(RTM_NEWADDR, 0),
    message(RTM_DELADDR, 0, addressProtocol),
  ];
  assert.deepEqual(passes(ownAdditionFilter, [ours, ...others, ours]), [
    false,
    true,
    true,
    true,
    false,
  ]);
});

test("ownAdditionFilter lets word of a failed duplicate address detection pass", () => {
  const failed = message(RTM_NEWADDR, 0, addressProtocol).slice();
  // ifa_flags of struct ifaddrmsg.
  failed[18] = IFA_F_DADFAILED;
  assert.deepEqual(passes(ownAdditionFilter, [failed]), [true]);
});

test("ownAdditionFilter lets the answers to a dump pass", () => {
  assert.deepEqual(
    passes(ownAdditionFilter, [message(RTM_NEWADDR, NLM_F_MULTI, addressProtocol)]),
    [true],
  );
});

test("ownAdditionFilter drops nothing in which our protocol number is not said", () => {
  const whole = message(RTM_NEWADDR, 0, addressProtocol);
  // One without its header's type is too short for the kernel to tell, and never comes from it.
  const cuts = Array.from({ length: whole.length - 8 }, (_, i) => whole.subarray(0, i + 8));
  const padding = 3;
  assert.deepEqual(
    passes(ownAdditionFilter, cuts),
    cuts.map(({ length }) => length < whole.length - padding),
  );
  const anyBytes = fc.uint8Array({ minLength: 8, maxLength: 80 });
  const foreign = fc.sample(anyBytes, { seed: 1, numRuns: 500 }).map((bytes) => {
    const data = bytes.map((byte) => (byte === addressProtocol ? 0 : byte));
    data.set([data.length, 0, 0, 0, RTM_NEWADDR, 0, 0, 0]);
    return data;
  });
  assert.ok(passes(ownAdditionFilter, foreign).every((isPassed) => isPassed));
});
