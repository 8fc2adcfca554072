// A MASTER that is stopped or removed keeps its addresses until a successor is there.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import {
  emptyTrackReferences,
  emptyVrrpConfig,
} from "@keepalived-ts/shared-config/schema/config-empty";
import {
  Bench,
  backup,
  brief,
  briefOrders,
  instanceOf,
  linkFact,
  lowerAddress,
  master,
  received,
  second,
  virtualAddress,
} from "./fixtures.js";
import { isFinished, nextDeadline, snapshots } from "./router.js";

/** Skew of priority 1, a quarter of the interval, 50 ms. */
const patienceUs = Math.floor((255 / 256) * second) + second / 4 + 50_000;

function stopping(overrides: Partial<VrrpInstanceConfig> = {}): Bench {
  const bench = master(overrides);
  bench.handle({ type: "stopRequested" });
  return bench;
}

const released = ["remove 192.0.2.100", "report MASTER to INIT"];

test("a MASTER that is stopped keeps its addresses until a successor is heard", () => {
  const bench = master();
  assert.deepEqual(brief(bench.handle({ type: "stopRequested" })), [
    "advert 0",
    "info: (VI_1) sent 0 priority",
    "detail: (VI_1) keeping VIPs until another router has taken over",
  ]);
  assert.equal(bench.state(), "MASTER");
  assert.equal(isFinished(bench.router), false);
  assert.equal(bench.remaining(), patienceUs);
  bench.now += second / 2;
  assert.deepEqual(brief(bench.receive({ priority: 1, source: lowerAddress })), [
    `info: (VI_1) ${lowerAddress} has taken over`,
    "remove 192.0.2.100",
    "detail: (VI_1) removing VIPs.",
    "report MASTER to INIT",
  ]);
  assert.ok(isFinished(bench.router));
  assert.equal(nextDeadline(bench.router), undefined);
});

test("a MASTER that nobody follows lets go when a successor would have come", () => {
  const bench = stopping();
  assert.deepEqual(bench.elapse(patienceUs - 1), []);
  assert.deepEqual(briefOrders(bench.elapse(1)), released);
  assert.ok(isFinished(bench.router));
});

test("the wait follows the interval and ends before the process is killed", () => {
  assert.equal(
    stopping({ version: 3, advertIntervalUs: 10_000 }).remaining(),
    Math.floor((255 / 256) * 10_000) + 2_500 + 50_000,
  );
  assert.equal(stopping({ version: 3, advertIntervalUs: 40 * second }).remaining(), 4_500_000);
});

test("a farewell of somebody else, or a packet that is refused, is no successor", () => {
  const bench = stopping();
  assert.deepEqual(bench.receive({ priority: 0 }), []);
  assert.deepEqual(briefOrders(bench.receive({ failure: "ADVERT_BAD_CHECKSUM" })), []);
  assert.equal(bench.state(), "MASTER");
});

test("an owner that ignores adverts hears its successor", () => {
  const bench = stopping({ basePriority: 255, wantedState: "MASTER", ownerIgnoreAdverts: true });
  assert.deepEqual(briefOrders(bench.receive({ priority: 100 })), released);
});

test("who is told to stop a second time lets go at once", () => {
  const bench = stopping();
  assert.deepEqual(briefOrders(bench.handle({ type: "stopRequested" })), released);
  assert.deepEqual(bench.handle({ type: "stopRequested" }), []);
});

test("without hand_over, and in BACKUP, the stop is immediate", () => {
  for (const bench of [stopping({ handOver: false }), backup()]) {
    bench.handle({ type: "stopRequested" });
    assert.ok(isFinished(bench.router));
  }
});

test("an interface that goes down or away, or comes back as another, ends the wait", () => {
  assert.deepEqual(briefOrders(stopping().link({ isRunning: false })), released);
  assert.deepEqual(briefOrders(stopping().handle({ type: "linkRemoved", index: 2 })), released);
  assert.deepEqual(briefOrders(stopping().link({ index: 7 })), released);
  const bench = stopping();
  assert.deepEqual(bench.link({ ipv4Address: "192.0.2.12" }), []);
  assert.deepEqual(bench.handle({ type: "linkRemoved", index: 3 }), []);
  assert.deepEqual(bench.configure(), []);
});

