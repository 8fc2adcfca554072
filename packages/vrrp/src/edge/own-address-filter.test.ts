// Which notifications the link monitor does not get to see. The kernel runs the program, on a Unix
// socket, where any bytes can be a message.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  IFA_F_DADFAILED,
  NLM_F_MULTI,
  RTM_DELADDR,
  RTM_NEWADDR,
} from "@keepalived-ts/netops/constants/netlink";
import { AF_UNIX, SOCK_DGRAM } from "@keepalived-ts/netops/constants/socket";
import { encodeNewAddress } from "@keepalived-ts/netops/netlink/address-codec";
import { MessageWriter } from "@keepalived-ts/netops/netlink/message";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeUnix } from "@keepalived-ts/netops/raw-socket/sockaddr";
import fc from "fast-check";
import { addressProtocol, ownAdditionFilter } from "./own-address-filter.js";

const place = encodeUnix(`\0own-address-filter-${process.pid}`);

/** Whether each of `messages` passes. */
function passes(messages: readonly Uint8Array[]): boolean[] {
  const options = { family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 };
  const receiver = DatagramSocket.open(options);
  const sender = DatagramSocket.open(options);
  try {
    receiver.attachFilter(ownAdditionFilter);
    receiver.bind(place);
    let received = 0;
    receiver.receive((batch) => {
      received += batch.length;
    }, assert.fail);
    return messages.map((message) => {
      received = 0;
      assert.equal(sender.send(message, place), null);
      receiver.receiveNow();
      return received === 1;
    });
  } finally {
    receiver.close();
    sender.close();
  }
}

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
  assert.deepEqual(passes([ours, ...others, ours]), [false, true, true, true, false]);
});

test("ownAdditionFilter lets word of a failed duplicate address detection pass", () => {
  const failed = message(RTM_NEWADDR, 0, addressProtocol).slice();
  // ifa_flags of struct ifaddrmsg.
  failed[18] = IFA_F_DADFAILED;
  assert.deepEqual(passes([failed]), [true]);
});

test("ownAdditionFilter lets the answers to a dump pass", () => {
  assert.deepEqual(passes([message(RTM_NEWADDR, NLM_F_MULTI, addressProtocol)]), [true]);
});

test("ownAdditionFilter drops nothing in which our protocol number is not said", () => {
  const whole = message(RTM_NEWADDR, 0, addressProtocol);
  // One without its header's type is too short for the kernel to tell, and never comes from it.
  const cuts = Array.from({ length: whole.length - 8 }, (_, i) => whole.subarray(0, i + 8));
  const padding = 3;
  assert.deepEqual(
    passes(cuts),
    cuts.map(({ length }) => length < whole.length - padding),
  );
  const anyBytes = fc.uint8Array({ minLength: 8, maxLength: 80 });
  const foreign = fc.sample(anyBytes, { seed: 1, numRuns: 500 }).map((bytes) => {
    const data = bytes.map((byte) => (byte === addressProtocol ? 0 : byte));
    data.set([data.length, 0, 0, 0, RTM_NEWADDR, 0, 0, 0]);
    return data;
  });
  assert.ok(passes(foreign).every((isPassed) => isPassed));
});
