// BACKUP: RFC 9568 section 6.4.2 and keepalived's preempt_delay.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Bench,
  backup,
  brief,
  briefOrders,
  higherAddress,
  instanceOf,
  lowerAddress,
  received,
  second,
} from "./fixtures.js";
import { routerStatus } from "./status.js";

const skew100 = Math.floor((156 / 256) * second);
const down100 = 3 * second + skew100;

test("handle() in BACKUP restarts masterDown on a higher, an equal and its own priority", () => {
  for (const priority of [255, 101, 100]) {
    const bench = backup();
    bench.now += 2 * second;
    bench.receive({ priority });
    assert.equal(bench.remaining(), down100, `priority ${priority}`);
    assert.equal(bench.snapshot().masterPriority, priority);
  }
});

test("handle() in BACKUP counts from the arrival of an advert, not from when it was read", () => {
  const bench = backup();
  bench.now += second;
  bench.receive({ priority: 150, event: { ageUs: 700 } });
  assert.equal(bench.remaining(), down100 - 700);
  bench.receive({ priority: 0, event: { ageUs: 700 } });
  assert.equal(bench.remaining(), skew100 - 700);
});

test("handle() in BACKUP lets masterDown run on at a lower advert", () => {
  const bench = backup();
  bench.now += 2 * second;
  assert.deepEqual(brief(bench.receive({ priority: 99, source: lowerAddress })), [
    "info: (VI_1) received lower priority (99) advert from 192.0.2.1 - discarding",
  ]);
  assert.deepEqual(brief(bench.receive({ priority: 99, source: lowerAddress })), []);
  assert.equal(bench.remaining(), down100 - 2 * second);
  assert.equal(bench.counter("lowerPriorityDiscarded"), 2);
});

test("handle() in BACKUP restarts masterDown on a lower advert when preempt is off", () => {
  const bench = backup({ preempt: false });
  bench.now += 2 * second;
  bench.receive({ priority: 1 });
  assert.equal(bench.remaining(), down100);
  assert.equal(bench.snapshot().masterPriority, 1);
});

test("handle() in BACKUP waits only the skew time after priority 0", () => {
  const bench = backup();
  assert.deepEqual(brief(bench.receive({ priority: 0 })), [
    "info: (VI_1) Backup received priority 0 advertisement",
  ]);
  assert.equal(bench.remaining(), skew100);
  assert.equal(bench.counter("priorityZeroReceived"), 1);
});

test("handle() in BACKUP takes over when masterDown fires: advert, addresses, ARP, report", () => {
  const bench = backup();
  assert.deepEqual(brief(bench.fire()), [
    "advert 100",
    "add 192.0.2.100",
    "announce 192.0.2.100 x5",
    "detail: (VI_1) Receive advertisement timeout",
    "info: (VI_1) Entering MASTER STATE",
    "detail: (VI_1) setting VIPs.",
    "report BACKUP to MASTER",
  ]);
  assert.equal(bench.remaining(), second);
});

test("handle() in BACKUP learns the interval of a version 3 master, until MASTER", () => {
  const bench = backup({ version: 3, advertIntervalUs: second });
  const advert = { advertIntervalUs: 500_000 };
  bench.receive({ priority: 200, advert });
  assert.equal(bench.remaining(), 1_500_000 + Math.floor((156 / 256) * 500_000));
  bench.fire();
  assert.equal(bench.snapshot().masterAdvertIntervalUs, second);
  assert.equal(bench.remaining(), second);
});

test("handle() in BACKUP counts down_timer_adverts intervals", () => {
  const bench = backup({ downTimerAdverts: 5 });
  assert.equal(bench.remaining(), 5 * second + skew100);
});

test("handle() in BACKUP obeys a lower master until preempt_delay is over", () => {
  const bench = backup({ preemptDelayUs: 10 * second });
  const lower = { priority: 50 };
  assert.ok(
    brief(bench.receive(lower)).includes(
      "detail: (VI_1) heard a lower priority, preemption in 10 s",
    ),
  );
  for (let i = 0; i < 9; i++) {
    bench.now += second;
    bench.receive(lower);
    assert.equal(bench.remaining(), down100);
  }
  bench.now += second;
  bench.receive(lower);
  assert.equal(bench.remaining(), down100 - second);
  bench.fire();
  assert.equal(bench.state(), "MASTER");
});

