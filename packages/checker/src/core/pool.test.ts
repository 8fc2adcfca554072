// The core from configuration to stop, with a kernel that answers at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckerNotice } from "@keepalived-ts/shared-config/ipc/messages";
import {
  config,
  destination,
  parameters,
  realServer,
  second,
  tcpCheck,
  virtualServer,
} from "../testing/builders.js";
import { failed, Harness, passed } from "../testing/harness.js";
import type { CheckerAction } from "./action.js";
import { readIntervalUs } from "./kernel-table.js";
import { handle, nextDeadline, snapshots, virtualServerSnapshots } from "./pool.js";

const twoServers = config(virtualServer(1, [realServer(1), realServer(2)]));
const service = "TCP 192.0.2.1 80";
/** No predecessor. */
const fresh = { resume: [], resumeVirtualServers: [], trackers: [], isSyncMaster: false };

function running(): Harness {
  const harness = new Harness();
  harness.configure(twoServers);
  harness.told = [];
  return harness;
}

function reports(actions: readonly CheckerAction[]): CheckerAction[] {
  return actions.filter(({ type }) => type.startsWith("report"));
}

test("handle() configured puts every server up at once and then says ready", () => {
  const harness = new Harness();
  harness.configure(twoServers);
  assert.deepEqual(harness.kernel.services.get(service), {
    key: { kind: "address", address: "192.0.2.1", port: 80, protocol: "TCP" },
    parameters: parameters(),
    destinations: [destination(1), destination(2)],
  });
  assert.deepEqual(reports(harness.told).at(-1), { type: "reportReady", generation: 1 });
  assert.ok(harness.logs().includes("Gained quorum 1+0=1 <= 2 for VS [192.0.2.1]:tcp:80"));
});

test("handle() orders nothing before it has seen the kernel's table", () => {
  const harness = new Harness();
  const actions = handle(
    harness.pool,
    { type: "configured", generation: 1, config: twoServers, ...fresh },
    0,
  );
  assert.ok(actions.some(({ type }) => type === "readIpvsTable"));
  assert.ok(!actions.some(({ type }) => type === "ipvs" || type === "reportReady"));
});

test("handle() adopts a table that is as wanted without touching it", () => {
  const first = running();
  const second = new Harness();
  for (const [text, one] of first.kernel.services) second.kernel.services.set(text, one);
  second.configure(twoServers);
  assert.deepEqual(second.kernel.orders, []);
});

test("a persistent fwmark service over IPv6 is ordered as configured", () => {
  const harness = new Harness();
  const server = realServer(1, { address: "2001:db8::1", weight: 9, forwarding: "DR", checks: [] });
  harness.configure(
    config(
      virtualServer(1, [server], {
        name: "FWM 7",
        key: { kind: "fwmark", mark: 7, family: 6 },
        scheduler: "wlc",
        persistenceTimeoutS: 300,
        persistenceGranularity: 64,
      }),
    ),
  );
  const found = harness.kernel.services.get("fwmark 7 6");
  assert.deepEqual(
    found?.parameters,
    parameters({ scheduler: "wlc", persistenceTimeoutS: 300, persistencePrefixLength: 64 }),
  );
  assert.deepEqual(found?.destinations, [
    destination(1, { address: "2001:db8::1", weight: 9, forwarding: "DR" }),
  ]);
  assert.deepEqual(snapshots(harness.pool), [
    {
      ...{ virtualServer: "FWM 7", realServer: "[2001:db8::1]:none:80" },
      ...{ isUp: true, weight: 9, checks: [] },
    },
  ]);
});

test("a server leaves the pool when its check fails and returns when it passes", () => {
  const harness = running();
  harness.probe("10.0.0.1", failed);
  assert.deepEqual(harness.addresses(1), ["10.0.0.2"]);
  harness.probe("10.0.0.1", passed);
  assert.deepEqual(harness.addresses(1), ["10.0.0.2", "10.0.0.1"]);
  assert.equal(harness.kernel.orders.length, 5, "three to start, then one each");
});

