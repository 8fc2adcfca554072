// The life of a session with a master agent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePdu } from "./agentx-decode.js";
import { pduTypes } from "./agentx-encode.js";
import {
  createSession,
  encodeAnswer,
  handleSession,
  type Session,
  type SessionAction,
  type SessionEvent,
} from "./agentx-session.js";
import type { PduHeader, ReceivedPdu } from "./agentx-types.js";
import { response } from "./answer.js";
import { oidOf } from "./oid.js";

const second = 1_000_000;
const settings = { socket: "/agentx", subtrees: [oidOf("1.3.6.1.2.1.68")] };

class Bench {
  readonly session: Session = createSession();
  now = 0;

  /** What is done, in words: the type of a message that is sent, else of the action. */
  do(event: SessionEvent): string[] {
    return handleSession(this.session, event, this.now).map(wordOf);
  }

  respond(packetId: number, error = 0): string[] {
    const header = { sessionId: 5, transactionId: 0, packetId };
    return this.do({
      type: "received",
      pdu: { type: "response", header, sysUpTimeCs: 100, error },
    });
  }

  /** Waits for what it has planned. */
  wait(): string[] {
    this.now = this.session.deadlineAt ?? this.now;
    return this.do({ type: "deadlineReached" });
  }

  ready(): void {
    this.do({ type: "configured", settings });
    this.do({ type: "connected" });
    this.respond(1);
    this.respond(2);
  }
}

function wordOf(action: SessionAction): string {
  if (action.type !== "send") return action.type;
  const type = action.bytes[1];
  return Object.entries(pduTypes).find(([, number]) => number === type)?.[0] ?? `${type}`;
}

function get(header: PduHeader): ReceivedPdu {
  return { type: "get", header, ranges: [] };
}

test("handleSession() opens, registers and answers", () => {
  const bench = new Bench();
  assert.deepEqual(bench.do({ type: "configured", settings }), ["connect"]);
  assert.deepEqual(bench.do({ type: "connected" }), ["open"]);
  assert.deepEqual(bench.respond(1), ["register", "log"]);
  assert.deepEqual(bench.respond(2), []);
  const header = { sessionId: 5, transactionId: 1, packetId: 1 };
  assert.deepEqual(bench.do({ type: "received", pdu: get(header) }), ["request"]);
  const answer = encodeAnswer(bench.session, header, response(0));
  assert.ok(answer);
  const decoded = decodePdu(answer);
  assert.equal(decoded.kind === "pdu" && decoded.pdu.type, "response");
});

test("handleSession() refuses requests of another session, and answers none that is over", () => {
  const bench = new Bench();
  bench.ready();
  const header = { sessionId: 4, transactionId: 1, packetId: 1 };
  assert.deepEqual(bench.do({ type: "received", pdu: get(header) }), ["response"]);
  const own = { ...header, sessionId: 5 };
  assert.deepEqual(bench.do({ type: "disconnected", reason: "gone" }), ["disconnect", "log"]);
  assert.equal(encodeAnswer(bench.session, own, response(0)), undefined);
});

test("handleSession() tries again at growing intervals, and says it once", () => {
  const bench = new Bench();
  bench.do({ type: "configured", settings });
  assert.deepEqual(bench.do({ type: "disconnected", reason: "ENOENT" }), ["disconnect", "log"]);
  const delays: number[] = [];
  for (let i = 0; i < 6; i++) {
    const from = bench.now;
    assert.deepEqual(bench.wait(), ["connect"]);
    delays.push((bench.now - from) / second);
    assert.deepEqual(bench.do({ type: "disconnected", reason: "ENOENT" }), ["disconnect"]);
  }
  assert.deepEqual(delays, [1, 2, 4, 8, 15, 15]);
});

test("handleSession() gives up a master that does not answer: open, ping, refused ping", () => {
  const open = new Bench();
  open.do({ type: "configured", settings });
  open.do({ type: "connected" });
  assert.deepEqual(open.wait(), ["disconnect", "log"]);
  const ping = new Bench();
  ping.ready();
  assert.deepEqual(ping.wait(), ["ping"]);
  assert.deepEqual(ping.wait(), ["disconnect", "log"]);
  const refused = new Bench();
  refused.ready();
  refused.wait();
  assert.deepEqual(refused.respond(3, 257), ["disconnect", "log"]);
  assert.deepEqual(refused.wait(), ["connect"]);
});

test("handleSession() says which objects a master refuses, and goes on", () => {
  const bench = new Bench();
  bench.do({ type: "configured", settings });
  bench.do({ type: "connected" });
  bench.respond(1);
  assert.deepEqual(bench.respond(2, 263), ["log"]);
  assert.equal(bench.session.phase, "ready");
});

test("handleSession() keeps the last 200 traps for a master that comes back", () => {
  const bench = new Bench();
  bench.do({ type: "configured", settings });
  for (let i = 0; i < 230; i++) bench.do({ type: "trapRaised", varbinds: [] });
  bench.do({ type: "connected" });
  const done = bench.respond(1);
  assert.equal(done.filter((word) => word === "notify").length, 200);
  assert.equal(done.filter((word) => word === "log").length, 2, "and says how many are lost");
  assert.deepEqual(bench.do({ type: "trapRaised", varbinds: [] }), ["notify"]);
});

test("handleSession() begins anew with other settings and ends without", () => {
  const bench = new Bench();
  bench.ready();
  assert.deepEqual(bench.do({ type: "configured", settings: { ...settings } }), []);
  const other = { ...settings, socket: "/other" };
  assert.deepEqual(bench.do({ type: "configured", settings: other }), [
    ...["close", "disconnect", "connect"],
  ]);
  assert.deepEqual(bench.do({ type: "configured", settings: undefined }), ["disconnect"]);
  assert.equal(bench.session.deadlineAt, undefined);
  assert.deepEqual(bench.do({ type: "trapRaised", varbinds: [] }), []);
});
