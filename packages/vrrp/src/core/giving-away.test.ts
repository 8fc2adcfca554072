// What an operator orders: failover and maintenance, both without a moment without the address.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  backup,
  brief,
  briefOrders,
  higherAddress,
  linkFact,
  lowerAddress,
  master,
  second,
} from "./fixtures.js";
import { isFinished, routerStatus } from "./router.js";

/** Skew of priority 1, a quarter of the interval, 50 ms. */
const patienceUs = Math.floor((255 / 256) * second) + second / 4 + 50_000;
const failover = { type: "failoverRequested", instance: "VI_1" } as const;
const on = { type: "maintenanceChanged", isOn: true } as const;
const off = { type: "maintenanceChanged", isOn: false } as const;
const resigning = [
  "advert 0",
  "info: (VI_1) sent 0 priority",
  "detail: (VI_1) keeping VIPs until another router has taken over",
];

test("a failover ends with the successor's first advert, and no sooner", () => {
  const bench = master();
  assert.deepEqual(brief(bench.handle(failover)), resigning);
  assert.equal(bench.state(), "MASTER");
  bench.now += second / 2;
  assert.deepEqual(briefOrders(bench.receive({ priority: 50, source: lowerAddress })), [
    "remove 192.0.2.100",
    "report MASTER to BACKUP",
    "failover VI_1 to 192.0.2.1",
  ]);
});

test("after a failover a lower master is obeyed until it falls silent", () => {
  const bench = master({ basePriority: 200 });
  bench.handle(failover);
  for (let i = 0; i < 20; i++) {
    bench.receive({ priority: 50, source: lowerAddress });
    assert.equal(bench.state(), "BACKUP");
    bench.elapse(second);
  }
  assert.equal(routerStatus(bench.router).instances[0]?.hasGivenAway, true);
  bench.elapse(4 * second);
  assert.equal(bench.state(), "MASTER");
  bench.receive({ priority: 50, source: lowerAddress });
  assert.equal(bench.state(), "MASTER", "a lower priority counts for nothing again");
  assert.equal(routerStatus(bench.router).instances[0]?.hasGivenAway, undefined);
});

test("a failover that nobody follows leaves everything as it was", () => {
  const bench = master();
  bench.handle(failover);
  assert.deepEqual(bench.elapse(patienceUs - 1), []);
  assert.deepEqual(brief(bench.elapse(1)).slice(0, 3), [
    "info: (VI_1) nobody has taken over in time",
    "info: (VI_1) Staying in MASTER STATE",
    "advert 100",
  ]);
  assert.equal(bench.state(), "MASTER");
  assert.deepEqual(briefOrders(bench.elapse(second)), ["advert 100"]);
});

test("a failover of what is not MASTER, or not there, does nothing and says so", () => {
  const bench = backup();
  assert.deepEqual(brief(bench.handle(failover)), ["failover VI_1 to null"]);
  assert.deepEqual(brief(bench.handle({ ...failover, instance: "X" })), ["failover X to null"]);
});

test("a fault during a failover is a fault", () => {
  const bench = master();
  bench.handle(failover);
  const orders = briefOrders(
    bench.handle({ type: "linkChanged", link: linkFact({ isRunning: false }) }),
  );
  assert.equal(bench.state(), "FAULT");
  assert.ok(orders.includes("failover VI_1 to null") || orders.includes("remove 192.0.2.100"));
});

test("an owner that ignores adverts hears whom it has given its addresses", () => {
  const bench = master({ basePriority: 255, wantedState: "MASTER", ownerIgnoreAdverts: true });
  bench.handle(failover);
  for (let i = 0; i < 10; i++) {
    bench.receive({ priority: 50, source: lowerAddress });
    bench.elapse(second);
  }
  assert.equal(bench.state(), "BACKUP");
});

test("maintenance hands over, then takes no part", () => {
  const bench = master();
  assert.deepEqual(brief(bench.handle(on)), [
    "info: Maintenance is on: this router takes no part",
    ...resigning,
  ]);
  assert.equal(bench.state(), "MASTER");
  assert.deepEqual(briefOrders(bench.receive({ priority: 50, source: lowerAddress })), [
    "remove 192.0.2.100",
    "report MASTER to FAULT",
  ]);
  assert.deepEqual(bench.elapse(100 * second), []);
  assert.equal(routerStatus(bench.router).instances[0]?.fault, "maintenance is on");
  assert.deepEqual(briefOrders(bench.handle(off)), ["report FAULT to BACKUP"]);
  bench.elapse(10 * second);
  assert.equal(bench.state(), "MASTER");
});

test("maintenance takes everything away even if nobody follows", () => {
  const bench = master();
  bench.handle(on);
  bench.elapse(patienceUs);
  assert.equal(bench.state(), "FAULT");
});

test("maintenance ends at once when the source of the adverts goes", () => {
  const bench = master();
  bench.handle(on);
  bench.handle({ type: "linkChanged", link: linkFact({ ipv4Address: null }) });
  assert.equal(bench.state(), "FAULT");
  bench.handle({ type: "stopRequested" });
  assert.ok(isFinished(bench.router));
});

test("a BACKUP in maintenance never steps in", () => {
  const bench = backup();
  assert.deepEqual(briefOrders(bench.handle(on)), ["report BACKUP to FAULT"]);
  assert.deepEqual(bench.elapse(100 * second), []);
  assert.deepEqual(bench.handle(on), [], "twice is as once");
});

test("maintenance that ends before anybody has taken over changes nothing", () => {
  const bench = master();
  bench.handle(on);
  bench.now += second / 10;
  bench.handle(off);
  assert.equal(bench.state(), "MASTER");
  bench.receive({ priority: 50, source: higherAddress });
  assert.equal(bench.state(), "MASTER");
  assert.deepEqual(briefOrders(bench.elapse(second)), ["advert 100"]);
});

test("a stop during a failover or maintenance is a stop", () => {
  for (const order of [failover, on]) {
    const bench = master();
    bench.handle(order);
    bench.handle({ type: "stopRequested" });
    bench.elapse(patienceUs);
    assert.equal(bench.state(), "INIT");
    const hasty = master({ handOver: false });
    hasty.handle(order);
    hasty.handle({ type: "stopRequested" });
    assert.equal(hasty.state(), "INIT");
    assert.ok(isFinished(hasty.router));
  }
});
