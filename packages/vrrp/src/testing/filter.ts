// For tests only: has the kernel run a socket filter, on a Unix socket, where any bytes can be a
// message.

import assert from "node:assert/strict";
import { AF_UNIX, SOCK_DGRAM } from "@keepalived-ts/netops/constants/socket";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeUnix } from "@keepalived-ts/netops/raw-socket/sockaddr";

const place = encodeUnix(`\0socket-filter-${process.pid}`);

/** Whether each of `messages` passes. */
export function passes(filter: Uint8Array, messages: readonly Uint8Array[]): boolean[] {
  const options = { family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 };
  const receiver = DatagramSocket.open(options);
  const sender = DatagramSocket.open(options);
  try {
    receiver.attachFilter(filter);
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
