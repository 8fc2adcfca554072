// FAULT: keepalived's state for an interface or a source address that is missing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { backup, brief, briefOrders, instanceOf, master, second } from "./fixtures.js";
import { nextDeadline } from "./router.js";

const down100 = 3 * second + Math.floor((156 / 256) * second);

test("linkChanged to down takes a MASTER to FAULT without an advert that nobody can hear", () => {
  const bench = master();
  assert.deepEqual(brief(bench.link({ isRunning: false })), [
    "remove 192.0.2.100",
    "detail: (VI_1) removing VIPs.",
    "warn: (VI_1) interface eth0 is down",
    "info: (VI_1) Entering FAULT STATE",
    "report MASTER to FAULT",
  ]);
  assert.equal(nextDeadline(bench.router), undefined);
});

test("linkChanged without an address lets a MASTER resign from its old source", () => {
  const bench = master();
  const actions = bench.link({ ipv4Address: null });
  assert.deepEqual(briefOrders(actions), [
    "advert 0",
    "remove 192.0.2.100",
    "report MASTER to FAULT",
  ]);
  const [farewell] = actions;
  assert.equal(farewell?.type === "sendAdvert" && farewell.source, "192.0.2.11");
  assert.equal(bench.counter("priorityZeroSent"), 1);
});

test("linkRemoved takes a BACKUP to FAULT", () => {
  const bench = backup();
  assert.deepEqual(briefOrders(bench.handle({ type: "linkRemoved", index: 2 })), [
    "report BACKUP to FAULT",
  ]);
});

test("linkChanged to running leads from FAULT to BACKUP with a full interval", () => {
  const bench = master();
  bench.link({ isRunning: false });
  bench.now += 60 * second;
  assert.deepEqual(brief(bench.link({ isRunning: true })), [
    "info: (VI_1) Entering BACKUP STATE",
    "report FAULT to BACKUP",
  ]);
  assert.equal(bench.remaining(), down100);
});

test("linkChanged to running lets the owner wait for one interval and the skew", () => {
  const bench = master({ basePriority: 255, wantedState: "MASTER" });
  bench.link({ isRunning: false });
  bench.link({ isRunning: true });
  assert.equal(bench.remaining(), second + Math.floor(second / 256));
});

test("linkChanged to down is no fault with dont_track_primary", () => {
  const bench = master({ trackPrimary: false });
  assert.deepEqual(bench.link({ isRunning: false }), []);
  assert.equal(bench.state(), "MASTER");
  bench.handle({ type: "linkRemoved", index: 2 });
  assert.equal(bench.state(), "FAULT");
});

test("linkChanged follows an interface that comes back with another index", () => {
  const bench = backup();
  bench.handle({ type: "linkRemoved", index: 2 });
  bench.link({ index: 7 });
  bench.receive({ priority: 150 });
  assert.equal(bench.counter("advertisementsReceived"), 0);
  bench.receive({ priority: 150, interfaceIndex: 7 });
  assert.equal(bench.counter("advertisementsReceived"), 1);
});

test("linkChanged to another name is the loss of the old one", () => {
  const bench = backup();
  bench.link({ name: "eth9" });
  assert.equal(bench.state(), "FAULT");
  bench.link({ name: "eth0" });
  assert.equal(bench.state(), "BACKUP");
});

test("linkChanged to another address changes the source of the adverts", () => {
  const bench = master();
  bench.link({ ipv4Address: "192.0.2.77" });
  const [advert] = bench.fire();
  assert.equal(advert?.type === "sendAdvert" && advert.source, "192.0.2.77");
});

test("linkChanged leaves the source alone with mcast_src_ip", () => {
  const bench = master({ sourceAddress: "192.0.2.50" });
  assert.deepEqual(bench.link({ ipv4Address: null }), []);
  const [advert] = bench.fire();
  assert.equal(advert?.type === "sendAdvert" && advert.source, "192.0.2.50");
});

test("handle() takes no adverts in FAULT", () => {
  const bench = backup();
  bench.link({ isRunning: false });
  assert.deepEqual(bench.receive({ priority: 200 }), []);
  assert.deepEqual(bench.counted(), {});
});

test("linkChanged of an interface that carries a virtual address takes a MASTER to FAULT", () => {
  const [own] = instanceOf().virtualAddresses;
  assert.ok(own !== undefined);
  const bench = backup({
    excludedAddresses: [{ ...own, address: "198.51.100.1", device: "eth1" }],
  });
  assert.equal(bench.state(), "FAULT");
  bench.link({ index: 3, name: "eth1" });
  assert.equal(bench.state(), "BACKUP");
  bench.fire();
  assert.equal(bench.state(), "MASTER");
  const actions = bench.link({ index: 3, name: "eth1", isRunning: false });
  assert.deepEqual(briefOrders(actions).slice(0, 1), ["advert 0"]);
  assert.equal(bench.state(), "FAULT");
});
