// Requests, dumps, time-outs, overruns and closing of a netlink connection, without a kernel.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE } from "../constants/netlink.js";
import {
  messageBytes,
  resultBytes,
  type ScriptedAnswer,
  type ScriptedTransport,
  scriptedTransports,
} from "../testing/scripted-transport.js";
import { encodeRequest, NetlinkConnection, type NetlinkRequest } from "./connection.js";
import type { NetlinkMessage } from "./message.js";

const [ESRCH, EEXIST] = [3, 17];
const nothing = new Uint8Array(0);
const doneWithoutError = new Uint8Array(4);
const request: NetlinkRequest = { type: 20, flags: 0x400, encode: (writer) => writer.u32(1) };

function connect(answer: ScriptedAnswer): [NetlinkConnection, ScriptedTransport] {
  const { open, opened } = scriptedTransports(answer);
  const connection = new NetlinkConnection(open, { protocol: 0 });
  const [transport] = opened;
  assert.ok(transport);
  return [connection, transport];
}

function firstOf(messages: readonly NetlinkMessage[]): number {
  return messages[0]?.sequence ?? 0;
}

test("batch() makes one call and asks only the last for an acknowledgement", async () => {
  const [connection, transport] = connect((messages, to) => {
    to.receive(resultBytes(messages.at(-1)?.sequence ?? 0));
  });
  assert.deepEqual(await connection.batch([request, request, request]), [null, null, null]);
  const [call] = transport.sent;
  assert.deepEqual(
    call?.map(({ sequence, flags }) => [sequence, flags]),
    [
      [1, 0x400 | NLM_F_REQUEST],
      [2, 0x400 | NLM_F_REQUEST],
      [3, 0x400 | NLM_F_REQUEST | NLM_F_ACK],
    ],
  );
});

test("batchEncoded() sends what batch() sends, any number of times", async () => {
  const [connection, transport] = connect((messages, to) => {
    to.receive(resultBytes(messages.at(-1)?.sequence ?? 0));
  });
  const encoded = encodeRequest(request);
  await connection.batch([request, request]);
  await connection.batchEncoded([encoded, encoded]);
  assert.deepEqual(await connection.batchEncoded([encoded, encoded]), [null, null]);
  const [plain, ...others] = transport.sent;
  others.forEach((call, i) => {
    const shift = 2 * (i + 1);
    const shifted = plain?.map((message) => ({ ...message, sequence: message.sequence + shift }));
    assert.deepEqual(call, shifted);
  });
  assert.equal(others.length, 2);
});

test("batch() gives each refusal to its own request", async () => {
  const [connection] = connect((messages, to) => {
    const first = firstOf(messages);
    to.receive(resultBytes(first + 1, EEXIST));
    to.receive(resultBytes(first + 3, ESRCH));
  });
  const results = await connection.batch([request, request, request, request]);
  assert.deepEqual(results, [null, "EEXIST", null, "ESRCH"]);
});

test("operations go one after the other", async () => {
  const [connection, transport] = connect((messages, to) =>
    to.receive(resultBytes(firstOf(messages))),
  );
  const first = connection.request(request);
  const second = connection.request(request);
  assert.equal(transport.sent.length, 1);
  assert.deepEqual([await first, await second], [null, null]);
  assert.deepEqual(transport.sent.map(firstOf), [1, 2]);
});

test("dump() visits every entry and ends with NLMSG_DONE", async () => {
  const [connection, transport] = connect((messages, to) => {
    const sequence = firstOf(messages);
    to.receive(messageBytes(20, 2, sequence, nothing), messageBytes(20, 2, sequence, nothing));
    to.receive(
      messageBytes(20, 2, sequence, nothing),
      messageBytes(NLMSG_DONE, 2, sequence, doneWithoutError),
    );
  });
  let count = 0;
  const result = await connection.dump(request, () => count++);
  assert.deepEqual(result, { error: null, isInterrupted: false });
  assert.equal(count, 3);
  assert.equal(transport.sent[0]?.[0]?.flags, 0x400 | NLM_F_REQUEST | NLM_F_DUMP);
});

