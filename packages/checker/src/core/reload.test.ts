// What a new configuration changes, and above all what it leaves as it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VirtualServerConfig } from "@keepalived-ts/shared-config/schema/config";
import { config, realServer, second, tcpCheck, virtualServer } from "../testing/builders.js";
import { FakeKernel } from "../testing/fake-kernel.js";
import { failed, Harness, passed } from "../testing/harness.js";
import type { CheckerAction } from "./action.js";
import type { CheckerEvent } from "./event.js";
import { createPool, handle, snapshots } from "./pool.js";

function running(): Harness {
  const harness = new Harness();
  harness.configure(config(virtualServer(1, [realServer(1), realServer(2)])));
  harness.probe("10.0.0.1", failed);
  harness.probe("10.0.0.2", passed);
  harness.told = [];
  harness.kernel.orders.length = 0;
  return harness;
}

function checkDeadlines({ pool }: Harness): (number | undefined)[] {
  const servers = [...pool.virtualServers.values()].flatMap((one) => [...one.servers.values()]);
  return servers.flatMap(({ checks }) => checks.map((check) => pool.deadlines.at(check)));
}

test("reload with the same configuration touches nothing and keeps states and deadlines", () => {
  const harness = running();
  const before = { states: snapshots(harness.pool), deadlines: checkDeadlines(harness) };
  harness.configure(config(virtualServer(1, [realServer(1), realServer(2)])));
  assert.deepEqual(harness.kernel.orders, []);
  assert.deepEqual({ states: snapshots(harness.pool), deadlines: checkDeadlines(harness) }, before);
  assert.deepEqual(harness.logs(), []);
  assert.deepEqual(harness.told.at(-1), { type: "reportReady", generation: 2 });
});

/** What the parent knows after all that it was told. */
function known(told: readonly CheckerAction[]): string[] {
  const names = new Set<string>();
  const forget = (name: string): void => void names.delete(name);
  for (const one of told) {
    if (one.type === "reportVirtualServer") names.add(one.snapshot.virtualServer);
    if (one.type === "reportVirtualServerRemoved") forget(one.virtualServer);
    if (one.type === "reportRealServerRemoved") forget(`${one.virtualServer} ${one.realServer}`);
    if (one.type !== "reportRealServer") continue;
    names.add(`${one.snapshot.virtualServer} ${one.snapshot.realServer}`);
  }
  return [...names].sort();
}

test("reload tells everything anew of a group's virtual server that gets another name", () => {
  const entries = [{ kind: "addresses", first: "192.0.2.1", last: "192.0.2.1", port: 80 }] as const;
  const groups = [{ name: "G", entries }];
  const one = (protocol: "TCP" | "UDP", number: number): VirtualServerConfig => ({
    ...virtualServer(1, [realServer(number + 1)]),
    name: `[G]:${number}`,
    key: { kind: "group", group: "G", family: 4, protocol },
  });
  const of = (...servers: VirtualServerConfig[]) => ({ ...config(...servers), groups });
  const harness = new Harness();
  harness.configure(of(one("TCP", 0), one("UDP", 1)));
  const udp = { ...one("UDP", 1), name: "[G]:0" };
  harness.configure(of(udp));
  assert.deepEqual(known(harness.told), ["[G]:0", "[G]:0 [10.0.0.2]:udp:80"]);
});

test("reload keeps a probe under way", () => {
  const harness = running();
  while (harness.probes.size < 2) harness.step();
  const probes = [...harness.probes.keys()];
  harness.configure(config(virtualServer(1, [realServer(1), realServer(2)])));
  assert.deepEqual([...harness.probes.keys()], probes);
});

test("reload edits scheduler, weight and forwarding in place", () => {
  const harness = running();
  const changed = realServer(2, { weight: 4, forwarding: "DR" });
  harness.configure(config(virtualServer(1, [realServer(1), changed], { scheduler: "wrr" })));
  assert.deepEqual(
    harness.kernel.orders.map(({ type }) => type),
    ["editService", "editDestination"],
  );
  assert.deepEqual(harness.logs(), [
    "Changing weight from 1 to 4 for active service [10.0.0.2]:tcp:80 of VS [192.0.2.1]:tcp:80",
  ]);
});

test("reload adds new servers before it deletes old ones, and reports both", () => {
  const harness = running();
  harness.configure(config(virtualServer(1, [realServer(1), realServer(3)])));
  assert.deepEqual(
    harness.kernel.orders.map(({ type }) => type),
    ["addDestination", "deleteDestination"],
  );
  assert.deepEqual(harness.addresses(1), ["10.0.0.3"], "10.0.0.1 stays down");
  assert.deepEqual(
    harness.told.filter(({ type }) => type === "reportRealServerRemoved"),
    [
      {
        type: "reportRealServerRemoved",
        virtualServer: "[192.0.2.1]:tcp:80",
        realServer: "[10.0.0.2]:tcp:80",
      },
    ],
  );
  assert.ok(harness.logs().includes("service [10.0.0.2]:tcp:80 no longer exist"));
});

