// Real servers by DNS name: what answers make of the table, and what they leave as it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  RealServerConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { config, realServer, second, tcpCheck, virtualServer } from "../testing/builders.js";
import { failed, Harness, passed } from "../testing/harness.js";
import { snapshots, virtualServerSnapshots } from "./pool.js";

const where = "[192.0.2.1]:tcp:80";
const any = "0.0.0.0";

function named(
  changes: Partial<RealServerConfig> = {},
  dnsName = "web.example.org",
): RealServerConfig {
  return {
    ...realServer(1),
    address: any,
    checks: [tcpCheck({ connectAddress: any })],
    dnsName,
    ...changes,
  };
}

function running(
  servers: readonly RealServerConfig[] = [named()],
  changes: Partial<VirtualServerConfig> = {},
): Harness {
  const harness = new Harness();
  harness.configure(config(virtualServer(1, servers, changes)));
  return harness;
}

function answer(harness: Harness, hosts: readonly number[], name = "web.example.org"): void {
  const addresses = hosts.map((host) => `10.0.0.${host}`);
  harness.feed({ type: "nameResolved", answer: { name, family: 4, addresses } });
}

function watched({ told }: Harness): unknown {
  return told.findLast(({ type }) => type === "watchNames");
}

function removed({ told }: Harness): string[] {
  return told.flatMap((one) => (one.type === "reportRealServerRemoved" ? [one.realServer] : []));
}

test("a name has no server before its first answer, and is up and ready all the same", () => {
  const harness = running();
  assert.deepEqual(watched(harness), {
    type: "watchNames",
    names: [{ name: "web.example.org", family: 4 }],
  });
  assert.deepEqual(harness.addresses(1), []);
  assert.ok(harness.told.some(({ type }) => type === "reportReady"));
  assert.deepEqual(harness.notices(), []);
});

test("each address of an answer is a server with checks of its own", () => {
  const own = tcpCheck({ connectAddress: any });
  const elsewhere = tcpCheck({ connectAddress: "10.9.9.9" });
  const harness = running([named({ checks: [own, elsewhere] })]);
  answer(harness, [1, 2]);
  assert.deepEqual(harness.addresses(1), ["10.0.0.1", "10.0.0.2"]);
  harness.advance(10 * second);
  const targets = [...harness.probes.values()].map(({ check }) =>
    "connectAddress" in check ? check.connectAddress : "",
  );
  assert.deepEqual(targets.toSorted(), ["10.0.0.1", "10.0.0.2", "10.9.9.9", "10.9.9.9"]);
  harness.probe("10.0.0.2", failed);
  assert.deepEqual(harness.addresses(1), ["10.0.0.1"]);
  assert.equal(harness.notices().at(-1)?.fifoLine, `RS [10.0.0.2]:tcp:80 ${where} DOWN`);
  assert.ok(snapshots(harness.pool).every(({ dnsName }) => dnsName === "web.example.org"));
});

test("an answer that changes adds and removes; who stays keeps its state", () => {
  const harness = running();
  answer(harness, [1, 2]);
  harness.probe("10.0.0.2", failed);
  harness.kernel.orders.length = 0;
  answer(harness, [2, 3]);
  assert.deepEqual(harness.addresses(1), ["10.0.0.3"], "10.0.0.2 stays down");
  assert.deepEqual(
    harness.kernel.orders.map(({ type }) => type),
    ["addDestination", "deleteDestination"],
  );
  assert.deepEqual(removed(harness), ["[10.0.0.1]:tcp:80"]);
  harness.probe("10.0.0.2", passed);
  assert.deepEqual(harness.addresses(1).toSorted(), ["10.0.0.2", "10.0.0.3"]);
});

test("an answer moves quorum and sorry server", () => {
  const sorryServer = { address: "10.0.0.9", port: 80, forwarding: "NAT", inhibit: false } as const;
  const harness = running([named()], { quorum: 2, sorryServer });
  assert.deepEqual(harness.addresses(1), ["10.0.0.9"]);
  answer(harness, [1, 2]);
  assert.deepEqual(harness.addresses(1), ["10.0.0.1", "10.0.0.2"]);
  assert.equal(harness.notices().at(-1)?.mailText, "Gained quorum 2+0=2 <= 2");
  answer(harness, [1]);
  assert.deepEqual(harness.addresses(1), ["10.0.0.9"]);
});

test("the same answer again changes and tells nothing", () => {
  const harness = running();
  answer(harness, [1, 2]);
  const { length } = harness.told;
  answer(harness, [1, 2]);
  assert.equal(harness.told.length, length);
});

test("a reload keeps what is known of a name, and forgets names that are gone", () => {
  const harness = running();
  answer(harness, [1, 2]);
  harness.kernel.orders.length = 0;
  harness.configure(config(virtualServer(1, [named({ weight: 4 })])));
  assert.deepEqual(
    harness.kernel.orders.map(({ type }) => type),
    ["editDestination", "editDestination"],
  );
  harness.configure(config(virtualServer(1, [realServer(7)])));
  assert.deepEqual(harness.addresses(1), ["10.0.0.7"]);
  assert.deepEqual(watched(harness), { type: "watchNames", names: [] });
  answer(harness, [3]);
  assert.deepEqual(harness.addresses(1), ["10.0.0.7"]);
});

test("an address that is configured, or is another name's, is one server", () => {
  const harness = running([realServer(1, { weight: 5 }), named(), named({}, "b.example.org")]);
  answer(harness, [1, 2]);
  answer(harness, [2, 3], "b.example.org");
  assert.deepEqual(harness.addresses(1).toSorted(), ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  answer(harness, [1]);
  assert.deepEqual(harness.addresses(1).toSorted(), ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  const weights = snapshots(harness.pool).map(
    ({ realServer: name, weight }) => `${name} ${weight}`,
  );
  assert.ok(weights.includes("[10.0.0.1]:tcp:80 5"));
});

test("an address that goes is drained, one that comes begins slowly", () => {
  const harness = running([
    named({ weight: 101, drainTimeoutUs: 30 * second, slowStartUs: second }),
  ]);
  answer(harness, [1]);
  harness.kernel.connections?.set("10.0.0.1", 1);
  answer(harness, [2]);
  const service = harness.kernel.services.get("TCP 192.0.2.1 80");
  const weights = (): string[] =>
    (service?.destinations ?? []).map(({ address, weight }) => `${address} ${weight}`);
  assert.deepEqual(weights(), ["10.0.0.1 0", "10.0.0.2 1"]);
  harness.advance(31 * second);
  assert.deepEqual(weights(), ["10.0.0.2 101"]);
});

test("a successor that is told the answers touches nothing", () => {
  const dead = running();
  answer(dead, [1, 2]);
  dead.probe("10.0.0.2", failed);
  const harness = new Harness();
  for (const [text, service] of dead.kernel.services) harness.kernel.services.set(text, service);
  harness.feed({
    type: "configured",
    generation: 1,
    config: config(virtualServer(1, [named()])),
    resume: snapshots(dead.pool),
    resumeVirtualServers: virtualServerSnapshots(dead.pool),
    trackers: [],
    isSyncMaster: false,
    answers: [{ name: "web.example.org", family: 4, addresses: ["10.0.0.1", "10.0.0.2"] }],
  });
  assert.deepEqual(harness.kernel.orders, []);
  assert.deepEqual(harness.addresses(1), ["10.0.0.1"]);
});
