// Servers that lose their connections one by one: taken away by a reload, or by order.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RealServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  RealServerConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { config, realServer, second, virtualServer } from "../testing/builders.js";
import { failed, Harness, passed } from "../testing/harness.js";
import { nextDeadline, snapshots, virtualServerSnapshots } from "./pool.js";

const where = "[192.0.2.1]:tcp:80";
const name = "[10.0.0.2]:tcp:80";
const drainTimeoutUs = 30 * second;
const both = [realServer(1), realServer(2, { drainTimeoutUs })];

function running(
  servers: readonly RealServerConfig[] = both,
  changes: Partial<VirtualServerConfig> = {},
): Harness {
  const harness = new Harness();
  harness.kernel.connections?.set("10.0.0.2", 1);
  harness.configure(config(virtualServer(1, servers, changes)));
  return harness;
}

/** Address and weight of each destination. */
function table({ kernel }: Harness): string[] {
  const service = kernel.services.get("TCP 192.0.2.1 80");
  return service?.destinations.map(({ address, weight }) => `${address} ${weight}`) ?? [];
}

function removals({ told }: Harness): string[] {
  return told.flatMap((one) => (one.type === "reportRealServerRemoved" ? [one.realServer] : []));
}

function lastReport({ told }: Harness, server: string): RealServerSnapshot | undefined {
  return told
    .flatMap((one) => (one.type === "reportRealServer" ? [one.snapshot] : []))
    .findLast(({ realServer: one }) => one === server);
}

test("a server that a reload removes keeps its connections at weight 0 until none is left", () => {
  const harness = running();
  harness.told = [];
  harness.configure(config(virtualServer(1, [realServer(1)])));
  assert.deepEqual(table(harness), ["10.0.0.1 1", "10.0.0.2 0"]);
  assert.deepEqual(harness.told.at(-1), { type: "reportReady", generation: 2 });
  assert.equal(lastReport(harness, name)?.draining?.until, drainTimeoutUs);
  harness.advance(5 * second);
  assert.deepEqual([table(harness).length, removals(harness)], [2, []]);
  harness.kernel.connections?.set("10.0.0.2", 0);
  harness.advance(2 * second);
  assert.deepEqual(table(harness), ["10.0.0.1 1"]);
  assert.deepEqual(removals(harness), [name]);
  assert.equal(harness.notices().at(-1)?.fifoLine, `RS ${name} ${where} DOWN`);
  assert.deepEqual(harness.logs(), [
    `service ${name} no longer exist`,
    `Draining service ${name} of VS ${where} for 30 s at most`,
    `Removing service ${name} from VS ${where}: no connection is left`,
  ]);
});

test("a server without connections goes within the reload", () => {
  const harness = running();
  harness.kernel.connections?.clear();
  harness.configure(config(virtualServer(1, [realServer(1)])));
  assert.deepEqual(table(harness), ["10.0.0.1 1"]);
  assert.deepEqual(removals(harness), [name]);
});

test("drain_timeout ends the wait, whether connections are counted or not", () => {
  for (const isCounted of [true, false]) {
    const harness = running();
    if (!isCounted) harness.kernel.connections = undefined;
    harness.configure(config(virtualServer(1, [realServer(1)])));
    harness.advance(29 * second);
    assert.equal(table(harness).length, 2);
    harness.advance(second);
    assert.deepEqual(table(harness), ["10.0.0.1 1"]);
    const count = isCounted ? "1" : "unknown";
    const late = `: its time is over, active connections: ${count}`;
    assert.ok(harness.logs().includes(`Removing service ${name} from VS ${where}${late}`));
  }
});

test("a server that comes back in a later reload is no longer drained", () => {
  const harness = running();
  harness.configure(config(virtualServer(1, [realServer(1)])));
  harness.configure(config(virtualServer(1, both)));
  assert.deepEqual(table(harness), ["10.0.0.1 1", "10.0.0.2 1"]);
  harness.advance(60 * second);
  assert.equal(table(harness).length, 2);
  assert.deepEqual(removals(harness), []);
});

test("without drain_timeout, failed, or beside a sorry server, a server goes at once", () => {
  const plain = running([realServer(1), realServer(2)]);
  plain.configure(config(virtualServer(1, [realServer(1)])));
  assert.deepEqual(table(plain), ["10.0.0.1 1"]);
  const down = running();
  down.probe("10.0.0.2", failed);
  down.configure(config(virtualServer(1, [realServer(1)])));
  assert.deepEqual(table(down), ["10.0.0.1 1"]);
  const sorryServer = { address: "10.0.0.9", port: 80, forwarding: "NAT", inhibit: false } as const;
  const lost = running(both, { sorryServer, quorum: 2 });
  lost.probe("10.0.0.1", failed);
  lost.configure(config(virtualServer(1, [realServer(1)], { sorryServer, quorum: 2 })));
  assert.deepEqual(table(lost), ["10.0.0.9 1"]);
  assert.deepEqual(removals(lost), [name]);
});