test("all checks of a server must pass", () => {
  const harness = new Harness();
  const checks = [
    tcpCheck({ connectAddress: "10.0.1.1" }),
    tcpCheck({ connectAddress: "10.0.1.2" }),
  ];
  harness.configure(config(virtualServer(1, [realServer(1, { checks })])));
  harness.probe("10.0.1.1", passed);
  harness.probe("10.0.1.2", failed);
  assert.deepEqual(harness.addresses(1), []);
  harness.probe("10.0.1.1", passed);
  assert.deepEqual(harness.addresses(1), []);
  harness.probe("10.0.1.2", passed);
  assert.deepEqual(harness.addresses(1), ["10.0.0.1"]);
});

test("every change of a check's result is reported, and nothing else is", () => {
  const harness = running();
  const results = [passed, passed, failed, failed, failed, passed];
  for (const result of results) harness.probe("10.0.0.1", result);
  const virtual = { virtualServer: "[192.0.2.1]:tcp:80", realServer: "[10.0.0.1]:tcp:80" };
  const notice = (isUp: boolean): CheckerNotice => {
    const state = isUp ? "UP" : "DOWN";
    return {
      ...{ state, isStopping: false },
      fifoLine: `RS [10.0.0.1]:tcp:80 [192.0.2.1]:tcp:80 ${state}`,
      mailText: `TCP CHECK ${isUp ? "succeed" : "failed"} on service`,
    };
  };
  assert.deepEqual(
    reports(harness.told),
    [true, false, true].map((isUp, i) => ({
      type: "reportRealServer",
      snapshot: { ...virtual, isUp, weight: 1, checks: [isUp] },
      notice: i === 0 ? null : notice(isUp),
    })),
  );
});

test("resume: a server that was down stays out of the table until it passes", () => {
  const before = running();
  before.probe("10.0.0.1", failed);
  before.probe("10.0.0.2", passed);
  const harness = new Harness();
  for (const [text, one] of before.kernel.services) harness.kernel.services.set(text, one);
  harness.configure(twoServers, snapshots(before.pool));
  assert.deepEqual(harness.kernel.orders, []);
  assert.deepEqual(harness.addresses(1), ["10.0.0.2"]);
  assert.deepEqual(snapshots(harness.pool), snapshots(before.pool));
  harness.probe("10.0.0.1", passed);
  assert.deepEqual(harness.addresses(1), ["10.0.0.2", "10.0.0.1"]);
});

test("resume: a service that the new configuration has not is deleted when it is seen", () => {
  const harness = new Harness();
  const before = new Harness();
  before.configure(config(virtualServer(1, [realServer(1)]), virtualServer(2, [realServer(2)])));
  for (const [text, one] of before.kernel.services) harness.kernel.services.set(text, one);
  harness.configure(twoServers, snapshots(before.pool), virtualServerSnapshots(before.pool));
  assert.deepEqual([...harness.kernel.services.keys()], [service]);
});

test("drift: what somebody changed by hand is put back at the next comparison, and told", () => {
  const harness = running();
  harness.kernel.services
    .get(service)
    ?.destinations.splice(0, 2, destination(2, { weight: 5 }), destination(9));
  harness.advance(readIntervalUs);
  assert.deepEqual(harness.kernel.services.get(service)?.destinations, [
    destination(2),
    destination(1),
  ]);
  assert.equal(harness.logs().filter((text) => text.includes("repairing")).length, 1);
});

test("drift: a deleted service returns whole", () => {
  const harness = running();
  harness.kernel.services.delete(service);
  harness.advance(readIntervalUs);
  assert.deepEqual(harness.addresses(1), ["10.0.0.1", "10.0.0.2"]);
});

test("services of others are left alone, whatever happens", () => {
  const harness = new Harness();
  const foreign = {
    key: { kind: "address", address: "192.0.2.9", port: 443, protocol: "TCP" } as const,
    parameters: parameters({ scheduler: "lc" }),
    destinations: [destination(77)],
  };
  harness.kernel.services.set("TCP 192.0.2.9 443", foreign);
  harness.configure(twoServers);
  harness.advance(3 * readIntervalUs);
  harness.feed({ type: "stopRequested" });
  assert.deepEqual([...harness.kernel.services.values()], [foreign]);
});

