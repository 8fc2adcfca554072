// D-Bus messages as bytes, the life of a connection, and what callers are told.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseBusAddress } from "../edge/bus-connection.js";
import { createBusSession, handleBus } from "./bus-session.js";
import { completeTypes, DbusReader, type DbusValue, DbusWriter } from "./marshal.js";
import { decodeMessage, encodeMessage, messageBytesMax } from "./message.js";

function through(type: string, value: DbusValue): DbusValue {
  const writer = new DbusWriter();
  writer.write(type, value);
  const reader = new DbusReader(writer.bytes, 0, false);
  const read = reader.read(type);
  assert.equal(reader.isBad, false);
  assert.equal(reader.at, writer.bytes.length);
  return read;
}

test("DbusWriter writes what DbusReader reads", () => {
  assert.deepEqual(through("(us)", [2, "Master"]), [2, "Master"]);
  assert.deepEqual(through("v", { signature: "as", value: ["a", ""] }), {
    signature: "as",
    value: ["a", ""],
  });
  const properties = new Map([["Name", { signature: "(s)", value: ["VI_1"] }]]);
  assert.deepEqual(through("a{sv}", properties), [["Name", { signature: "(s)", value: ["VI_1"] }]]);
  fc.assert(fc.property(fc.string(), (text) => assert.equal(through("s", text), text)));
});

test("completeTypes() splits signatures and refuses what is none", () => {
  assert.deepEqual(completeTypes("sa{sv}(us)v"), ["s", "a{sv}", "(us)", "v"]);
  for (const bad of ["a", "(", "()", "(s", "z", `${"a".repeat(40)}s`]) {
    assert.equal(completeTypes(bad), undefined, bad);
  }
});

const call = {
  type: "call",
  path: "/a/b",
  interface: "c.d",
  member: "E",
  destination: ":1.2",
  signature: "su",
  body: ["x", 7],
} as const;

test("decodeMessage() reads what encodeMessage() writes, and asks for what is cut off", () => {
  const bytes = encodeMessage(call, 9);
  const decoded = decodeMessage(Buffer.concat([bytes, Buffer.from("l")]));
  assert.equal(decoded.kind, "message");
  if (decoded.kind !== "message") return;
  assert.equal(decoded.length, bytes.length);
  assert.deepEqual(decoded.message, { ...call, isOneWay: false, serial: 9 });
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(decodeMessage(bytes.subarray(0, length)).kind, "incomplete", `${length} bytes`);
  }
});

test("decodeMessage() gives up what cannot be believed, and survives anything", () => {
  const whole = encodeMessage(call, 9);
  const changed = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(whole);
    bytes[at] = value;
    return bytes;
  };
  for (const bytes of [changed(0, 0), changed(3, 2), changed(7, 0x7f), changed(15, 0x7f)]) {
    assert.equal(decodeMessage(bytes).kind, "lost");
  }
  assert.ok(messageBytesMax < 1_000_000);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255))), (changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      assert.ok(decodeMessage(bytes).kind.length > 0);
    }),
    { numRuns: 3_000 },
  );
});

test("parseBusAddress() takes the first place that it knows", () => {
  assert.deepEqual(parseBusAddress("unix:path=/run/bus%20x,guid=1"), { path: "/run/bus x" });
  assert.deepEqual(parseBusAddress("launchd:env=X;tcp:host=h,port=5"), { host: "h", port: 5 });
  for (const bad of [
    "",
    "unix:abstract=/x",
    "unix:path=%zz",
    "tcp:host=h",
    "tcp:port=99999,host=h",
  ]) {
    assert.equal(parseBusAddress(bad), undefined, bad);
  }
});

test("handleBus() keeps signals until it has its name, and asks for another chance without", () => {
  const session = createBusSession();
  const settings = { address: "unix:path=/bus", serviceName: "a.b" };
  const signal = { type: "signal", path: "/a", interface: "a.b", member: "C" } as const;
  const run = (event: Parameters<typeof handleBus>[1]): string[] =>
    handleBus(session, event, 0).map(({ type }) => type);
  const answer = (replySerial: number, value: DbusValue) =>
    ({ type: "return", serial: 1, replySerial, body: [value] }) as const;
  assert.deepEqual(run({ type: "configured", settings }), ["connect"]);
  assert.deepEqual(run({ type: "signalRaised", message: signal }), []);
  assert.deepEqual(run({ type: "connected", userId: 0 }), ["send"]);
  assert.deepEqual(run({ type: "lineReceived", line: "OK 1234" }), [
    ...["send", "expectMessages", "send"],
  ]);
  assert.deepEqual(run({ type: "received", message: answer(1, ":1.5") }), ["send"]);
  const denied = handleBus(
    structuredClone(session),
    {
      type: "received",
      message: answer(2, 3),
    },
    0,
  );
  assert.deepEqual(
    denied.map(({ type }) => type),
    ["disconnect", "log"],
  );
  assert.deepEqual(run({ type: "received", message: answer(2, 1) }), ["log", "send"]);
  assert.deepEqual(run({ type: "signalRaised", message: signal }), ["send"]);
  assert.deepEqual(run({ type: "configured", settings: undefined }), ["disconnect"]);
});
