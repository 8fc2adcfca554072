// What concerns the router as a whole: the wait before the first MASTER, adverts of virtual routers
// that are not ours.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import type { VrrpAction } from "./action.js";
import { Bench, brief, higherAddress, instanceOf, linkFact, second } from "./fixtures.js";
import { snapshots } from "./router.js";

const owner = { basePriority: 255, wantedState: "MASTER" } as const;

function configure(bench: Bench, overrides: Partial<VrrpConfig>): VrrpAction[] {
  const config = { ...emptyVrrpConfig, instances: [bench.config], ...overrides };
  return bench.handle({
    type: "configured",
    config,
    links: [linkFact()],
    resume: [],
    trackers: [],
  });
}

function starting(startup: VrrpConfig["startup"], overrides = {}): Bench {
  const bench = new Bench(instanceOf(overrides));
  configure(bench, { startup });
  return bench;
}

const skew = Math.floor((156 / 256) * second);

test("vrrp_startup_delay keeps a BACKUP from taking over, then its skew decides", () => {
  const bench = starting({ startupDelayUs: 20 * second, delayAfterBootUs: 0 });
  bench.elapse(20 * second + skew - 1);
  assert.equal(bench.state(), "BACKUP");
  bench.elapse(1);
  assert.equal(bench.state(), "MASTER");
});

test("vrrp_delay_after_boot is an instant of the monotonic clock", () => {
  const begins = new Bench(instanceOf()).now;
  const late = starting({ startupDelayUs: 0, delayAfterBootUs: begins - second });
  late.elapse(4 * second);
  assert.equal(late.state(), "MASTER");
  const early = starting({ startupDelayUs: second, delayAfterBootUs: begins + 60 * second });
  early.elapse(59 * second);
  assert.equal(early.state(), "BACKUP");
  early.elapse(2 * second);
  assert.equal(early.state(), "MASTER");
});

test("an owner waits too, and becomes MASTER when the delay is over", () => {
  const bench = starting({ startupDelayUs: 9 * second, delayAfterBootUs: 0 }, owner);
  assert.equal(bench.state(), "BACKUP");
  bench.elapse(9 * second);
  assert.equal(bench.state(), "MASTER");
});

test("adverts that come during the delay count", () => {
  const bench = starting({ startupDelayUs: 5 * second, delayAfterBootUs: 0 });
  bench.elapse(4 * second);
  bench.receive({ priority: 200 });
  bench.elapse(3 * second);
  assert.equal(bench.state(), "BACKUP");
  assert.equal(bench.snapshot().masterAddress, higherAddress);
  bench.elapse(second);
  assert.equal(bench.state(), "MASTER");
});

test("a reload starts no new delay", () => {
  const bench = starting({ startupDelayUs: 0, delayAfterBootUs: 0 });
  configure(bench, { startup: { startupDelayUs: 60 * second, delayAfterBootUs: 0 } });
  bench.elapse(4 * second);
  assert.equal(bench.state(), "MASTER");
});

test("a successor of a process that died as MASTER does not wait", () => {
  const startup = { startupDelayUs: 60 * second, delayAfterBootUs: 0 };
  const former = new Bench(instanceOf());
  configure(former, {});
  former.elapse(4 * second);
  const bench = new Bench(instanceOf());
  bench.handle({
    type: "configured",
    config: { ...emptyVrrpConfig, instances: [bench.config], startup },
    links: [linkFact()],
    resume: snapshots(former.router),
    trackers: [],
  });
  assert.equal(bench.state(), "MASTER");
});

test("log_unknown_vrids tells of each unknown virtual router once a configuration", () => {
  const bench = new Bench(instanceOf());
  const hear = (virtualRouterId: number): string[] =>
    brief(bench.receive({ advert: { virtualRouterId } }));
  configure(bench, {});
  assert.deepEqual(hear(52), []);
  configure(bench, { logUnknownVrids: true });
  const text = `info: Unknown VRID 52 received on eth0 from ${higherAddress}`;
  assert.deepEqual(hear(52), [text]);
  assert.deepEqual(hear(52), []);
  assert.equal(hear(53).length, 1);
  configure(bench, { logUnknownVrids: true });
  assert.deepEqual(hear(52), [text]);
});