test("reload deletes a virtual server that is gone and puts up a new one", () => {
  const harness = running();
  harness.configure(config(virtualServer(2, [realServer(5)])));
  assert.deepEqual([...harness.kernel.services.keys()], ["TCP 192.0.2.2 80"]);
  assert.deepEqual(harness.addresses(2), ["10.0.0.5"]);
  assert.deepEqual(harness.logs().slice(0, 4), [
    "Activating healthchecker for service [10.0.0.5]:tcp:80 for VS [192.0.2.2]:tcp:80",
    "Gained quorum 1+0=1 <= 1 for VS [192.0.2.2]:tcp:80",
    "Removing Virtual Server [192.0.2.1]:tcp:80",
    "Removing service [10.0.0.2]:tcp:80 from VS [192.0.2.1]:tcp:80",
  ]);
});

test("reload adopts an entry of the kernel for a virtual server that is new", () => {
  const harness = running();
  const other = new Harness();
  other.configure(config(virtualServer(2, [realServer(5), realServer(6)])));
  for (const [text, one] of other.kernel.services) harness.kernel.services.set(text, one);
  harness.configure(
    config(virtualServer(1, [realServer(1), realServer(2)]), virtualServer(2, [realServer(5)])),
  );
  assert.deepEqual(
    harness.kernel.orders.map(({ type }) => type),
    ["deleteDestination"],
  );
});

test("reload while a reading is under way waits for one that shows the new service", () => {
  const pool = createPool({ seed: 1 });
  const kernel = new FakeKernel();
  const next = virtualServer(2, [realServer(5)]);
  const other = new Harness();
  other.configure(config(next));
  for (const [text, one] of other.kernel.services) kernel.services.set(text, one);
  const feed = (event: CheckerEvent): CheckerAction[] => handle(pool, event, 0);
  feed({
    type: "configured",
    generation: 1,
    config: config(),
    resume: [],
    resumeVirtualServers: [],
    trackers: [],
    isSyncMaster: false,
  });
  const early = kernel.read(new Set());
  feed({
    type: "configured",
    generation: 2,
    config: config(next),
    resume: [],
    resumeVirtualServers: [],
    trackers: [],
    isSyncMaster: false,
  });
  assert.deepEqual(feed({ type: "ipvsTableRead", services: early }), [
    { type: "readIpvsTable", services: ["TCP 192.0.2.2 80"] },
  ]);
  const late = kernel.read(new Set(["TCP 192.0.2.2 80"]));
  assert.deepEqual(
    feed({ type: "ipvsTableRead", services: late }).map(({ type }) => type),
    ["reportVirtualServer", "reportReady"],
  );
});

test("reload: new timing alone keeps the result, another target starts anew", () => {
  const harness = running();
  const retimed = tcpCheck({ delayLoopUs: 2 * second });
  harness.configure(
    config(virtualServer(1, [realServer(1, { checks: [retimed] }), realServer(2)])),
  );
  assert.deepEqual(snapshots(harness.pool)[0]?.checks, [false]);
  const from = harness.now;
  harness.probe("10.0.0.1", failed);
  assert.ok(harness.now - from <= 2 * second, "the shorter delay_loop holds at once");
  const elsewhere = tcpCheck({ connectPort: 81 });
  harness.configure(
    config(virtualServer(1, [realServer(1, { checks: [elsewhere] }), realServer(2)])),
  );
  assert.deepEqual(snapshots(harness.pool)[0], {
    virtualServer: "[192.0.2.1]:tcp:80",
    realServer: "[10.0.0.1]:tcp:80",
    isUp: true,
    weight: 1,
    checks: [null],
  });
  assert.deepEqual(harness.addresses(1), ["10.0.0.2", "10.0.0.1"]);
});

test("a virtual or real server configured twice is used once and told", () => {
  const harness = new Harness();
  const twice = virtualServer(1, [realServer(1), realServer(1)]);
  harness.configure(config(twice, twice));
  assert.deepEqual(harness.addresses(1), ["10.0.0.1"]);
  assert.equal(harness.records().filter(({ level }) => level === "warn").length, 2);
});

test("a service withdrawn in vain is withdrawn again until it is gone", () => {
  const harness = running();
  const kept = harness.kernel.services.get("TCP 192.0.2.1 80");
  harness.configure(config(virtualServer(2, [])));
  assert.ok(kept !== undefined);
  // Somebody puts it back between the order and the next reading: it is still ours to delete.
  harness.pool.orphans.set("TCP 192.0.2.1 80", kept.key);
  harness.kernel.services.set("TCP 192.0.2.1 80", kept);
  harness.advance(20 * second);
  assert.deepEqual([...harness.kernel.services.keys()], ["TCP 192.0.2.2 80"]);
  assert.equal(harness.pool.orphans.size, 0);
});
