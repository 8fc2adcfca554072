// Sync groups: members are MASTER together or not at all, as keepalived's vrrp/vrrp_sync.c has it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  SyncGroupConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import {
  emptyTrackReferences,
  emptyVrrpConfig,
} from "@keepalived-ts/shared-config/schema/config-empty";
import type { VrrpAction } from "./action.js";
import {
  Bench,
  briefOrders,
  instanceOf,
  linkFact,
  received,
  second,
  virtualAddress,
} from "./fixtures.js";
import { snapshots } from "./router.js";

const inside: VrrpInstanceConfig = instanceOf({ name: "in" });
const outside: VrrpInstanceConfig = instanceOf({
  name: "out",
  interface: "eth1",
  virtualAddresses: [virtualAddress("198.51.100.100", { device: "eth1" })],
});
const group: SyncGroupConfig = {
  name: "G",
  members: ["in", "out"],
  track: emptyTrackReferences,
  smtpAlert: false,
  notifyPriorityChanges: false,
  trackingWeights: false,
};
const links = [linkFact(), linkFact({ index: 3, name: "eth1", ipv4Address: "198.51.100.11" })];

class GroupBench extends Bench {
  begin(
    instances: readonly VrrpInstanceConfig[] = [inside, outside],
    syncGroups: readonly SyncGroupConfig[] = [group],
  ): VrrpAction[] {
    const config = { ...emptyVrrpConfig, instances, syncGroups };
    return this.handle({ type: "configured", config, links, resume: [], trackers: this.trackers });
  }

  states(): string[] {
    return snapshots(this.router).map(({ instance, state }) => `${instance} ${state}`);
  }

  hear(config: VrrpInstanceConfig, priority: number): VrrpAction[] {
    const interfaceIndex = config === inside ? 2 : 3;
    return this.handle(received(config, { priority, interfaceIndex }));
  }
}

function master(): GroupBench {
  const bench = new GroupBench(inside);
  bench.begin();
  bench.elapse(5 * second);
  assert.deepEqual(bench.states(), ["in MASTER", "out MASTER"]);
  return bench;
}

test("a group becomes MASTER at once when the last member wants to, members first", () => {
  const bench = new GroupBench(inside);
  bench.begin();
  const told = briefOrders(bench.elapse(5 * second)).filter((each) => /report|group/.test(each));
  assert.deepEqual(told, ["report BACKUP to MASTER", "report BACKUP to MASTER", "group G MASTER"]);
});

test("a member that hears a master keeps the whole group in BACKUP", () => {
  const bench = new GroupBench(inside);
  bench.begin();
  for (let i = 0; i < 20; i++) {
    bench.elapse(second);
    bench.hear(outside, 200);
  }
  assert.deepEqual(bench.states(), ["in BACKUP", "out BACKUP"]);
  // The other has wanted to be MASTER for long: both follow when the last one may.
  bench.elapse(4 * second);
  assert.deepEqual(bench.states(), ["in MASTER", "out MASTER"]);
});

test("a member that must give way takes the others along, without a farewell", () => {
  const bench = master();
  assert.deepEqual(briefOrders(bench.hear(inside, 200)), [
    "remove 192.0.2.100",
    "report MASTER to BACKUP",
    "remove 198.51.100.100",
    "report MASTER to BACKUP",
    "group G BACKUP",
  ]);
});

test("a member in FAULT takes all to FAULT, and the last one back brings all to BACKUP", () => {
  const bench = master();
  bench.handle({ type: "linkChanged", link: linkFact({ isRunning: false }) });
  assert.deepEqual(bench.states(), ["in FAULT", "out FAULT"]);
  const other = linkFact({ index: 3, name: "eth1", ipv4Address: "198.51.100.11" });
  bench.handle({ type: "linkChanged", link: { ...other, isRunning: false } });
  bench.handle({ type: "linkChanged", link: linkFact() });
  assert.deepEqual(bench.states(), ["in FAULT", "out FAULT"]);
  const told = briefOrders(bench.handle({ type: "linkChanged", link: other }));
  assert.deepEqual(told.slice(-1), ["group G BACKUP"]);
  assert.deepEqual(bench.states(), ["in BACKUP", "out BACKUP"]);
});

