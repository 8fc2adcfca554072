// Which notifications the link monitor does not get to see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NLM_F_MULTI, RTM_DELADDR, RTM_NEWADDR } from "@keepalived-ts/netops/constants/netlink";
import { encodeNewAddress } from "@keepalived-ts/netops/netlink/address-codec";
import { MessageWriter } from "@keepalived-ts/netops/netlink/message";
import fc from "fast-check";
import { addressProtocol, isOwnAddition } from "./own-address-filter.js";

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

test("isOwnAddition() is true of an address added under our protocol only", () => {
  assert.equal(isOwnAddition(message(RTM_NEWADDR, 0, addressProtocol)), true);
  assert.equal(isOwnAddition(message(RTM_NEWADDR, 0, 3)), false);
  assert.equal(isOwnAddition(message(RTM_NEWADDR, 0)), false);
  assert.equal(isOwnAddition(message(RTM_DELADDR, 0, addressProtocol)), false);
});

test("isOwnAddition() lets the answers to a dump pass", () => {
  assert.equal(isOwnAddition(message(RTM_NEWADDR, NLM_F_MULTI, addressProtocol)), false);
});

test("isOwnAddition() ends on any bytes", () => {
  const whole = message(RTM_NEWADDR, 0, addressProtocol);
  for (let length = 0; length < whole.length; length++) {
    assert.equal(isOwnAddition(whole.subarray(0, length)), false);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const data = bytes.slice();
      data.set([data.length, 0, 0, 0, RTM_NEWADDR, 0, 0, 0].slice(0, data.length));
      return typeof isOwnAddition(data) === "boolean";
    }),
  );
});