test("a MASTER whose interface is down already does not wait", () => {
  const bench = master({ trackPrimary: false });
  bench.link({ isRunning: false });
  assert.equal(bench.state(), "MASTER");
  assert.deepEqual(briefOrders(bench.handle({ type: "stopRequested" })), ["advert 0", ...released]);
});

test("an instance that a reload removes hands over, and is told of when it has", () => {
  const bench = master();
  assert.deepEqual(briefOrders(bench.configure([])), ["advert 0"]);
  assert.deepEqual(
    snapshots(bench.router).map(({ state }) => state),
    ["MASTER"],
  );
  assert.deepEqual(briefOrders(bench.receive({ priority: 50 })), [
    "remove 192.0.2.100",
    "removed VI_1",
  ]);
  assert.deepEqual(snapshots(bench.router), []);
  // Its key is free again.
  assert.deepEqual(briefOrders(bench.configure()), ["remove 192.0.2.100", "report INIT to BACKUP"]);
});

test("an instance that is added again before anybody took over never stopped being MASTER", () => {
  const bench = master();
  bench.configure([]);
  bench.now += second / 4;
  assert.deepEqual(briefOrders(bench.configure()), [
    "advert 100",
    "add 192.0.2.100",
    "announce 192.0.2.100 x5",
    "report MASTER to MASTER",
  ]);
  assert.equal(bench.remaining(), second);
  assert.equal(bench.counter("becomeMaster"), 1);
});

test("an instance that is added again with other addresses moves only these", () => {
  const bench = master();
  bench.configure([]);
  const virtualAddresses = [virtualAddress("192.0.2.101")];
  assert.deepEqual(briefOrders(bench.configure([instanceOf({ virtualAddresses })])), [
    "remove 192.0.2.100",
    "advert 100",
    "add 192.0.2.101",
    "announce 192.0.2.101 x5",
    "report MASTER to MASTER",
  ]);
});

test("a removed instance does not wait when another wants its address or its place", () => {
  const rivals = [
    instanceOf({ name: "VI_2", virtualRouterId: 52 }),
    instanceOf({ name: "VI_2", virtualAddresses: [virtualAddress("192.0.2.101")] }),
  ];
  for (const rival of rivals) {
    const [address] = rival.virtualAddresses;
    const begun = [`remove ${address?.address}`, "report INIT to BACKUP"];
    const ended = ["remove 192.0.2.100", "removed VI_1"];
    const atOnce = briefOrders(master().configure([rival]));
    assert.deepEqual(atOnce, ["advert 0", ...ended, ...begun]);
    const bench = master();
    bench.configure([]);
    assert.deepEqual(briefOrders(bench.configure([rival])), [...ended, ...begun]);
  }
});

test("a stop while a removed instance hands over leaves it the rest of its time", () => {
  const bench = master();
  bench.configure([]);
  bench.now += second / 2;
  assert.deepEqual(bench.handle({ type: "stopRequested" }), []);
  assert.equal(bench.remaining(), patienceUs - second / 2);
  assert.deepEqual(briefOrders(bench.fire()), ["remove 192.0.2.100", "removed VI_1"]);
  assert.ok(isFinished(bench.router));
});

test("in a sync group the slowest member sets the time of all, each lets go for itself", () => {
  const quick = instanceOf({ name: "quick", version: 3, advertIntervalUs: second / 10 });
  const slow = instanceOf({
    name: "slow",
    version: 3,
    virtualRouterId: 52,
    virtualAddresses: [virtualAddress("192.0.2.101")],
  });
  const group = {
    name: "G",
    members: ["quick", "slow"],
    track: emptyTrackReferences,
    smtpAlert: false,
    notifyPriorityChanges: false,
    trackingWeights: false,
  };
  const bench = new Bench(quick);
  const config = { ...emptyVrrpConfig, instances: [quick, slow], syncGroups: [group] };
  const links = [linkFact()];
  bench.handle({ type: "configured", config, links, resume: [], trackers: [] });
  bench.elapse(8 * second);
  bench.handle({ type: "stopRequested" });
  assert.equal(bench.remaining(), patienceUs);
  assert.deepEqual(briefOrders(bench.receive()), ["remove 192.0.2.100", "report MASTER to INIT"]);
  assert.deepEqual(briefOrders(bench.handle(received(slow))), [
    "remove 192.0.2.101",
    "report MASTER to INIT",
    "group G INIT",
  ]);
  assert.ok(isFinished(bench.router));
});
