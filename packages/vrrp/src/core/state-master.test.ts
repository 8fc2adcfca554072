// MASTER: RFC 9568 section 6.4.3 and keepalived's answers to lower priorities and second owners.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  backup,
  brief,
  briefOrders,
  garpConfig,
  higherAddress,
  lowerAddress,
  master,
  ownAddress,
  second,
} from "./fixtures.js";

const quiet = garpConfig({ masterDelayUs: 0 });

test("handle() in MASTER sends the same order object every interval, on one grid", () => {
  const bench = master({ garp: quiet });
  const start = bench.now;
  const orders = [1, 2, 3].flatMap(() => bench.fire());
  assert.equal(bench.now, start + 3 * second);
  assert.deepEqual(brief(orders), ["advert 100", "advert 100", "advert 100"]);
  assert.equal(orders[0], orders[2]);
});

test("handle() in MASTER does not drift when woken late, nor catch up in a burst", () => {
  const bench = master({ garp: quiet });
  bench.now += second + 300;
  bench.handle({ type: "deadlineReached" });
  assert.equal(bench.remaining(), second - 300);
  bench.now += 10 * second;
  assert.deepEqual(brief(bench.handle({ type: "deadlineReached" })), ["advert 100"]);
  assert.equal(bench.remaining(), second);
});

test("handle() in MASTER gives way to a higher priority", () => {
  const bench = master();
  assert.deepEqual(brief(bench.receive({ priority: 101, source: lowerAddress })), [
    "info: (VI_1) Master received advert from 192.0.2.1 with higher priority 101, ours 100",
    "remove 192.0.2.100",
    "detail: (VI_1) removing VIPs.",
    "info: (VI_1) Entering BACKUP STATE",
    "report MASTER to BACKUP",
  ]);
  assert.equal(bench.remaining(), 3 * second + Math.floor((156 / 256) * second));
  assert.equal(bench.snapshot().masterAddress, lowerAddress);
});

test("handle() in MASTER breaks an equal priority by the source address", () => {
  const gaveWay = master();
  gaveWay.receive({ priority: 100, source: higherAddress });
  assert.equal(gaveWay.state(), "BACKUP");
  const stayed = master();
  assert.deepEqual(briefOrders(stayed.receive({ priority: 100, source: lowerAddress })), [
    "advert 100",
    "announce 192.0.2.100 x5",
    "lower priority heard by VI_1",
  ]);
  assert.equal(stayed.state(), "MASTER");
});

test("handle() in MASTER compares addresses as numbers, not as texts", () => {
  const bench = master();
  bench.receive({ priority: 100, source: "192.0.2.9" });
  assert.equal(bench.state(), "MASTER");
});

test("handle() in MASTER learns the interval of the version 3 router it gives way to", () => {
  const bench = master({ version: 3 });
  bench.receive({ priority: 200, advert: { advertIntervalUs: 4 * second } });
  assert.equal(bench.remaining(), 12 * second + Math.floor((156 / 256) * 4 * second));
});

test("handle() in MASTER answers priority 0 with an advert", () => {
  const bench = master();
  bench.now += second / 2;
  assert.deepEqual(brief(bench.receive({ priority: 0 })), ["advert 100"]);
  assert.equal(bench.remaining(), second);
  assert.equal(bench.state(), "MASTER");
});

test("handle() in MASTER answers a lower priority at once, by burst once an interval", () => {
  const bench = master();
  assert.deepEqual(brief(bench.receive({ priority: 99, source: lowerAddress })), [
    "advert 100",
    "announce 192.0.2.100 x5",
    "info: (VI_1) Received advert from 192.0.2.1 with lower priority 99, ours 100, " +
      "forcing new election",
    "lower priority heard by VI_1",
  ]);
  assert.deepEqual(brief(bench.receive({ priority: 99 })), ["advert 100"]);
});

test("handle() in MASTER is silent to a lower priority with lower_prio_no_advert", () => {
  const bench = master({ lowerPriorityNoAdvert: true });
  assert.deepEqual(briefOrders(bench.receive({ priority: 99 })), [
    "announce 192.0.2.100 x5",
    "lower priority heard by VI_1",
  ]);
});

test("handle() in MASTER sends a last advert with higher_prio_send_advert", () => {
  const bench = master({ higherPrioritySendAdvert: true });
  const orders = briefOrders(bench.receive({ priority: 101 }));
  assert.deepEqual(orders, ["advert 100", "remove 192.0.2.100", "report MASTER to BACKUP"]);
});

test("handle() in MASTER announces again after garp_master_delay and refreshes", () => {
  const garp = garpConfig({
    masterRepeat: 2,
    masterRefreshUs: 10 * second,
    masterRefreshRepeat: 3,
  });
  const bench = master({ garp });
  const announced: string[] = [];
  for (let at = 1; at <= 30; at++) {
    const found = brief(bench.elapse(second)).filter((text) => text.startsWith("announce"));
    announced.push(...found.map((text) => `${at}: ${text}`));
  }
  assert.equal(announced[0], "5: announce 192.0.2.100 x2");
  assert.match(announced[1] ?? "", /^1[56]: announce 192.0.2.100 x3$/);
  assert.match(announced[2] ?? "", /^2[56]: announce 192.0.2.100 x3$/);
  assert.equal(announced.length, 3);
});

