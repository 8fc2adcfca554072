// FILE_CHECK: what a number in a file does to a server, alone and in the pool.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import { config, realServer, tcpCheck, virtualServer } from "../testing/builders.js";
import { failed, Harness, passed } from "../testing/harness.js";
import { judgeFiles } from "./file-check.js";

function fileCheck(changes: Partial<FileCheckConfig> = {}): FileCheckConfig {
  return { kind: "FILE_CHECK", file: "load", weight: 1, isReversed: false, ...changes };
}

const limit = 2147483647;
const rows: readonly (readonly [Partial<FileCheckConfig>, number, number | "failed"])[] = [
  [{}, 0, 0],
  [{}, 5, 5],
  [{}, -5, -5],
  [{ weight: 3 }, 5, 15],
  [{ weight: -3 }, 5, -15],
  [{ isReversed: true }, 5, -5],
  [{ weight: 0 }, 0, 0],
  [{ weight: 0 }, 1, "failed"],
  [{ weight: 0 }, -1, "failed"],
  [{ weight: 0, isReversed: true }, 0, "failed"],
  [{ weight: 0, isReversed: true }, 1, 0],
  [{}, -limit, "failed"],
  [{ weight: limit }, limit, limit - 1],
  [{ weight: -limit }, 1, "failed"],
];

for (const [changes, value, expected] of rows) {
  test(`judgeFiles() of ${value} for ${JSON.stringify(changes)} is ${expected}`, () => {
    const server = realServer(1, { checks: [fileCheck(changes)] });
    const { isFailed, weightChange } = judgeFiles(server, new Map([["load", value]]));
    assert.equal(isFailed ? "failed" : weightChange, expected);
  });
}

test("judgeFiles() adds up several files, and passes over those that are not known yet", () => {
  const files = ["a", "b", "unknown"].map((file) => fileCheck({ file }));
  const server = realServer(1, { checks: [...files, tcpCheck()] });
  const values = new Map(Object.entries({ a: 2, b: 40, other: 1000 }));
  assert.deepEqual(judgeFiles(server, values), { isFailed: false, weightChange: 42 });
});

const address = "10.0.0.1";

function weights(harness: Harness): number[] {
  const service = harness.kernel.services.get("TCP 192.0.2.1 80");
  return service?.destinations.map(({ weight }) => weight) ?? [];
}

function pool(...checks: readonly FileCheckConfig[]): Harness {
  const harness = new Harness();
  harness.trackers.push({ kind: "file", name: "load", value: 4 });
  const tcp = tcpCheck({ connectAddress: address });
  const server = realServer(1, { weight: 10, checks: [...checks, tcp] });
  harness.configure(config(virtualServer(1, [server])));
  return harness;
}

function tell(harness: Harness, value: number, name = "load"): void {
  harness.feed({ type: "trackerChanged", report: { kind: "file", name, value } });
}

test("a file changes the weight of its server from the start, and whenever it changes", () => {
  const harness = pool(fileCheck());
  assert.deepEqual(weights(harness), [14]);
  tell(harness, -3);
  assert.deepEqual(weights(harness), [7]);
  tell(harness, -30);
  assert.deepEqual(weights(harness), [0], "a weight is not below 0");
  tell(harness, 1e9);
  assert.deepEqual(weights(harness), [65535]);
  tell(harness, 5, "another");
  assert.deepEqual(weights(harness), [65535]);
});

test("a file takes its server out and lets it in again, if its other checks pass", () => {
  const harness = pool(fileCheck({ weight: 0, isReversed: true }));
  assert.deepEqual(weights(harness), [10]);
  tell(harness, 0);
  assert.deepEqual(weights(harness), []);
  assert.ok(harness.logs().includes("FILE_CHECK load of [10.0.0.1]:tcp:80 failed."));
  harness.probe(address, failed);
  tell(harness, 1);
  assert.deepEqual(weights(harness), []);
  harness.probe(address, passed);
  assert.deepEqual(weights(harness), [10]);
});

test("a successor resumes the weight that a script had set", () => {
  const script = { argv: ["/bin/true"], user: "root" };
  const { connectAddress: _, connectPort: __, connectTimeoutUs: ___, ...timing } = tcpCheck();
  const misc = { ...timing, script, timeoutUs: 1e6, isDynamic: true };
  const checks = [fileCheck(), { ...misc, kind: "MISC_CHECK" as const }];
  const wanted = config(virtualServer(1, [realServer(1, { weight: 10, checks })]));
  const harness = new Harness();
  harness.trackers.push({ kind: "file", name: "load", value: 4 });
  const known = { virtualServer: "[192.0.2.1]:tcp:80", realServer: "[10.0.0.1]:tcp:80" };
  harness.configure(wanted, [{ ...known, isUp: true, weight: 77, checks: [true] }]);
  assert.deepEqual(weights(harness), [77]);
  tell(harness, 5);
  assert.deepEqual(weights(harness), [78]);
  harness.probe("", passed);
  assert.deepEqual(weights(harness), [15]);
});
