// plan.ts: what it says of a reload is what a router does then.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import {
  type Bench,
  backup,
  instanceOf,
  linkFact,
  master,
  second,
  virtualAddress,
} from "./fixtures.js";
import { type InstancePlan, planReload } from "./plan.js";
import { snapshots } from "./router.js";

function plan(bench: Bench, next: readonly VrrpInstanceConfig[]): InstancePlan[] {
  return planReload({
    running: { ...emptyVrrpConfig, instances: [bench.config] },
    next: { ...emptyVrrpConfig, instances: next },
    links: [linkFact()],
    states: snapshots(bench.router),
    trackers: [],
    isInMaintenance: false,
    now: bench.now,
  });
}

function brief(planned: readonly InstancePlan[]): string[] {
  return planned.map((each) => {
    const { instance, change, before, after, addedAddresses, removedAddresses } = each;
    const state = (one: InstancePlan["before"]): string =>
      one === null ? "-" : `${one.state} ${one.effectivePriority}`;
    const addresses = [
      ...removedAddresses.map(({ address }) => ` -${address}`),
      ...addedAddresses.map(({ address }) => ` +${address}`),
    ].join("");
    return `${instance} ${change}: ${state(before)} to ${state(after)}${addresses}`;
  });
}

test("planReload() says nothing of what stays", () => {
  for (const bench of [master(), backup()]) {
    bench.now += second / 2;
    assert.deepEqual(plan(bench, [structuredClone(bench.config)]), []);
  }
});

test("planReload() names the addresses that a MASTER gives up and takes", () => {
  const bench = master({
    virtualAddresses: ["192.0.2.100", "192.0.2.101"].map((text) => virtualAddress(text)),
  });
  const virtualAddresses = ["192.0.2.101", "192.0.2.102"].map((text) => virtualAddress(text));
  const planned = plan(bench, [{ ...bench.config, virtualAddresses }]);
  assert.deepEqual(brief(planned), [
    "VI_1 changed: MASTER 100 to MASTER 100 -192.0.2.100 +192.0.2.102",
  ]);
  assert.match(planned[0]?.risks[0] ?? "", /other virtual addresses may discard/);
  const idle = plan(backup(), [{ ...backup().config, virtualAddresses }]);
  assert.deepEqual(brief(idle), ["VI_1 changed: BACKUP 100 to BACKUP 100"]);
});

test("planReload() warns of a MASTER that another may outrank then", () => {
  const [lower] = plan(master(), [{ ...master().config, basePriority: 90 }]);
  assert.deepEqual(lower?.risks, [
    "priority 90 instead of 100: a BACKUP of more than 90 that preempts takes over",
  ]);
  assert.deepEqual(plan(master(), [{ ...master().config, basePriority: 110 }])[0]?.risks, []);
});

test("planReload() foresees that a BACKUP takes over", () => {
  const bench = backup();
  bench.receive({ priority: 150 });
  const [higher] = plan(bench, [{ ...bench.config, basePriority: 200 }]);
  assert.deepEqual(higher?.risks, ["takes over from 192.0.2.21, whose priority is 150"]);
  const [patient] = plan(bench, [{ ...bench.config, basePriority: 200, preempt: false }]);
  assert.deepEqual(patient?.risks, []);
});

test("planReload() tells a removal with hand-over, one without, and a replacement apart", () => {
  const bench = master();
  const [removed] = plan(bench, []);
  assert.deepEqual([removed?.change, removed?.isHandedOver], ["removed", true]);
  assert.deepEqual(removed?.removedAddresses.length, 1);
  assert.match(removed?.risks[0] ?? "", /hands its addresses over/);
  const abrupt = master({ handOver: false });
  const [dropped] = plan(abrupt, []);
  assert.deepEqual([dropped?.isHandedOver, dropped?.removedAddresses.length], [false, 1]);
  const [replaced] = plan(bench, [{ ...bench.config, virtualRouterId: 99 }]);
  assert.deepEqual([replaced?.change, replaced?.after?.state], ["replaced", "BACKUP"]);
  assert.match(replaced?.risks[0] ?? "", /begins anew/);
});

test("planReload() shows a new instance as it will begin, or why it cannot", () => {
  const bench = master();
  const other = instanceOf({ name: "VI_2", virtualRouterId: 52, virtualAddresses: [] });
  assert.deepEqual(brief(plan(bench, [bench.config, other])), ["VI_2 added: - to BACKUP 100"]);
  const homeless = { ...other, interface: "eth9" };
  const [planned] = plan(bench, [bench.config, homeless]);
  assert.equal(planned?.after?.state, "FAULT");
  assert.match(planned?.risks[0] ?? "", /^goes to FAULT: /);
});