test("a virtual server that goes takes what is drained along, and so does the end", () => {
  const harness = running();
  harness.configure(config(virtualServer(1, [realServer(1)])));
  harness.configure(config(virtualServer(2, [realServer(5)])));
  assert.deepEqual(removals(harness), ["[10.0.0.1]:tcp:80", name].toSorted());
  const stopped = running();
  stopped.configure(config(virtualServer(1, [realServer(1)])));
  stopped.feed({ type: "stopRequested" });
  assert.equal(nextDeadline(stopped.pool), undefined);
  assert.equal(stopped.kernel.services.size, 0);
});

/** The table as it is, and a new process that is told what the dead one knew. */
function successor(dead: Harness, servers: readonly RealServerConfig[]): Harness {
  const harness = new Harness();
  for (const [text, service] of dead.kernel.services) harness.kernel.services.set(text, service);
  harness.kernel.connections = dead.kernel.connections;
  harness.now = dead.now;
  const draining = lastReport(dead, name);
  const known = [...snapshots(dead.pool), ...(draining?.draining === undefined ? [] : [draining])];
  const next = config(virtualServer(1, servers));
  harness.configure(next, known, virtualServerSnapshots(dead.pool));
  return harness;
}

test("a successor goes on waiting until the same instant, and touches nothing", () => {
  const dead = running();
  dead.configure(config(virtualServer(1, [realServer(1)])));
  dead.advance(10 * second);
  const harness = successor(dead, [realServer(1)]);
  assert.deepEqual(harness.kernel.orders, []);
  harness.advance(19 * second);
  assert.equal(table(harness).length, 2);
  harness.advance(second);
  assert.deepEqual(table(harness), ["10.0.0.1 1"]);
});

function order(harness: Harness, isOn: boolean): void {
  harness.feed({ type: "drainOrdered", virtualServer: where, realServer: name, isOn });
}

test("by order a server has weight 0 and is probed on; its weight counts for no quorum", () => {
  const harness = running([realServer(1), realServer(2, { weight: 4 })], { quorum: 2 });
  order(harness, true);
  assert.deepEqual(table(harness), ["10.0.0.1 1", "10.0.0.2 0"]);
  assert.deepEqual(harness.logs().slice(-2), [
    `Draining service ${name} of VS ${where} on request`,
    `Lost quorum 2-0=2 > 1 for VS ${where}`,
  ]);
  assert.equal(lastReport(harness, name)?.isDrained, true);
  harness.probe("10.0.0.2", passed);
  harness.probe("10.0.0.2", failed);
  harness.probe("10.0.0.2", failed);
  assert.deepEqual(table(harness), ["10.0.0.1 1"]);
  harness.probe("10.0.0.2", passed);
  assert.deepEqual(table(harness), ["10.0.0.1 1", "10.0.0.2 0"]);
  order(harness, false);
  assert.deepEqual(table(harness), ["10.0.0.1 1", "10.0.0.2 4"]);
  assert.ok(
    harness.logs().includes(`No longer draining service ${name} of VS ${where} on request`),
  );
});

test("an order is kept by a reload and by a successor, and repeating it changes nothing", () => {
  const dead = running();
  order(dead, true);
  dead.configure(config(virtualServer(1, [realServer(1), realServer(2, { weight: 7 })])));
  assert.deepEqual(table(dead), ["10.0.0.1 1", "10.0.0.2 0"]);
  const harness = successor(dead, [realServer(1), realServer(2, { weight: 7 })]);
  assert.deepEqual(harness.kernel.orders, []);
  order(harness, true);
  assert.deepEqual(harness.kernel.orders, []);
  order(harness, false);
  assert.deepEqual(table(harness), ["10.0.0.1 1", "10.0.0.2 7"]);
});

test("the connections of a server that is drained live on beside the sorry server", () => {
  const sorryServer = { address: "10.0.0.9", port: 80, forwarding: "NAT", inhibit: false } as const;
  const harness = running([realServer(2)], { sorryServer });
  order(harness, true);
  assert.deepEqual(table(harness).toSorted(), ["10.0.0.2 0", "10.0.0.9 1"]);
  order(harness, false);
  assert.deepEqual(table(harness), ["10.0.0.2 1"]);
});