test("dump() tells that the table changed under it", async () => {
  const interrupted = 0x12;
  const [connection] = connect((messages, to) => {
    const sequence = firstOf(messages);
    to.receive(messageBytes(20, 2, sequence, nothing));
    to.receive(messageBytes(NLMSG_DONE, interrupted, sequence, doneWithoutError));
  });
  assert.equal((await connection.dump(request, () => undefined)).isInterrupted, true);
});

test("dump() gives the error of NLMSG_ERROR and of NLMSG_DONE", async () => {
  const minusSearch = Uint8Array.of(0xfd, 0xff, 0xff, 0xff);
  const answers = [
    (sequence: number): Uint8Array => resultBytes(sequence, ESRCH),
    (sequence: number): Uint8Array => messageBytes(NLMSG_DONE, 2, sequence, minusSearch),
  ];
  const [connection] = connect((messages, to) => {
    const answer = answers.shift();
    assert.ok(answer);
    to.receive(answer(firstOf(messages)));
  });
  assert.equal((await connection.dump(request, () => undefined)).error, "ESRCH");
  assert.equal((await connection.dump(request, () => undefined)).error, "ESRCH");
});

test("a result too short to be one is an error and counted, never waited for", async () => {
  const [connection] = connect((messages, to) => {
    to.receive(messageBytes(2, 0, firstOf(messages), Uint8Array.of(0)));
  });
  assert.equal(await connection.request(request), "EBADMSG");
  assert.equal(connection.counters.malformed, 1);
});

test("a malformed datagram is counted and does not disturb the answer that follows", async () => {
  const [connection] = connect((messages, to) => {
    to.receive(Uint8Array.of(1, 2, 3));
    to.receive(resultBytes(firstOf(messages)));
  });
  assert.equal(await connection.request(request), null);
  assert.equal(connection.counters.malformed, 1);
});

test("a silent kernel is given 2 seconds, its late answer is only counted", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const [connection, transport] = connect(() => undefined);
  const result = connection.batch([request, request]);
  context.mock.timers.tick(2_000);
  assert.deepEqual(await result, ["ETIMEDOUT", "ETIMEDOUT"]);
  transport.receive(resultBytes(2));
  assert.deepEqual(connection.counters, { malformed: 0, stale: 1, overruns: 0, timeouts: 1 });
});

test("an answer that came while the loop was blocked is not timed out", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  // The scripted answer comes with setImmediate, as the socket's would: after the expired timer.
  const [connection] = connect((messages, to) => to.receive(resultBytes(firstOf(messages))));
  const result = connection.request(request);
  context.mock.timers.tick(60_000);
  assert.equal(await result, null);
  assert.equal(connection.counters.timeouts, 0);
});

test("an overrun settles what is pending with ENOBUFS and the next goes on", async () => {
  let isFirst = true;
  const [connection] = connect((messages, to) => {
    if (isFirst) to.overrun();
    else to.receive(resultBytes(firstOf(messages)));
    isFirst = false;
  });
  const first = connection.request(request);
  const second = connection.request(request);
  assert.deepEqual([await first, await second], ["ENOBUFS", null]);
  assert.equal(connection.counters.overruns, 1);
});

test("a call that the kernel refuses as a whole gives its errno to every request", async () => {
  const [connection] = connect((_messages, _to, failed) => failed("EPERM"));
  assert.deepEqual(await connection.batch([request, request]), ["EPERM", "EPERM"]);
});

test("close() settles what is pending, what waits and what comes later", async () => {
  const [connection, transport] = connect(() => undefined);
  const pending = [connection.request(request), connection.request(request)];
  connection.close();
  connection.close();
  pending.push(connection.request(request));
  assert.deepEqual(await Promise.all(pending), ["ECANCELED", "ECANCELED", "ECANCELED"]);
  assert.equal(transport.isClosed, true);
});

test("the loop is held only while an answer is awaited", async () => {
  const [connection, transport] = connect((messages, to) =>
    to.receive(resultBytes(firstOf(messages))),
  );
  assert.equal(transport.isReferenced, false);
  const result = connection.request(request);
  assert.equal(transport.isReferenced, true);
  await result;
  assert.equal(transport.isReferenced, false);
});

test("batch() of nothing sends nothing", async () => {
  const answer = mock.fn<ScriptedAnswer>();
  const [connection] = connect(answer);
  assert.deepEqual(await connection.batch([]), []);
  assert.equal(answer.mock.callCount(), 0);
});
