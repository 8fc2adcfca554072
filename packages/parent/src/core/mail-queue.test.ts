// Mail in order, tried again, given up, dropped.

import assert from "node:assert/strict";
import { test } from "node:test";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import {
  attemptsMax,
  createMailQueue,
  handleMail,
  type MailQueueEvent,
  mailsMax,
  nextMailDeadline,
} from "./mail-queue.js";

class Bench {
  readonly queue = createMailQueue();
  readonly sent: string[] = [];
  readonly logged: string[] = [];
  now = 0;

  take(event: MailQueueEvent): void {
    for (const action of handleMail(this.queue, event, this.now)) {
      if (action.type === "send") this.sent.push(action.mail.subject);
      else this.logged.push(action.record.text);
    }
  }

  post(subject: string): void {
    this.take({ type: "posted", mail: { subject, body: "" } });
  }

  fail(isFinal = false): void {
    this.take({ type: "failed", reason: "ECONNREFUSED", isFinal });
  }

  wait(): number {
    const at = nextMailDeadline(this.queue) ?? Number.NaN;
    const waitedUs = at - this.now;
    this.now = at;
    this.take({ type: "deadlineReached" });
    return waitedUs / usPerSecond;
  }
}

test("handleMail() sends one at a time, in order", () => {
  const bench = new Bench();
  for (const subject of ["a", "b", "c"]) bench.post(subject);
  assert.deepEqual(bench.sent, ["a"]);
  bench.take({ type: "sent" });
  bench.take({ type: "sent" });
  assert.deepEqual(bench.sent, ["a", "b", "c"]);
  bench.take({ type: "sent" });
  assert.equal(bench.queue.waiting.length, 0);
  assert.equal(nextMailDeadline(bench.queue), undefined);
});

test("handleMail() tries again after longer and longer pauses, then gives up", () => {
  const bench = new Bench();
  bench.post("a");
  bench.post("b");
  const pauses: number[] = [];
  for (let i = 1; i < attemptsMax; i++) {
    bench.fail();
    pauses.push(bench.wait());
  }
  assert.deepEqual(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]);
  assert.equal(bench.sent.filter((subject) => subject === "a").length, attemptsMax);
  assert.equal(bench.logged.length, 1);
  bench.fail();
  assert.match(bench.logged[1] ?? "", /"a": ECONNREFUSED; it is given up after 12 attempts/);
  assert.equal(bench.sent.at(-1), "b");
});

test("handleMail() does not repeat what the server will never take", () => {
  const bench = new Bench();
  bench.post("a");
  bench.post("b");
  bench.fail(true);
  assert.deepEqual(bench.sent, ["a", "b"]);
});

test("handleMail() drops the oldest of too many, never the one on its way", () => {
  const bench = new Bench();
  for (let i = 0; i <= mailsMax; i++) bench.post(`${i}`);
  assert.match(bench.logged[0] ?? "", /Dropped the mail "1": 500 wait already/);
  bench.take({ type: "sent" });
  assert.deepEqual(bench.sent, ["0", "2"]);
});