test("handle() in MASTER announces again after garp_lower_prio_delay", () => {
  const garp = garpConfig({
    masterDelayUs: 0,
    lowerPriorityRepeat: 2,
    lowerPriorityDelayUs: second,
  });
  const bench = master({ garp });
  bench.receive({ priority: 1 });
  bench.now += 1;
  assert.ok(brief(bench.elapse(second)).includes("announce 192.0.2.100 x2"));
});

test("handle() announces a MASTER's addresses once on request, a BACKUP's never", () => {
  const bench = master();
  const request = { type: "announceRequested", instance: "VI_1" } as const;
  assert.deepEqual(brief(bench.handle(request)), ["announce 192.0.2.100 x1"]);
  assert.deepEqual(bench.handle({ ...request, instance: "VI_2" }), []);
  bench.receive({ priority: 101, source: lowerAddress });
  assert.deepEqual(bench.handle(request), []);
});

test("handle() after MASTER announces nothing any more", () => {
  const bench = master();
  bench.receive({ priority: 99 });
  bench.receive({ priority: 101 });
  const announced: string[] = [];
  for (let i = 0; i < 20; i++) {
    bench.receive({ priority: 101 });
    announced.push(...brief(bench.elapse(second)));
  }
  assert.deepEqual(announced, []);
});

test("handle() as owner gives way to a second owner with a higher address", () => {
  const bench = master({ basePriority: 255, wantedState: "MASTER" });
  bench.receive({ priority: 255, source: higherAddress });
  assert.equal(bench.state(), "BACKUP");
});

test("handle() as owner resists a second owner with a lower address, then yields", () => {
  const bench = master({ basePriority: 255, wantedState: "MASTER", garp: quiet });
  const rival = { priority: 255, source: lowerAddress };
  assert.deepEqual(briefOrders(bench.receive(rival)), ["advert 255", "advert 255"]);
  bench.now += second;
  bench.fire();
  bench.receive(rival);
  const orders = brief(bench.elapse(second / 4));
  assert.ok(orders.includes("warn: (VI_1) Changing effective priority from 255 to 254"));
  assert.equal(bench.snapshot().effectivePriority, 254);
  bench.receive(rival);
  assert.equal(bench.state(), "BACKUP");
  bench.elapse(10 * second);
  assert.equal(bench.state(), "MASTER");
  assert.equal(bench.snapshot().effectivePriority, 255);
});

test("handle() as owner that has yielded is owner again when the other falls silent", () => {
  const bench = master({ basePriority: 255, wantedState: "MASTER" });
  const rival = { priority: 255, source: lowerAddress };
  bench.receive(rival);
  bench.elapse(second / 2);
  bench.receive(rival);
  const sent = bench
    .elapse(5 * second)
    .flatMap((action) => (action.type === "sendAdvert" ? [action.priority] : []));
  assert.equal(bench.state(), "MASTER");
  assert.equal(sent.includes(254) && sent.at(-1) === 255, true, sent.join());
});

test("handle() as owner in BACKUP is owner again once the master is none", () => {
  const bench = master({ basePriority: 255, wantedState: "MASTER" });
  const rival = { priority: 255, source: lowerAddress };
  bench.receive(rival);
  bench.elapse(second / 2);
  bench.receive(rival);
  bench.elapse(second);
  bench.receive(rival);
  assert.equal(bench.state(), "BACKUP");
  bench.receive({ priority: 254, source: lowerAddress });
  bench.elapse(4 * second);
  assert.equal(bench.state(), "MASTER");
  assert.equal(bench.snapshot().effectivePriority, 255);
});

test("handle() as owner stays when the second owner falls silent", () => {
  const bench = master({ basePriority: 255, wantedState: "MASTER" });
  bench.receive({ priority: 255, source: lowerAddress });
  bench.elapse(5 * second);
  assert.equal(bench.snapshot().effectivePriority, 255);
  assert.equal(bench.state(), "MASTER");
});

test("handle() does not look at adverts as owner with owner_ignore_adverts", () => {
  const bench = master({ basePriority: 255, wantedState: "MASTER", ownerIgnoreAdverts: true });
  assert.deepEqual(bench.receive({ priority: 255, source: higherAddress }), []);
  assert.equal(bench.counter("ownerIgnored"), 1);
});

test("handle() ignores and counts its own advert when it comes back", () => {
  for (const bench of [master(), backup()]) {
    const before = bench.remaining();
    bench.receive({ priority: 200, source: ownAddress });
    assert.equal(bench.remaining(), before);
    assert.equal(bench.counter("ownSourceReceived"), 1);
  }
});

test("handle() refuses a time before the last event", () => {
  const bench = master();
  bench.now -= 1;
  assert.throws(() => bench.handle({ type: "deadlineReached" }), /time went backwards/);
});
