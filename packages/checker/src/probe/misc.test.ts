// MISC_CHECK with real scripts: exit codes, weights, time-outs, and what is left running.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { MiscCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "../core/event.js";
import { second, tcpCheck } from "../testing/builders.js";
import { startMiscProbe } from "./misc.js";

const folder: string = mkdtempSync(join(tmpdir(), "misc-check-"));
after(() => rmSync(folder, { recursive: true }));

function misc(command: string, changes: Partial<MiscCheckConfig> = {}): MiscCheckConfig {
  const { retry, delayBeforeRetryUs, delayLoopUs, warmupUs, alpha, logAllFailures } = tcpCheck();
  const timing = { retry, delayBeforeRetryUs, delayLoopUs, warmupUs, alpha, logAllFailures };
  return {
    kind: "MISC_CHECK",
    ...timing,
    script: { argv: ["/bin/sh", "-c", command], user: "root" },
    timeoutUs: 20 * second,
    isDynamic: false,
    ...changes,
  };
}

function probe(check: MiscCheckConfig): Promise<ProbeResult> {
  return new Promise((resolve) => startMiscProbe(check, resolve));
}

function failed(reason: string): ProbeResult {
  return { outcome: "failed", reason };
}

const rows: readonly (readonly [string, boolean, ProbeResult])[] = [
  ["exit 0", false, { outcome: "passed" }],
  ["exit 1", false, failed("exit 1")],
  ["exit 2", false, failed("exit 2")],
  ["exit 0", true, { outcome: "passed" }],
  ["exit 1", true, failed("exit 1")],
  ["exit 2", true, { outcome: "passed", weight: 0 }],
  ["exit 255", true, { outcome: "passed", weight: 253 }],
  ["kill -9 $$", true, failed("ended by a signal")],
];

for (const [command, isDynamic, expected] of rows) {
  test(`MISC_CHECK "${command}", dynamic ${isDynamic}: ${JSON.stringify(expected)}`, async () => {
    assert.deepEqual(await probe(misc(command, { isDynamic })), expected);
  });
}

test("MISC_CHECK of a script that is not there fails", async () => {
  const result = await probe(misc("", { script: { argv: ["/no/such/script"], user: "root" } }));
  assert.equal(result.outcome, "failed");
});

test("MISC_CHECK ends a script that takes too long, with what it has started", async () => {
  const pidFile = join(folder, "late");
  const command = `sleep 60 & echo $! > ${pidFile}; wait`;
  const result = await probe(misc(command, { timeoutUs: second / 2 }));
  assert.deepEqual(result, failed("misc_timeout"));
  await gone(pidFile);
});

test("MISC_CHECK kills one that does not end by SIGTERM", async () => {
  const pidFile = join(folder, "deaf");
  const command = `trap "" TERM; echo $$ > ${pidFile}; while :; do sleep 0.1; done`;
  const result = await probe(misc(command, { timeoutUs: second / 2 }));
  assert.deepEqual(result, failed("misc_timeout"));
  await gone(pidFile);
});

test("MISC_CHECK tells nothing after cancel(), and its script ends", async () => {
  const pidFile = join(folder, "cancelled");
  const running = startMiscProbe(misc(`echo $$ > ${pidFile}; exec sleep 60`), () =>
    assert.fail("a cancelled probe has told a result"),
  );
  while (!existsSync(pidFile) || readFileSync(pidFile, "utf8") === "") {
    await new Promise((resolve) => setImmediate(resolve));
  }
  running.cancel();
  await gone(pidFile);
});

/** Waits until the process whose number stands in the file has ended; the test runner's limit. */
async function gone(pidFile: string): Promise<void> {
  const status = `/proc/${readFileSync(pidFile, "utf8").trim()}/stat`;
  for (;;) {
    try {
      // A zombie has ended too.
      if (/\) Z /.test(readFileSync(status, "utf8"))) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