test("a group starts as MASTER only if all its members are owners that want to", () => {
  const owner = { basePriority: 255, wantedState: "MASTER" } as const;
  const bench = new GroupBench(inside);
  bench.begin([{ ...inside, ...owner }, outside]);
  assert.deepEqual(bench.states(), ["in BACKUP", "out BACKUP"]);
  const owners = new GroupBench(inside);
  owners.begin([
    { ...inside, ...owner },
    { ...outside, ...owner },
  ]);
  assert.deepEqual(owners.states(), ["in MASTER", "out MASTER"]);
});

test("what the group tracks counts for every member", () => {
  const scripts = [{ name: "chk", weight: 0, reverse: false }];
  const bench = new GroupBench(inside);
  const track = { ...emptyTrackReferences, scripts };
  bench.begin([inside, outside], [{ ...group, track }]);
  assert.deepEqual(bench.states(), ["in INIT", "out INIT"]);
  const report = { kind: "script", name: "chk", value: 1 } as const;
  bench.handle({ type: "trackerChanged", report });
  assert.deepEqual(bench.states(), ["in BACKUP", "out BACKUP"]);
  bench.handle({ type: "trackerChanged", report: { ...report, value: 0 } });
  assert.deepEqual(bench.states(), ["in FAULT", "out FAULT"]);
});

test("a reload that makes a group of a MASTER and a BACKUP lets nobody be MASTER alone", () => {
  const bench = new GroupBench(inside);
  bench.begin([inside, outside], []);
  bench.elapse(2 * second);
  bench.hear(outside, 200);
  bench.elapse(2 * second);
  assert.deepEqual(bench.states(), ["in MASTER", "out BACKUP"]);
  bench.begin();
  assert.deepEqual(bench.states(), ["in BACKUP", "out BACKUP"]);
});

test("a reload without the group tells that it is gone and leaves the members alone", () => {
  const bench = master();
  assert.deepEqual(briefOrders(bench.begin([inside, outside], [])), ["group G removed"]);
  assert.deepEqual(bench.states(), ["in MASTER", "out MASTER"]);
});

test("a group whose successor went before all had heard of it is MASTER as a whole again", () => {
  const bench = master();
  bench.handle({ type: "failoverRequested", instance: "in" });
  // In one network there is a successor for a moment, in the other one its adverts were lost.
  bench.hear(inside, 50);
  bench.hear(inside, 0);
  const orders = briefOrders(bench.elapse(0.8 * second));
  assert.deepEqual(bench.states(), ["in MASTER", "out MASTER"]);
  const told = orders.slice(-5).filter((order) => !/^(add|announce) /.test(order));
  assert.deepEqual(told, ["advert 100", "report MASTER to MASTER", "failover out to null"]);
  bench.elapse(2 * second);
  assert.deepEqual(bench.states(), ["in MASTER", "out MASTER"], "no hand-over is going on");
  // Nobody gives way to the other router, were it also without all its members.
  const answer = briefOrders(bench.hear(outside, 50));
  assert.deepEqual(answer.slice(0, 1), ["advert 100"]);
  assert.deepEqual(bench.states(), ["in MASTER", "out MASTER"]);
});

test("maintenance that ends when one member has a successor leaves the group in BACKUP", () => {
  const bench = master();
  bench.handle({ type: "maintenanceChanged", isOn: true });
  bench.hear(inside, 50);
  assert.deepEqual(bench.states(), ["in FAULT", "out MASTER"]);
  bench.handle({ type: "maintenanceChanged", isOn: false });
  assert.deepEqual(bench.states(), ["in BACKUP", "out BACKUP"]);
});

test("as long as one member obeys a lower master, all do", () => {
  const bench = master();
  bench.handle({ type: "failoverRequested", instance: "in" });
  bench.hear(outside, 50);
  // Its own hand-over is cut short.
  bench.handle({ type: "linkChanged", link: { ...linkFact(), isRunning: false } });
  bench.handle({ type: "linkChanged", link: linkFact() });
  for (let i = 0; i < 10; i += 1) {
    bench.hear(inside, 50);
    bench.hear(outside, 50);
    bench.elapse(second);
    assert.deepEqual(bench.states(), ["in BACKUP", "out BACKUP"]);
  }
  bench.elapse(5 * second);
  assert.deepEqual(bench.states(), ["in MASTER", "out MASTER"]);
});
