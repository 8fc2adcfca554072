// MonotonicTimer on the real clock: order and never-early are asserted, lateness is not, since this
// machine may be busy.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runChild } from "./testing/child.js";
import { MonotonicTimer, monotonicUs } from "./timer.js";

function expiry(atUs: number): Promise<number> {
  return new Promise((resolve) => {
    const timer = new MonotonicTimer(() => {
      timer.close();
      resolve(monotonicUs());
    });
    timer.armAt(atUs);
  });
}

test("monotonicUs() is the clock of process.hrtime() and never goes back", () => {
  let last = monotonicUs();
  const low = Number(process.hrtime.bigint()) / 1000;
  const now = monotonicUs();
  const high = Number(process.hrtime.bigint()) / 1000;
  assert.ok(low <= now && now <= high);
  for (let i = 0; i < 10_000; i++) {
    const next = monotonicUs();
    assert.ok(next >= last);
    last = next;
  }
});

test("a timer expires at its instant or later, never before", async () => {
  for (let i = 0; i < 50; i++) {
    const atUs = monotonicUs() + 300 + i * 37.3;
    assert.ok((await expiry(atUs)) >= atUs);
  }
});

test("timers each expire by their own instant, a past one too", async () => {
  const now = monotonicUs();
  // Which of two comes first is not said when the process did not run until both were due.
  const instants = [now + 9000, now + 3000, now - 5_000_000, now + 6000, 0, -1];
  await Promise.all(instants.map(async (atUs) => assert.ok((await expiry(atUs)) >= atUs)));
});

test("armAt() moves the instant, disarm() takes it back", async () => {
  let calls = 0;
  const moved = new MonotonicTimer(() => {
    calls += 1;
  });
  const disarmed = new MonotonicTimer(() => assert.fail("disarmed"));
  const now = monotonicUs();
  disarmed.armAt(now + 1000);
  moved.armAt(now + 1000);
  moved.armAt(now + 200_000);
  disarmed.disarm();
  disarmed.disarm();
  await expiry(now + 3000);
  // Unless this process has not run until then.
  assert.ok(calls === 0 || monotonicUs() >= now + 200_000);
  await expiry(now + 220_000);
  assert.equal(calls, 1);
  moved.close();
  disarmed.close();
});

test("disarm() by another handler of the same turn of the loop still counts", async () => {
  const past = monotonicUs() - 1;
  const calls: string[] = [];
  const second = new MonotonicTimer(() => {
    calls.push("second");
    first.disarm();
  });
  const first = new MonotonicTimer(() => {
    calls.push("first");
    second.disarm();
  });
  first.armAt(past);
  second.armAt(past);
  await expiry(monotonicUs() + 5000);
  assert.equal(calls.length, 1);
  first.close();
  second.close();
});

test("a handler may arm its timer anew, or close it", async () => {
  let left = 100;
  await new Promise<void>((resolve) => {
    const timer = new MonotonicTimer(() => {
      left -= 1;
      if (left > 0) return timer.armAt(monotonicUs() - 1);
      timer.close();
      timer.close();
      resolve();
    });
    timer.armAt(0);
  });
  assert.equal(left, 0);
});

test("armAt() refuses what is no instant and a closed timer", () => {
  const timer = new MonotonicTimer(() => undefined);
  for (const atUs of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assert.throws(() => timer.armAt(atUs), { code: "ASSERTION_FAILED" });
  }
  assert.throws(() => timer.armAt(1e16), { code: "ERR_INVALID_ARGUMENT" });
  timer.close();
  assert.throws(() => timer.armAt(0), { code: "ERR_CLOSED" });
  timer.disarm();
});

test("an armed timer keeps the process alive, an idle one does not", () => {
  const result = runChild(`
    import { MonotonicTimer, monotonicUs } from "@netops/timer.js";
    const idle = new MonotonicTimer(() => console.log("idle"));
    idle.armAt(monotonicUs() + 1e12);
    idle.disarm();
    const armed = new MonotonicTimer(() => console.log("armed"));
    armed.armAt(monotonicUs() + 20000);
  `);
  assert.deepEqual(result, { status: 0, stdout: "armed\n", stderr: "" });
});
