// When a vrrp_script runs and what its results come to.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TrackedScriptConfig } from "@keepalived-ts/shared-config/schema/config";
import {
  createScriptWatch,
  handleScript,
  nextScriptDeadline,
  type ScriptAction,
  type ScriptWatch,
} from "./script-watch.js";

const second = 1_000_000;
const start = 1000 * second;

function config(overrides: Partial<TrackedScriptConfig> = {}): TrackedScriptConfig {
  return {
    name: "chk",
    script: { argv: ["/bin/true"], user: "root" },
    intervalUs: second,
    timeoutUs: second,
    weight: 0,
    reverse: false,
    rise: 1,
    fall: 1,
    initFail: false,
    ...overrides,
  };
}

function brief(actions: readonly ScriptAction[]): string[] {
  return actions.map((action) => {
    if (action.type === "signal") return action.signal;
    if (action.type === "report") return action.isGood ? "good" : "bad";
    return action.type === "log" ? action.record.text : action.type;
  });
}

/** One run that ends at once with `status`; what was ordered but for the run. */
function runOnce(watch: ScriptWatch, status: number | null): string[] {
  const now = nextScriptDeadline(watch);
  assert.deepEqual(brief(handleScript(watch, { type: "deadlineReached" }, now)), ["run"]);
  return brief(handleScript(watch, { type: "ended", status }, now + 1));
}

test("the first result counts at once, whatever rise and fall say", () => {
  const good = createScriptWatch(config({ rise: 3 }), start);
  assert.deepEqual(runOnce(good, 0), ["VRRP_Script(chk) succeeded", "good"]);
  const bad = createScriptWatch(config({ fall: 3 }), start);
  assert.deepEqual(runOnce(bad, 1), [
    "Script `chk` now returning 1",
    "VRRP_Script(chk) failed",
    "bad",
  ]);
});

test("fall failures in a row make it bad, rise successes in a row make it good", () => {
  const watch = createScriptWatch(config({ fall: 2, rise: 3 }), start);
  runOnce(watch, 0);
  assert.deepEqual(runOnce(watch, 1), ["Script `chk` now returning 1"]);
  assert.deepEqual(runOnce(watch, 0), ["Script `chk` now returning 0"]);
  assert.deepEqual(runOnce(watch, 1), ["Script `chk` now returning 1"]);
  assert.deepEqual(runOnce(watch, 1), ["VRRP_Script(chk) failed", "bad"]);
  assert.deepEqual(runOnce(watch, 0), ["Script `chk` now returning 0"]);
  assert.deepEqual(runOnce(watch, 0), []);
  assert.deepEqual(runOnce(watch, 0), ["VRRP_Script(chk) succeeded", "good"]);
});

test("init_fail starts as bad and wants rise successes", () => {
  const watch = createScriptWatch(config({ initFail: true, rise: 2 }), start);
  assert.deepEqual(runOnce(watch, 0), []);
  assert.deepEqual(runOnce(watch, 0), ["VRRP_Script(chk) succeeded", "good"]);
});

test("a run that takes too long gets SIGTERM, then SIGKILL, and counts as failed", () => {
  const watch = createScriptWatch(config({ timeoutUs: 3 * second, intervalUs: second }), start);
  assert.deepEqual(brief(handleScript(watch, { type: "deadlineReached" }, start)), ["run"]);
  // Runs that fall due meanwhile are left out.
  for (const at of [1, 2]) {
    const actions = handleScript(watch, { type: "deadlineReached" }, start + at * second);
    assert.deepEqual(brief(actions), []);
  }
  const told = (at: number): string[] =>
    brief(handleScript(watch, { type: "deadlineReached" }, start + at * second));
  assert.deepEqual(told(3), ["SIGTERM"]);
  assert.deepEqual(told(4), []);
  assert.deepEqual(told(5), ["SIGKILL"]);
  assert.deepEqual(brief(handleScript(watch, { type: "ended", status: null }, start)), [
    "VRRP_Script(chk) timed_out",
    "bad",
  ]);
});

test("a script that ends well after its SIGTERM has failed all the same", () => {
  const watch = createScriptWatch(config(), start);
  handleScript(watch, { type: "deadlineReached" }, start);
  handleScript(watch, { type: "deadlineReached" }, start + second);
  const actions = handleScript(watch, { type: "ended", status: 0 }, start + second + 1);
  assert.deepEqual(brief(actions), ["VRRP_Script(chk) timed_out", "bad"]);
});

test("runs are an interval apart from start to start, without a burst after a pause", () => {
  const watch = createScriptWatch(config(), start);
  runOnce(watch, 0);
  assert.equal(nextScriptDeadline(watch), start + second);
  const late = start + 60 * second;
  assert.deepEqual(brief(handleScript(watch, { type: "deadlineReached" }, late)), ["run"]);
  handleScript(watch, { type: "ended", status: 0 }, late);
  assert.ok(nextScriptDeadline(watch) > late);
});

test("a reload keeps the result and the rhythm of what runs the same", () => {
  const watch = createScriptWatch(config(), start);
  runOnce(watch, 1);
  const same = createScriptWatch(config({ weight: -10 }), start + 100, watch);
  assert.equal(same.result, "bad");
  assert.equal(nextScriptDeadline(same), start + second);
  const other = { argv: ["/bin/other"], user: "root" };
  const changed = createScriptWatch(config({ script: other }), start + 100, watch);
  assert.equal(changed.result, "bad");
  assert.equal(nextScriptDeadline(changed), start + 100);
});
