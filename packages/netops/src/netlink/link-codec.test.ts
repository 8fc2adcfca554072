// Messages about links as the kernel writes them, and those that only look like one.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeLink } from "./link-codec.js";
import { MessageWriter } from "./message.js";

const [ifUp, ifRunning, ifNoArp, ifMulticast] = [0x1, 0x40, 0x80, 0x1000];

interface LinkFields {
  readonly family?: number;
  readonly flags?: number;
  readonly write?: (writer: MessageWriter) => void;
}

/** struct ifinfomsg and the attributes of one end of a veth pair, then those that the test adds. */
function linkPayload({
  family = 0,
  flags = 0,
  write = (): undefined => undefined,
}: LinkFields): Uint8Array {
  const writer = new MessageWriter();
  writer.u8(family);
  writer.u8(0);
  writer.u16(1);
  writer.u32(4);
  writer.u32(flags);
  writer.u32(0);
  writer.attributeText(3, "v0");
  writer.attributeU32(4, 1500);
  writer.attribute(1, Uint8Array.of(0x1a, 0x6c, 0x0f, 0x81, 0x02, 0xa8));
  writer.attributeU8(16, 6);
  writer.nested(18, () => writer.attributeText(1, "veth"));
  writer.attributeU32(5, 3);
  write(writer);
  return writer.bytes();
}

test("decodeLink() reads a link that is up and has a carrier", () => {
  const flags = ifUp | ifRunning | ifMulticast;
  assert.deepEqual(decodeLink(linkPayload({ flags })), {
    index: 4,
    name: "v0",
    flags,
    mtu: 1500,
    operState: 6,
    hardwareAddress: "1a:6c:0f:81:02:a8",
    hardwareType: 1,
    kind: "veth",
    parentIndex: 3,
    masterIndex: null,
    isUp: true,
    isRunning: true,
    hasArp: true,
    hasMulticast: true,
  });
});

test("decodeLink() calls a link running only when it is up as well", () => {
  assert.equal(decodeLink(linkPayload({ flags: ifRunning }))?.isRunning, false);
  assert.equal(decodeLink(linkPayload({ flags: ifUp }))?.isRunning, false);
  assert.equal(decodeLink(linkPayload({ flags: ifUp | ifNoArp }))?.hasArp, false);
});

test("decodeLink() gives no parent that counts in another namespace", () => {
  const write = (writer: MessageWriter): void => writer.attributeU32(37, 0);
  assert.equal(decodeLink(linkPayload({ write }))?.parentIndex, null);
});

test("decodeLink() reads the table of a VRF", () => {
  const info = (kind: string): NonNullable<LinkFields["write"]> => {
    return (writer) =>
      writer.nested(18, () => {
        writer.attributeText(1, kind);
        writer.nested(2, () => writer.attributeU32(1, 1000));
      });
  };
  assert.equal(decodeLink(linkPayload({ write: info("vrf") }))?.vrfTable, 1000);
  assert.equal(decodeLink(linkPayload({ write: info("vlan") }))?.vrfTable, undefined);
});

test("decodeLink() leaves out a bridge's word on its port and a wireless event", () => {
  assert.equal(decodeLink(linkPayload({ family: 7 })), null);
  const write = (writer: MessageWriter): void => writer.attribute(11, Uint8Array.of(1));
  assert.equal(decodeLink(linkPayload({ write })), null);
});

test("decodeLink() reports a message that is cut short", () => {
  const whole = linkPayload({});
  assert.equal(decodeLink(whole.subarray(0, 15)), undefined);
  assert.equal(decodeLink(whole.subarray(0, whole.length - 4)), undefined);
});

test("decodeLink() takes any bytes without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 128 }), (payload) => {
      if (payload.length > 0) payload[0] = 0;
      const link = decodeLink(payload);
      assert.ok(link === undefined || link === null || link.index >= 0);
    }),
  );
});
