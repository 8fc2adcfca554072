// UDP_CHECK and DNS_CHECK on loopback, with servers that answer, that answer wrongly, that are
// silent and that are not there.

import assert from "node:assert/strict";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import type { DnsCheckConfig, UdpCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "../core/event.js";
import { second, tcpCheck } from "../testing/builders.js";
import { startDnsProbe } from "./dns.js";
import { startUdpProbe } from "./udp.js";

type Answer = (bytes: Buffer, from: RemoteInfo, socket: Socket) => void;

interface Target {
  readonly connectAddress: string;
  readonly connectPort: number;
  readonly connectTimeoutUs: number;
}

async function withServer(
  answer: Answer,
  run: (target: Target) => Promise<ProbeResult>,
  connectTimeoutUs: number = 60 * second,
): Promise<ProbeResult> {
  const socket = createSocket("udp4");
  socket.on("message", (bytes, from) => answer(bytes, from, socket));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const connectPort = socket.address().port;
  const target = { connectAddress: "127.0.0.1", connectPort, connectTimeoutUs };
  const result = await run(target);
  socket.close();
  return result;
}

/** Short only where it is what the test waits for. */
function timeoutFor(answer: Answer, expected: ProbeResult): number {
  const isLate = expected.outcome === "failed" && expected.reason === "connect_timeout";
  return isLate || answer === silent ? second / 5 : 60 * second;
}

function saying(hex: string): Answer {
  return (_, { port, address }, socket) => socket.send(Buffer.from(hex, "hex"), port, address);
}

const silent: Answer = () => undefined;

function udp(target: Target, changes: Partial<UdpCheckConfig>): Promise<ProbeResult> {
  const check: UdpCheckConfig = {
    ...tcpCheck(target),
    kind: "UDP_CHECK",
    requireReply: false,
    replyLengthMin: 0,
    replyLengthMax: 255,
    ...changes,
  };
  return new Promise((resolve) => startUdpProbe(check, resolve));
}

const passed: ProbeResult = { outcome: "passed" };

function failed(reason: string): ProbeResult {
  return { outcome: "failed", reason };
}

const pattern = { requireReply: true, replyPattern: "4fxx5" };
const rows: readonly (readonly [string, Answer, Partial<UdpCheckConfig>, ProbeResult])[] = [
  ["silence", silent, {}, passed],
  ["silence where a reply must come", silent, { requireReply: true }, failed("connect_timeout")],
  ["any reply", saying("00"), { requireReply: true }, passed],
  ["a reply that fits", saying("4f115566"), pattern, passed],
  ["a reply that does not", saying("4e1155"), pattern, failed("reply data mismatch")],
  ["an empty reply", saying(""), pattern, passed],
  ["an empty reply", saying(""), { ...pattern, replyLengthMin: 1 }, failed("reply of 0 bytes")],
  ["a long reply", saying("4f1155"), { ...pattern, replyLengthMax: 2 }, failed("reply of 3 bytes")],
];

for (const [what, answer, changes, expected] of rows) {
  test(`UDP_CHECK judges ${what} for ${JSON.stringify(changes)}`, async () => {
    const run = (target: Target): Promise<ProbeResult> => udp(target, changes);
    assert.deepEqual(await withServer(answer, run, timeoutFor(answer, expected)), expected);
  });
}

test("UDP_CHECK sends its payload", async () => {
  const echo: Answer = (bytes, { port, address }, socket) => socket.send(bytes, port, address);
  const changes = { payload: "00ff41", requireReply: true, replyPattern: "00ff41" };
  const exact = { ...changes, replyLengthMin: 3, replyLengthMax: 3 };
  assert.deepEqual(await withServer(echo, (target) => udp(target, exact)), passed);
});

test("UDP_CHECK and DNS_CHECK fail at once where no socket is", async () => {
  const target = { connectAddress: "127.0.0.1", connectPort: 9, connectTimeoutUs: 60 * second };
  assert.deepEqual(await udp(target, {}), failed("ECONNREFUSED"));
  assert.deepEqual(await dns(target), failed("ECONNREFUSED"));
});

function dns(target: Target, changes: Partial<DnsCheckConfig> = {}): Promise<ProbeResult> {
  const check: DnsCheckConfig = {
    ...tcpCheck(target),
    kind: "DNS_CHECK",
    type: "SOA",
    name: ".",
    ...changes,
  };
  return new Promise((resolve) => startDnsProbe(check, resolve));
}

/** An answer to the question, with `change` made to it. */
function answering(change: (reply: Buffer) => Buffer): Answer {
  return (bytes, { port, address }, socket) => {
    const reply = Buffer.from(bytes);
    reply.writeUInt8(reply.readUInt8(2) | 0x80, 2);
    socket.send(change(reply), port, address);
  };
}

function withByte(at: number, change: (byte: number) => number): (reply: Buffer) => Buffer {
  return (reply) => {
    reply.writeUInt8(change(reply.readUInt8(at)) & 0xff, at);
    return reply;
  };
}

const answers: readonly (readonly [string, Answer, ProbeResult])[] = [
  ["no error", answering((reply) => reply), passed],
  ["rcode 3", answering(withByte(3, () => 3)), failed("rcode 3")],
  ["another id", answering(withByte(0, (byte) => byte + 1)), failed("connect_timeout")],
  ["a question", answering(withByte(2, (byte) => byte & 0x7f)), failed("connect_timeout")],
  ["half a header", answering((reply) => reply.subarray(0, 11)), failed("connect_timeout")],
  ["nothing", answering(() => Buffer.alloc(0)), failed("connect_timeout")],
  [
    "a wrong answer and then the right one",
    (bytes, from, socket) => {
      answering(withByte(1, (byte) => byte + 1))(bytes, from, socket);
      answering((reply) => reply)(bytes, from, socket);
    },
    passed,
  ],
];

for (const [what, answer, expected] of answers) {
  test(`DNS_CHECK judges ${what}: ${JSON.stringify(expected)}`, async () => {
    assert.deepEqual(await withServer(answer, dns, timeoutFor(answer, expected)), expected);
  });
}