test("handle() in BACKUP cancels preempt_delay at an equal or higher advert", () => {
  const bench = backup({ preemptDelayUs: 10 * second });
  bench.receive({ priority: 50, source: lowerAddress });
  bench.now += second;
  const actions = bench.receive({ priority: 100 });
  assert.ok(
    brief(actions).includes(
      "detail: (VI_1) a master of our priority or better is back, preemption is off",
    ),
  );
  for (let i = 0; i < 10; i++) {
    bench.now += second;
    bench.receive({ priority: 50, source: lowerAddress });
    assert.equal(bench.remaining(), down100);
  }
});

test("handle() in BACKUP reports a new master at once, alternating ones once an interval", () => {
  const bench = backup();
  assert.deepEqual(briefOrders(bench.receive({ priority: 150 })), ["report BACKUP to BACKUP"]);
  let reports = 0;
  for (let i = 0; i < 100; i++) {
    bench.now += second / 50;
    const source = i % 2 === 0 ? lowerAddress : higherAddress;
    reports += briefOrders(bench.receive({ priority: 150, source })).length;
  }
  assert.ok(reports >= 1 && reports <= 2, `${reports} reports in two intervals`);
});

test("handle() in BACKUP that did not run looks for unread adverts before it takes over", () => {
  const bench = backup();
  bench.receive({ priority: 150 });
  bench.now += bench.remaining() + 200_000;
  assert.deepEqual(brief(bench.handle({ type: "deadlineReached" })), [
    "warn: (VI_1) A thread timer expired 0.200000 seconds ago",
  ]);
  assert.equal(bench.remaining(), 10_000);
  bench.receive({ priority: 150 });
  assert.equal(bench.remaining(), down100);
  bench.now += 20 * second;
  bench.handle({ type: "deadlineReached" });
  bench.now += 20 * second;
  bench.handle({ type: "deadlineReached" });
  assert.equal(bench.state(), "MASTER");
});

test("handle() in BACKUP that missed a whole advert gives its master time for one", () => {
  for (const [interval, patience] of [
    [0.01, 10_000],
    [1, 100_000],
  ] as const) {
    const bench = backup({ version: 3, advertIntervalUs: interval * second });
    bench.receive({ priority: 150 });
    bench.now += bench.remaining() + 2 * interval * second;
    bench.handle({ type: "deadlineReached" });
    assert.equal(bench.remaining(), patience);
    bench.elapse(patience);
    assert.equal(bench.state(), "MASTER");
  }
});

test("handle() after a standstill gives the masters of those time that are due soon after", () => {
  const config = instanceOf({ version: 3, advertIntervalUs: 10_000 });
  const later = { ...config, name: "VI_2", virtualRouterId: 52 };
  const bench = new Bench(config);
  bench.configure([config, later]);
  const both = () => routerStatus(bench.router).instances.map(({ state }) => state);
  bench.receive({ priority: 150 });
  bench.now += 4_000;
  bench.handle(received(later, { priority: 150 }));
  bench.now += bench.remaining() + 2_500;
  bench.handle({ type: "deadlineReached" });
  assert.deepEqual(both(), ["BACKUP", "BACKUP"]);
  bench.fire();
  assert.deepEqual(both(), ["BACKUP", "BACKUP"]);
  bench.elapse(10_000);
  assert.deepEqual(both(), ["MASTER", "MASTER"]);
});

test("handle() in BACKUP takes over without a second look when the timer is a little late", () => {
  const bench = backup();
  bench.now += bench.remaining() + 5_000;
  bench.handle({ type: "deadlineReached" });
  assert.equal(bench.state(), "MASTER");
});

test("handle() in BACKUP has nothing to order for the steady adverts of its master", () => {
  const bench = backup();
  bench.receive({ priority: 150 });
  bench.now += second;
  assert.deepEqual(bench.receive({ priority: 150 }), []);
});
