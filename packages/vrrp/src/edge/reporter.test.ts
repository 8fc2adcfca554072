// The way to the parent: bounded, in order, and never waiting.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FromVrrp, VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";
import { FakeKernel } from "./fixtures.js";
import { Reporter } from "./reporter.js";

function setUp(): { kernel: FakeKernel; reporter: Reporter; sent: FromVrrp[] } {
  const kernel = new FakeKernel();
  const sent: FromVrrp[] = [];
  const reporter = new Reporter((message) => {
    sent.push(message);
    return true;
  }, kernel.ports);
  return { kernel, reporter, sent };
}

function state(instance: string, previous: VrrpStateName, now: VrrpStateName): FromVrrp {
  return {
    type: "instanceState",
    previous,
    snapshot: {
      instance,
      state: now,
      effectivePriority: 100,
      masterAddress: null,
      masterPriority: null,
      masterAdvertIntervalUs: 1_000_000,
      enteredAt: 0,
    },
  };
}

function turns(kernel: FakeKernel, count: number): void {
  for (let i = 0; i < count; i++) kernel.turn();
}

test("Reporter sends nothing in the turn in which it is told", () => {
  const { kernel, reporter, sent } = setUp();
  reporter.report({ type: "ready", generation: 1 });
  reporter.log({ level: "info", text: "a" });
  assert.deepEqual(sent, []);
  kernel.turn();
  assert.deepEqual(
    sent.map(({ type }) => type),
    ["ready", "log"],
  );
});

test("Reporter stops sending while the parent takes nothing, drops logs and counts them", () => {
  const { kernel, reporter, sent } = setUp();
  for (let i = 0; i < 2000; i++) reporter.log({ level: "info", text: `line ${i}` });
  turns(kernel, 20);
  assert.equal(sent.length, 64);
  while (sent.length < 1001) {
    reporter.noteWritten();
    kernel.turn();
    if (sent.length >= 1000) turns(kernel, 2);
  }
  const last = sent.at(-1);
  assert(last?.type === "log");
  assert.equal(last.record.text, "Dropped 1000 log records that the parent did not take in time");
});

test("Reporter keeps the last state of every instance when the parent takes nothing", () => {
  const { kernel, reporter, sent } = setUp();
  for (let i = 0; i < 1100; i++) reporter.log({ level: "info", text: `line ${i}` });
  reporter.report(state("A", "INIT", "BACKUP"));
  reporter.report(state("B", "INIT", "BACKUP"));
  for (let i = 0; i < 10_000; i++) {
    reporter.report(state("A", "BACKUP", "MASTER"));
    reporter.report(state("A", "MASTER", "BACKUP"));
  }
  while (sent.length < 10_000) {
    kernel.turn();
    reporter.noteWritten();
  }
  const states = sent.filter(({ type }) => type === "instanceState");
  assert.deepEqual(states.slice(0, 3), [
    state("A", "INIT", "BACKUP"),
    state("B", "INIT", "BACKUP"),
    state("A", "BACKUP", "MASTER"),
  ]);
  assert.equal(states.length, 9000);
  assert.deepEqual(states.at(-1), state("A", "MASTER", "BACKUP"));
});

test("Reporter.flushed() resolves when the last message is written", async () => {
  const { reporter, sent } = setUp();
  reporter.report({ type: "stopped" });
  const flushed = reporter.flushed();
  assert.equal(sent.length, 1);
  reporter.noteWritten();
  await flushed;
});

test("Reporter.flushed() resolves at once when the pipe is gone", async () => {
  const reporter = new Reporter(() => false, new FakeKernel().ports);
  reporter.report({ type: "stopped" });
  await reporter.flushed();
});
