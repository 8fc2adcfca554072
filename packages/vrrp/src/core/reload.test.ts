// A new configuration: what may move and what must not.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Bench,
  backup,
  brief,
  briefOrders,
  instanceOf,
  linkFact,
  master,
  second,
  virtualAddress,
} from "./fixtures.js";
import { instanceConfig, snapshots } from "./router.js";

function reload(bench: Bench, overrides: Parameters<typeof instanceOf>[0]): string[] {
  return briefOrders(bench.configure([{ ...bench.config, ...overrides }]));
}

test("configured again leaves an unchanged instance alone", () => {
  for (const bench of [master(), backup()]) {
    bench.now += second / 2;
    const before = { remaining: bench.remaining(), snapshot: bench.snapshot() };
    assert.deepEqual(bench.configure([structuredClone(bench.config)]), []);
    assert.deepEqual({ remaining: bench.remaining(), snapshot: bench.snapshot() }, before);
  }
});

test("configured without an instance lets a MASTER resign and forgets it", () => {
  const bench = master({ handOver: false });
  assert.deepEqual(brief(bench.configure([])), [
    "advert 0",
    "info: (VI_1) sent 0 priority",
    "remove 192.0.2.100",
    "detail: (VI_1) removing VIPs.",
    "removed VI_1",
  ]);
  assert.deepEqual(snapshots(bench.router), []);
  assert.equal(instanceConfig(bench.router, "VI_1"), undefined);
  assert.deepEqual(bench.handle({ type: "deadlineReached" }), []);
});

test("configured with a new instance starts it and leaves the others alone", () => {
  const bench = master();
  const added = instanceOf({ name: "VI_2", virtualRouterId: 52, virtualAddresses: [] });
  assert.deepEqual(briefOrders(bench.configure([bench.config, added])), ["report INIT to BACKUP"]);
});

test("configured moves only the addresses of a MASTER that differ", () => {
  const virtualAddresses = ["192.0.2.100", "192.0.2.101"].map((text) => virtualAddress(text));
  const bench = master({ virtualAddresses });
  const wanted = [
    virtualAddress("192.0.2.101"),
    virtualAddress("192.0.2.102"),
    virtualAddress("192.0.2.103"),
  ];
  assert.deepEqual(reload(bench, { virtualAddresses: wanted }), [
    "remove 192.0.2.100",
    "advert 100",
    "add 192.0.2.102 192.0.2.103",
    "announce 192.0.2.102 192.0.2.103 x5",
    "report MASTER to MASTER",
  ]);
});

test("configured replaces an address of a MASTER whose prefix changed", () => {
  const bench = master();
  const virtualAddresses = [virtualAddress("192.0.2.100", { prefixLength: 32 })];
  assert.deepEqual(reload(bench, { virtualAddresses }).slice(0, 3), [
    "remove 192.0.2.100",
    "advert 100",
    "add 192.0.2.100",
  ]);
});

test("configured moves an address between instances by removal, then addition", () => {
  const a = instanceOf({ basePriority: 255, wantedState: "MASTER" });
  const b = instanceOf({
    name: "VI_2",
    virtualRouterId: 52,
    basePriority: 255,
    wantedState: "MASTER",
    virtualAddresses: [virtualAddress("192.0.2.200")],
  });
  const bench = master(b);
  bench.configure([b, a]);
  const moved = virtualAddress("192.0.2.100");
  const actions = bench.configure([
    { ...b, virtualAddresses: [...b.virtualAddresses, moved] },
    { ...a, virtualAddresses: [] },
  ]);
  const orders = briefOrders(actions).filter((text) => /^(add|remove)/.test(text));
  assert.deepEqual(orders, ["remove 192.0.2.100", "add 192.0.2.100"]);
});

test("configured with another priority shifts masterDown of a BACKUP by the difference", () => {
  const bench = backup();
  bench.now += second;
  const before = bench.remaining();
  const actions = brief(bench.configure([{ ...bench.config, basePriority: 200 }]));
  assert.ok(actions.includes("info: (VI_1) Changing effective priority from 100 to 200"));
  assert.equal(before - bench.remaining(), Math.floor((156 / 256) * second) - 218_750);
});

test("configured with another priority lets a MASTER tell the others at once", () => {
  const bench = master();
  assert.deepEqual(reload(bench, { basePriority: 90 }), ["advert 90", "report MASTER to MASTER"]);
  assert.equal(bench.snapshot().effectivePriority, 90);
});

test("configured with another interval is in force at once", () => {
  const bench = master();
  reload(bench, { advertIntervalUs: 2 * second });
  assert.equal(bench.remaining(), 2 * second);
  const waiting = backup();
  reload(waiting, { advertIntervalUs: 2 * second });
  assert.equal(waiting.remaining(), 6 * second + Math.floor((156 / 256) * second));
});

test("configured with another virtual router id starts anew", () => {
  const bench = master();
  assert.deepEqual(reload(bench, { virtualRouterId: 52 }), [
    "advert 0",
    "remove 192.0.2.100",
    "report MASTER to INIT",
    "remove 192.0.2.100",
    "report INIT to BACKUP",
  ]);
});

test("configured takes over what the links have become", () => {
  const bench = master();
  bench.configure([bench.config], [linkFact({ isRunning: false })]);
  assert.equal(bench.state(), "FAULT");
});

test("stopRequested lets every MASTER resign, reports INIT and ends all activity", () => {
  const bench = master({ handOver: false });
  assert.deepEqual(brief(bench.handle({ type: "stopRequested" })), [
    "advert 0",
    "info: (VI_1) sent 0 priority",
    "remove 192.0.2.100",
    "detail: (VI_1) removing VIPs.",
    "report MASTER to INIT",
  ]);
  bench.now += 10 * second;
  assert.deepEqual(bench.handle({ type: "deadlineReached" }), []);
  assert.deepEqual(bench.receive({ priority: 200 }), []);
  assert.deepEqual(bench.configure(), []);
});

test("stopRequested in BACKUP sends nothing", () => {
  const bench = backup();
  assert.deepEqual(brief(bench.handle({ type: "stopRequested" })), ["report BACKUP to INIT"]);
});
