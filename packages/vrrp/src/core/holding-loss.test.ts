// Somebody takes away what a MASTER holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { backup, brief, briefOrders, master, second } from "./fixtures.js";

const lost = {
  type: "holdingLost",
  instance: "VI_1",
  what: "192.0.2.100 of eth0 was removed",
} as const;

test("a MASTER that has lost an address resigns and waits its skew time", () => {
  const bench = master();
  assert.deepEqual(brief(bench.handle(lost)), [
    "warn: (VI_1) 192.0.2.100 of eth0 was removed, giving up MASTER",
    "advert 0",
    "info: (VI_1) sent 0 priority",
    "remove 192.0.2.100",
    "detail: (VI_1) removing VIPs.",
    "info: (VI_1) Entering BACKUP STATE",
    "report MASTER to BACKUP",
  ]);
  assert.equal(bench.remaining(), Math.floor((156 / 256) * second));
});

test("holdingLost changes nothing in BACKUP or while a MASTER is leaving, or for nobody", () => {
  assert.deepEqual(briefOrders(backup().handle(lost)), []);
  const leaving = master();
  leaving.handle({ type: "stopRequested" });
  assert.deepEqual(briefOrders(leaving.handle(lost)), []);
  assert.deepEqual(briefOrders(master().handle({ ...lost, instance: "VI_9" })), []);
});
