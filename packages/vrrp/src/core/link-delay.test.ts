// interface_up_down_delays: a flap that is shorter than the delay never happened.

import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { Bench, briefOrders, instanceOf, linkFact, second } from "./fixtures.js";

const delay = { interface: "eth0", downDelayUs: second, upDelayUs: 2 * second };

function delayed(isRunning: boolean = true): Bench {
  const bench = new Bench(instanceOf());
  configure(bench, isRunning);
  if (isRunning) bench.elapse(5 * second);
  return bench;
}

function configure(bench: Bench, isRunning: boolean, interfaceDelays = [delay]): void {
  const config = { ...emptyVrrpConfig, instances: [bench.config], interfaceDelays };
  const links = [linkFact({ isRunning })];
  bench.handle({ type: "configured", config, links, resume: [], trackers: [] });
}

test("a link that is down for less than its delay costs nothing", () => {
  const bench = delayed();
  assert.deepEqual(bench.link({ isRunning: false }), []);
  bench.elapse(second - 1);
  assert.deepEqual(bench.link({ isRunning: true }), []);
  bench.elapse(5 * second);
  assert.equal(bench.state(), "MASTER");
});

test("a link that stays down counts as down when the delay is over", () => {
  const bench = delayed();
  bench.link({ isRunning: false });
  bench.elapse(second / 2);
  // Other news of the interface do not prolong the wait.
  bench.link({ isRunning: false, ipv4Address: "192.0.2.12" });
  bench.elapse(second / 2 - 1);
  assert.equal(bench.state(), "MASTER");
  assert.deepEqual(briefOrders(bench.elapse(1)), ["remove 192.0.2.100", "report MASTER to FAULT"]);
});

test("a link that comes up counts as up when its own delay is over", () => {
  const bench = delayed(false);
  assert.equal(bench.state(), "FAULT");
  bench.link({ isRunning: true });
  bench.elapse(2 * second - 1);
  assert.equal(bench.state(), "FAULT");
  bench.elapse(1);
  assert.equal(bench.state(), "BACKUP");
});

test("an interface that is removed, or is another one, counts at once", () => {
  const bench = delayed();
  bench.link({ isRunning: false });
  bench.handle({ type: "linkRemoved", index: 2 });
  assert.equal(bench.state(), "FAULT");
  bench.link({ index: 7 });
  assert.equal(bench.state(), "BACKUP");
});

test("a reload goes on waiting, and stops when the delay is gone from the configuration", () => {
  const bench = delayed();
  bench.link({ isRunning: false });
  bench.elapse(second / 2);
  configure(bench, false);
  assert.equal(bench.state(), "MASTER");
  configure(bench, false, []);
  assert.equal(bench.state(), "FAULT");
});

test("a stop does not wait for a successor on a link that is down without counting so yet", () => {
  const bench = delayed();
  bench.link({ isRunning: false });
  const orders = briefOrders(bench.handle({ type: "stopRequested" }));
  assert.deepEqual(orders, ["advert 0", "remove 192.0.2.100", "report MASTER to INIT"]);
});
