// Netlink messages and attributes both ways, whole, cut short and at random.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { messageBytes } from "../testing/scripted-transport.js";
import {
  MessageWriter,
  type NetlinkMessage,
  numberIn,
  readAttributes,
  readMessages,
  signedIn,
  textIn,
} from "./message.js";

function messagesOf(data: Uint8Array): { isWhole: boolean; messages: NetlinkMessage[] } {
  const messages: NetlinkMessage[] = [];
  const isWhole = readMessages(data, (message) => messages.push(message));
  return { isWhole, messages };
}

test("readMessages() reads every message of a datagram", () => {
  const data = Buffer.concat([
    messageBytes(20, 5, 7, Uint8Array.of(1, 2, 3)),
    messageBytes(21, 0, 0xffff_fffe, new Uint8Array(0)),
  ]);
  const { isWhole, messages } = messagesOf(data);
  assert.equal(isWhole, true);
  assert.deepEqual(
    messages.map(({ type, flags, sequence, payload }) => [type, flags, sequence, payload.length]),
    [
      [20, 5, 7, 3],
      [21, 0, 0xffff_fffe, 0],
    ],
  );
});

test("readMessages() reports a message that is cut short and keeps those before it", () => {
  const whole = messageBytes(20, 0, 1, Uint8Array.of(1, 2, 3, 4));
  for (let length = whole.length + 1; length < 2 * whole.length; length++) {
    const cut = Buffer.concat([whole, whole]).subarray(0, length);
    const { isWhole, messages } = messagesOf(cut);
    assert.equal(messages.length, 1);
    assert.equal(isWhole, false, `cut to ${length} bytes`);
  }
});

test("readMessages() reports a length below the header's", () => {
  const data = messageBytes(20, 0, 1, new Uint8Array(0));
  data[0] = 15;
  assert.deepEqual(messagesOf(data), { isWhole: false, messages: [] });
});

test("readAttributes() refuses a length that does not fit and ignores trailing padding", () => {
  assert.equal(readAttributes(Uint8Array.of(3, 0, 1, 0)), undefined);
  assert.equal(readAttributes(Uint8Array.of(9, 0, 1, 0, 1, 2, 3, 4)), undefined);
  assert.equal(readAttributes(Uint8Array.of(5, 0, 1, 0, 9, 0, 0, 0, 0, 0))?.size, 1);
});

test("readMessages() and readAttributes() take any bytes without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 256 }), (data) => {
      const { messages } = messagesOf(data);
      for (const { payload } of messages) assert.ok(payload.length <= data.length);
      const attributes = readAttributes(data) ?? new Map<number, Uint8Array>();
      for (const value of attributes.values()) textIn(value);
    }),
  );
});

test("MessageWriter writes what the readers read, whatever the size", () => {
  const attribute = fc.record({
    type: fc.integer({ min: 1, max: 0x3fff }),
    value: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(attribute, { selector: (one) => one.type }), (wanted) => {
      const writer = new MessageWriter(16);
      writer.startMessage(28, 5, 3);
      writer.nested(9, () => {
        for (const { type, value } of wanted) writer.attribute(type, value);
      });
      writer.endMessage();
      const [message] = messagesOf(writer.bytes()).messages;
      const outer = readAttributes(message?.payload ?? new Uint8Array(0));
      const inner = readAttributes(outer?.get(9) ?? new Uint8Array(0));
      assert.equal(inner?.size, wanted.length);
      for (const { type, value } of wanted) {
        assert.deepEqual([...(inner.get(type) ?? [])], [...value]);
      }
    }),
  );
});

test("MessageWriter grows at a single byte too", () => {
  for (let before = 0; before < 16; before++) {
    const writer = new MessageWriter(16);
    for (let count = 0; count <= before; count++) writer.u8(count);
    writer.u8(255);
    assert.equal(writer.bytes().at(-1), 255);
  }
});

test("MessageWriter leaves no byte of the buffer's past in the padding", () => {
  const writer = new MessageWriter();
  writer.startMessage(1, 0, 1);
  writer.attributeU8(1, 0xff);
  writer.attributeU16(2, 0xffff);
  writer.attributeText(3, "ab");
  writer.endMessage();
  const bytes = writer.bytes();
  assert.deepEqual(
    [...bytes.subarray(16)],
    [
      ...[5, 0, 1, 0, 0xff, 0, 0, 0],
      ...[6, 0, 2, 0, 0xff, 0xff, 0, 0],
      ...[7, 0, 3, 0, 0x61, 0x62, 0, 0],
    ],
  );
});

test("numberIn(), signedIn() and textIn() judge the size of an attribute", () => {
  assert.equal(numberIn(Uint8Array.of(7)), 7);
  assert.equal(numberIn(Uint8Array.of(1, 2, 3)), undefined);
  assert.equal(numberIn(undefined), undefined);
  assert.equal(signedIn(Uint8Array.of(0xff, 0xff, 0xff, 0xff)), -1);
  assert.equal(signedIn(Uint8Array.of(1)), undefined);
  assert.equal(textIn(Uint8Array.of(0x61, 0, 0x62)), "a");
  assert.equal(textIn(Uint8Array.of(0x61, 0x62)), "ab");
});
