// The weight of a server that comes back climbs; what counts for the quorum does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RealServerConfig } from "@keepalived-ts/shared-config/schema/config";
import { config, realServer, second, tcpCheck, virtualServer } from "../testing/builders.js";
import { failed, Harness, passed } from "../testing/harness.js";
import { snapshots, virtualServerSnapshots } from "./pool.js";

const where = "[192.0.2.1]:tcp:80";
const name = "[10.0.0.2]:tcp:80";

function slow(changes: Partial<RealServerConfig> = {}): RealServerConfig {
  return realServer(2, { weight: 101, slowStartUs: 20 * second, ...changes });
}

function running(...servers: readonly RealServerConfig[]): Harness {
  const harness = new Harness();
  harness.configure(config(virtualServer(1, [realServer(1), ...servers])));
  return harness;
}

/** Weight of 10.0.0.2 in the kernel; undefined = it is not there. */
function weight({ kernel }: Harness): number | undefined {
  const service = kernel.services.get("TCP 192.0.2.1 80");
  return service?.destinations.find(({ address }) => address === "10.0.0.2")?.weight;
}

function recovered(harness: Harness): void {
  harness.probe("10.0.0.2", failed);
  harness.probe("10.0.0.2", passed);
}

test("after a recovery the weight climbs from 1 to the full one in equal steps", () => {
  const harness = running(slow());
  assert.equal(weight(harness), 101, "no slow start at the start");
  recovered(harness);
  const weights: (number | undefined)[] = [];
  for (let i = 0; i <= 21; i++) {
    weights.push(weight(harness));
    harness.advance(second);
  }
  const climbing = Array.from({ length: 20 }, (_, i) => 1 + 5 * i);
  assert.deepEqual(weights, [...climbing, 101, 101]);
  assert.ok(
    harness.logs().includes(`Slow start of service ${name} of VS ${where}: weight 101 in 20 s`),
  );
  const reports = harness.told.flatMap((one) =>
    one.type === "reportRealServer" ? [one.snapshot.slowStartedAt] : [],
  );
  assert.equal(reports.at(-1), undefined);
});

test("the quorum counts the full weight while it climbs", () => {
  const harness = new Harness();
  harness.configure(config(virtualServer(1, [realServer(1), slow()], { quorum: 100 })));
  recovered(harness);
  assert.equal(weight(harness), 1);
  assert.ok(harness.logs().includes(`Gained quorum 100+0=100 <= 102 for VS ${where}`));
  harness.advance(30 * second);
  assert.equal(harness.logs().filter((text) => text.startsWith("Lost quorum")).length, 1);
});

test("a failure on the way ends the climb, and the next one begins at 1", () => {
  const harness = running(slow());
  recovered(harness);
  harness.advance(5 * second);
  assert.equal(weight(harness), 26);
  harness.probe("10.0.0.2", failed);
  harness.probe("10.0.0.2", failed);
  assert.equal(weight(harness), undefined);
  harness.probe("10.0.0.2", passed);
  assert.equal(weight(harness), 1);
});

test("a server that a reload adds begins slowly; a whole new virtual server does not", () => {
  const harness = running();
  harness.configure(config(virtualServer(1, [realServer(1), slow()])));
  assert.equal(weight(harness), 1);
  const whole = running(slow({ checks: [tcpCheck({ connectAddress: "10.0.0.2", alpha: true })] }));
  whole.probe("10.0.0.2", passed);
  assert.equal(weight(whole), 101, "a first success after a start is no recovery");
});

test("a reload goes on with the climb, with another weight and another time", () => {
  const harness = running(slow());
  recovered(harness);
  harness.advance(5 * second);
  harness.configure(config(virtualServer(1, [realServer(1), slow()])));
  assert.equal(weight(harness), 26);
  const changed = slow({ weight: 41, slowStartUs: 10 * second });
  harness.configure(config(virtualServer(1, [realServer(1), changed])));
  assert.equal(weight(harness), 21);
  harness.configure(config(virtualServer(1, [realServer(1), realServer(2, { weight: 9 })])));
  assert.equal(weight(harness), 9);
  harness.advance(20 * second);
  assert.equal(weight(harness), 9);
});

test("a successor goes on where the dead one was", () => {
  const dead = running(slow());
  recovered(dead);
  dead.advance(5 * second);
  const harness = new Harness();
  for (const [text, service] of dead.kernel.services) harness.kernel.services.set(text, service);
  harness.now = dead.now;
  const same = config(virtualServer(1, [realServer(1), slow()]));
  harness.configure(same, snapshots(dead.pool), virtualServerSnapshots(dead.pool));
  assert.deepEqual(harness.kernel.orders, []);
  harness.advance(5 * second);
  assert.equal(weight(harness), 51);
  harness.advance(10 * second);
  assert.equal(weight(harness), 101);
});

test("a server that is no longer drained begins slowly", () => {
  const harness = running(slow());
  const order = { type: "drainOrdered", virtualServer: where, realServer: name } as const;
  harness.feed({ ...order, isOn: true });
  assert.equal(weight(harness), 0);
  harness.feed({ ...order, isOn: false });
  assert.equal(weight(harness), 1);
  harness.advance(20 * second);
  assert.equal(weight(harness), 101);
});

test("weights of 0 and 1 have nothing to climb", () => {
  for (const one of [0, 1]) {
    const harness = running(slow({ weight: one }));
    recovered(harness);
    assert.equal(weight(harness), one);
    assert.ok(!harness.logs().some((text) => text.startsWith("Slow start")));
  }
});
