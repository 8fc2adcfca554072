// The typed channel against a peer of plain event emitters.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import type { KeepalivedError } from "../base/error.js";
import { openChannel } from "./channel.js";
import { fromVrrpSchema } from "./from-child-schema.js";
import type { FromVrrp, ToVrrp } from "./messages.js";

class FakePeer extends EventEmitter {
  connected = true;
  readonly sent: unknown[] = [];
  failure: Error | undefined;

  send(message: unknown): boolean {
    if (this.failure !== undefined) throw this.failure;
    this.sent.push(message);
    return true;
  }
}

function open(): {
  peer: FakePeer;
  messages: FromVrrp[];
  errors: KeepalivedError[];
  state: { disconnects: number };
  send: (message: ToVrrp) => boolean;
  sendAll: (messages: readonly ToVrrp[]) => boolean;
} {
  const peer = new FakePeer();
  const messages: FromVrrp[] = [];
  const errors: KeepalivedError[] = [];
  const state = { disconnects: 0 };
  const channel = openChannel<ToVrrp, FromVrrp>(peer, fromVrrpSchema, {
    message: (message) => messages.push(message),
    invalid: (error) => errors.push(error),
    disconnected: () => {
      state.disconnects += 1;
    },
  });
  return {
    ...{ peer, messages, errors, state },
    send: (message) => channel.send(message),
    sendAll: (several) => channel.sendAll(several),
  };
}

test("openChannel() hands over a message that fits the table", () => {
  const { peer, messages, errors } = open();
  peer.emit("message", { type: "ready", generation: 1 });
  assert.deepEqual(messages, [{ type: "ready", generation: 1 }]);
  assert.deepEqual(errors, []);
});

test("openChannel() takes and sends several messages in one piece, each checked by itself", () => {
  const { peer, messages, errors, sendAll } = open();
  const ready = { type: "ready", generation: 1 } as const;
  peer.emit("message", [ready, { type: "nonsense" }, [ready], ready]);
  assert.deepEqual(messages, [ready, ready]);
  assert.equal(errors.length, 2);
  const orders = [{ type: "announce", instance: "a" } as const, { type: "stop" } as const];
  assert.equal(sendAll(orders), true);
  sendAll(orders.slice(0, 1));
  assert.deepEqual(peer.sent, [orders, orders[0]]);
});

test("openChannel() turns what fits no row into a coded error and goes on", () => {
  const { peer, messages, errors } = open();
  for (const raw of [
    null,
    7,
    "stop",
    {},
    { type: "configure" },
    { type: "ready", generation: 0 },
  ]) {
    peer.emit("message", raw);
  }
  assert.equal(errors.length, 6);
  assert.ok(errors.every((error) => error.code === "IPC_INVALID_MESSAGE"));
  peer.emit("message", { type: "stopped" });
  assert.equal(messages.length, 1);
});

test("openChannel() takes any `type` for a bad one and quotes little of it", () => {
  const { peer, errors } = open();
  for (const type of [{ toString: 1, valueOf: 1 }, [], 7, null, "x".repeat(100_000)]) {
    peer.emit("message", { type });
  }
  assert.deepEqual(
    errors.map(({ data }) => data["type"]),
    ["object", "object", "number", "object", "x".repeat(64)],
  );
  assert.ok(errors.every(({ message }) => message.length < 1_000));
});

test("Channel.send() drops the message when the peer is gone", () => {
  const { peer, send, state } = open();
  assert.equal(send({ type: "stop" }), true);
  peer.connected = false;
  assert.equal(send({ type: "stop" }), false);
  peer.emit("disconnect");
  assert.equal(state.disconnects, 1);
  assert.equal(peer.sent.length, 1);
});

test("Channel.send() survives a pipe that closes under it", () => {
  const { peer, send } = open();
  peer.failure = Object.assign(new Error("Channel closed"), { code: "ERR_IPC_CHANNEL_CLOSED" });
  assert.equal(send({ type: "stop" }), false);
});