test("a refused service is told once, tried at every comparison, whole once accepted", () => {
  const harness = new Harness();
  harness.kernel.missingSchedulers.add("rr");
  harness.configure(twoServers);
  harness.advance(5 * readIntervalUs);
  const errors = harness.records().filter(({ level }) => level === "error");
  assert.match(errors[0]?.text ?? "", /no scheduler "rr": load it with modprobe ip_vs_rr/);
  assert.equal(errors.filter(({ text }) => text.includes("ENOENT")).length, 1);
  const tries = harness.kernel.orders.filter(({ type }) => type === "addService").length;
  assert.ok(tries >= 5 && tries <= 8, `${tries} tries`);
  harness.kernel.missingSchedulers.clear();
  harness.advance(readIntervalUs);
  assert.deepEqual(harness.addresses(1), ["10.0.0.1", "10.0.0.2"]);
  assert.ok(!harness.logs().some((text) => text.includes("repairing")), "nobody else's doing");
});

test("a refused order is followed by a comparison at once", () => {
  const harness = running();
  harness.kernel.services.delete(service);
  harness.probe("10.0.0.1", failed);
  assert.deepEqual(harness.addresses(1), ["10.0.0.2"], "service and the other server are back");
});

test("a table that cannot be read is told once and tried again", () => {
  const harness = new Harness();
  const turn = (event: Parameters<typeof handle>[1]): CheckerAction[] =>
    handle(harness.pool, event, harness.now);
  turn({
    type: "configured",
    generation: 1,
    config: config(virtualServer(1, [])),
    ...fresh,
  });
  const first = turn({ type: "ipvsReadFailed", error: "ENOBUFS" });
  assert.deepEqual(
    first.map(({ type }) => type),
    ["log"],
  );
  harness.now = nextDeadline(harness.pool) ?? 0;
  assert.deepEqual(
    turn({ type: "deadlineReached" }).map(({ type }) => type),
    ["readIpvsTable"],
  );
  assert.deepEqual(turn({ type: "ipvsReadFailed", error: "ENOBUFS" }), []);
});

test("the results of cancelled probes and unasked readings are ignored", () => {
  const harness = running();
  harness.advance(10 * second);
  assert.equal(harness.probes.size, 2);
  const before = snapshots(harness.pool);
  harness.feed({ type: "probeFinished", probe: 999, result: failed });
  harness.feed({ type: "ipvsTableRead", services: [] });
  assert.deepEqual(snapshots(harness.pool), before);
  assert.equal(harness.kernel.orders.length, 3);
});

test("handle() stopRequested cancels probes, deletes own services only, then says stopped", () => {
  const harness = running();
  harness.advance(10 * second);
  harness.feed({ type: "stopRequested" });
  assert.equal(harness.probes.size, 0);
  assert.equal(harness.kernel.services.size, 0);
  assert.deepEqual(harness.told.at(-1), { type: "reportStopped" });
  assert.deepEqual(harness.logs(), [
    "Shutting down service [10.0.0.1]:tcp:80 from VS [192.0.2.1]:tcp:80",
    "Shutting down service [10.0.0.2]:tcp:80 from VS [192.0.2.1]:tcp:80",
  ]);
  assert.equal(nextDeadline(harness.pool), undefined);
});

test("handle() stopRequested before the first reading still deletes what may be there", () => {
  const harness = new Harness();
  handle(harness.pool, { type: "configured", generation: 1, config: twoServers, ...fresh }, 0);
  const actions = handle(harness.pool, { type: "stopRequested" }, 1);
  assert.deepEqual(
    actions.flatMap((action) => (action.type === "ipvs" ? [action.order.type] : [])),
    ["deleteService"],
  );
  assert.deepEqual(
    handle(
      harness.pool,
      {
        type: "ipvsOrderFailed",
        order: { type: "deleteService", service: { kind: "fwmark", mark: 1, family: 4 } },
        error: "ESRCH",
      },
      2,
    ),
    [],
  );
});
