// Why an instance is as it is, in words, for the causes that administrators ask about most.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { StateView } from "../data/state-data.js";
import { buildConfig, buildInstance, buildStatus } from "../testing/builders.js";
import { explain } from "./explain.js";

const now = 100_000_000;

function reasons(
  instance: Partial<VrrpInstanceConfig>,
  status: Partial<InstanceStatus>,
  trackers: Record<string, number> = {},
): string[] {
  const view: StateView = {
    config: buildConfig("vrrp"),
    instances: new Map(),
    trackers: new Map(Object.entries(trackers).map(([key, value]) => [key, { value }])),
    runningScripts: new Set(),
    wallUs: (us) => us,
  };
  const shown = buildStatus({ enteredAt: now - 4_000_000, timerAt: null, ...status });
  return explain(buildInstance(instance), shown, view, now);
}

const backup = { state: "BACKUP", wantedState: "BACKUP" } as const;
const chk = { name: "chk", weight: -50, reverse: false };
const noTracks = buildInstance().track;

test("explain() follows a failed script to the priority to the master", () => {
  const told = reasons(
    { track: { ...noTracks, scripts: [chk] } },
    {
      ...backup,
      effectivePriority: 50,
      totalPriority: 50,
      masterAddress: "192.0.2.2",
      masterPriority: 100,
    },
    { "script chk": 0 },
  );
  assert.deepEqual(told, [
    "BACKUP since 4.0 s: 192.0.2.2 is master with priority 100, ours is 50",
    "priority 100 - 50 by what is tracked = 50",
    "script chk has failed (weight -50)",
  ]);
});

test("explain() names nopreempt, the time left and what was rejected", () => {
  const told = reasons(
    { preempt: false },
    {
      ...backup,
      masterAddress: "192.0.2.2",
      masterPriority: 90,
      timerAt: now + 2_500_000,
      counters: { addressListErrors: 3, ttlErrors: 0 },
    },
  );
  assert.deepEqual(told, [
    "BACKUP since 4.0 s: 192.0.2.2 is master with priority 90, ours is 100, " +
      "but nopreempt keeps us from it",
    "it takes over in 2.5 s unless a master is heard",
    "nopreempt: a lower master is obeyed",
    "3 adverts rejected: with other virtual addresses",
  ]);
});

test("explain() gives the cause of a FAULT, and what INIT waits for", () => {
  const fault = "interface eth0 is down";
  assert.deepEqual(reasons({}, { state: "FAULT", wantedState: "FAULT", fault }), [
    "FAULT since 4.0 s: interface eth0 is down",
  ]);
  const waiting = { ...noTracks, scripts: [{ ...chk, weight: 0 }] };
  assert.deepEqual(reasons({ track: waiting }, { state: "INIT", wantedState: "INIT" }), [
    "INIT since 4.0 s: it waits for the first result of a script that it tracks",
    "script chk has no result yet",
  ]);
});
