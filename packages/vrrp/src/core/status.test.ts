// What is told of an instance on request, state by state.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";
import { type Bench, backup, master } from "./fixtures.js";
import { clearCounters, routerStatus } from "./router.js";

function status(bench: Bench): InstanceStatus {
  const [first] = routerStatus(bench.router).instances;
  assert.ok(first);
  return first;
}

test("routerStatus() tells of a BACKUP whose master it is and when its patience ends", () => {
  const bench = backup();
  bench.receive({ priority: 200 });
  const shown = status(bench);
  assert.equal(shown.state, "BACKUP");
  assert.equal(shown.masterPriority, 200);
  assert.equal(shown.timerAt, bench.now + shown.masterDownUs);
  assert.deepEqual([shown.holdsAddresses, shown.fault], [false, null]);
  assert.equal(shown.counters["advertisementsReceived"], 1);
});

test("routerStatus() tells of a MASTER when its next advert is due", () => {
  const bench = master();
  const shown = status(bench);
  assert.deepEqual([shown.state, shown.wantedState], ["MASTER", "MASTER"]);
  assert.equal(shown.timerAt, bench.now + bench.config.advertIntervalUs);
  assert.equal(shown.enteredAt, bench.now);
  assert.equal(shown.holdsAddresses, true);
});

test("routerStatus() tells why an instance is in FAULT, and waits for nothing then", () => {
  const bench = master();
  bench.link({ isRunning: false });
  const shown = status(bench);
  assert.equal(shown.state, "FAULT");
  assert.match(shown.fault ?? "", /is down$/);
  assert.equal(shown.timerAt, null);
});

test("clearCounters() begins all counting again", () => {
  const bench = master();
  assert.ok((bench.counter("advertisementsSent") ?? 0) > 0);
  clearCounters(bench.router);
  assert.deepEqual(bench.counted(), {});
  bench.fire();
  assert.equal(bench.counter("advertisementsSent"), 1);
});
