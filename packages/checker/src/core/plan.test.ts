// plan.ts: what it says of a reload is what a pool orders then.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckerConfig } from "@keepalived-ts/shared-config/schema/config";
import { config, realServer, virtualServer } from "../testing/builders.js";
import { failed, Harness, passed } from "../testing/harness.js";
import { type CheckerPlan, planReload } from "./plan.js";
import { snapshots, virtualServerSnapshots } from "./pool.js";

const running: CheckerConfig = config(virtualServer(1, [realServer(1), realServer(2)]));

/** One server is down, the other up. */
function atWork(): Harness {
  const harness = new Harness();
  harness.configure(running);
  harness.probe("10.0.0.1", failed);
  harness.probe("10.0.0.2", passed);
  return harness;
}

function plan(harness: Harness, next: CheckerConfig): CheckerPlan {
  return planReload({
    running,
    next,
    realServers: snapshots(harness.pool),
    virtualServers: virtualServerSnapshots(harness.pool),
    answers: [],
    trackers: [],
    isSyncMaster: false,
    hostAddresses: [],
    now: harness.now,
  });
}

test("planReload() plans nothing for the same configuration", () => {
  const planned = plan(atWork(), structuredClone(running));
  assert.deepEqual(planned, { orders: [], controls: [], realServers: [], virtualServers: [] });
});

const cases: Readonly<Record<string, CheckerConfig>> = {
  "a server more": config(
    virtualServer(
      1,
      [1, 2, 3].map((host) => realServer(host)),
    ),
  ),
  "the living server less": config(virtualServer(1, [realServer(1)])),
  "the dead server less": config(virtualServer(1, [realServer(2)])),
  "another weight and scheduler": config(
    virtualServer(1, [realServer(1), realServer(2, { weight: 4, forwarding: "DR" })], {
      scheduler: "wrr",
    }),
  ),
  "a service more": config(...running.virtualServers, virtualServer(2, [realServer(7)])),
  "another service": config(virtualServer(2, [realServer(1), realServer(2)])),
  nothing: config(),
};

for (const [title, next] of Object.entries(cases)) {
  test(`planReload() orders what a reload orders: ${title}`, () => {
    const harness = atWork();
    const planned = plan(harness, next);
    harness.kernel.orders.length = 0;
    harness.configure(next);
    assert.deepEqual(planned.orders, harness.kernel.orders);
  });
}

test("planReload() tells which servers come and go, and whose quorum is lost", () => {
  const planned = plan(atWork(), config(virtualServer(1, [realServer(1)])));
  const name = { virtualServer: "[192.0.2.1]:tcp:80" };
  assert.deepEqual(planned.realServers, [
    { ...name, realServer: "[10.0.0.2]:tcp:80", before: { isUp: true, weight: 1 }, after: null },
  ]);
  assert.deepEqual(planned.virtualServers, [{ ...name, hadQuorum: true, hasQuorum: false }]);
});
