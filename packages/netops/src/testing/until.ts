// For tests: waits for a fact by looking again, bounded in time, instead of sleeping and hoping.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

const boundMs = 20_000;
const stepMs = 5;

/** Resolves once `holds` is true; fails with `what` when it is not within 20 seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + boundMs;
  while (!holds()) {
    assert.ok(performance.now() < end, `Waited ${boundMs} ms in vain: ${what}`);
    await delay(stepMs);
  }
}
