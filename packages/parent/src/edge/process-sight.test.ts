// processSight() of real processes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { processSight } from "./process-sight.js";

test("processSight() tells a process that runs, sleeps, is stopped or gone", async () => {
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  await until(() => processSight(pid)?.state === "sleeping");
  child.kill("SIGSTOP");
  await until(() => processSight(pid)?.state === "stopped");
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(processSight(pid), undefined);
  const own = processSight(process.pid);
  assert.equal(own?.state, "running");
  // Node has needed more than a tick to get here, and less than the test may take.
  assert.ok(own.cpuUs > 10_000 && own.cpuUs < 600_000_000);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
