// heartbeat.ts and child-watch.ts by a clock that is handed in: who hangs, who merely waits.

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildConfig, buildInstance, buildVrrp } from "../testing/builders.js";
import type { ChildSight } from "./event.js";
import { beatUs, hangLimitUs, patienceUs } from "./heartbeat.js";
import { handle, nextDeadline } from "./supervisor.js";
import { createSupervisor, type Supervisor } from "./supervisor-state.js";

const second = 1_000_000;
const asleep: ChildSight = { state: "sleeping", cpuUs: 0 };

interface Bench {
  readonly supervisor: Supervisor;
  now: number;
}

function say(bench: Bench, type: "alive" | "ready"): void {
  const message = type === "ready" ? ({ type, generation: 1 } as const) : ({ type } as const);
  handle(bench.supervisor, { type: "vrrpSaid", message }, bench.now);
}

/** A VRRP child that has said that it is at work, and that it is alive. */
function watched(isReady = true): Bench {
  const supervisor = createSupervisor({ kinds: new Set(["vrrp"]), respawn: true });
  const bench = { supervisor, now: 10 * second };
  handle(supervisor, { type: "configured", config: buildConfig("vrrp") }, bench.now);
  if (isReady) say(bench, "ready");
  say(bench, "alive");
  return bench;
}

/**
 * Lets the parent beat for `durationUs`, always `lateUs` late, and shows it `sight`; returns after
 * how long the child was killed.
 */
function silence(
  bench: Bench,
  durationUs: number,
  sight: (silentUs: number) => ChildSight,
  lateUs = 0,
): number | undefined {
  const { supervisor } = bench;
  const from = bench.now;
  while (bench.now - from < durationUs) {
    bench.now = (nextDeadline(supervisor) ?? bench.now + second) + lateUs;
    for (const action of handle(supervisor, { type: "deadlineReached" }, bench.now)) {
      if (action.type !== "observeChild") continue;
      const event = {
        type: "childObserved",
        kind: "vrrp",
        sight: sight(bench.now - from),
      } as const;
      const answer = handle(supervisor, event, bench.now);
      if (answer.some(({ type }) => type === "killChild")) return bench.now - from;
    }
  }
  return undefined;
}

test("a child that stands still or sleeps through its limit is replaced within two beats", () => {
  for (const state of ["stopped", "sleeping"] as const) {
    const after = silence(watched(), 5 * second, () => ({ state, cpuUs: 7 })) ?? 0;
    assert.ok(after >= second && after <= second + 2 * beatUs, `${state}: ${after}`);
  }
});

test("the successor of a child that hung is told how long its predecessor was silent", () => {
  const bench = watched();
  const { supervisor } = bench;
  const snapshot = {
    instance: "VI_1",
    state: "MASTER",
    effectivePriority: 100,
    masterAddress: null,
    masterPriority: null,
    masterAdvertIntervalUs: second,
    enteredAt: 1,
  } as const;
  const message = { type: "instanceState", previous: "BACKUP", snapshot } as const;
  handle(supervisor, { type: "vrrpSaid", message }, bench.now);
  const after = silence(bench, 5 * second, () => asleep);
  assert.ok(after !== undefined);
  const exit = { type: "childExited", kind: "vrrp", pid: 9, exitCode: null } as const;
  // The kernel needed two more seconds to end it: three intervals of silence are too many.
  const actions = handle(supervisor, { ...exit, signal: "SIGKILL" }, bench.now + 2 * second);
  const resumed = actions.flatMap((action) =>
    action.type === "sendToVrrp" && action.message.type === "configure"
      ? action.message.resume.map(({ state }) => state)
      : [],
  );
  assert.ok(actions.some(({ type }) => type === "startChild"));
  assert.deepEqual(resumed, ["BACKUP"]);
  assert.equal(
    silence(bench, 5 * second, () => asleep),
    undefined,
    "watched before it spoke",
  );
});

test("a child that computes all the time hangs, one that waits for a processor does not", () => {
  const spinning = (silentUs: number): ChildSight => ({ state: "running", cpuUs: silentUs });
  const starved = (silentUs: number): ChildSight => ({ state: "running", cpuUs: silentUs / 10 });
  assert.ok((silence(watched(), 5 * second, spinning) ?? Number.NaN) <= second + 3 * beatUs);
  assert.equal(silence(watched(), 20 * second, starved), undefined);
  assert.ok((silence(watched(), 60 * second, starved) ?? 0) >= patienceUs);
});

test("a child that waits for a disk or is held by a debugger has time", () => {
  assert.equal(
    silence(watched(), 20 * second, () => ({ state: "held", cpuUs: 0 })),
    undefined,
  );
});

test("a child that is being configured has time", () => {
  assert.equal(
    silence(watched(false), 20 * second, () => asleep),
    undefined,
  );
});

test("a parent that has no steady beat suspects nobody", () => {
  assert.equal(
    silence(watched(), 60 * second, () => asleep, beatUs),
    undefined,
  );
});

test("a parent that was stopped for an hour suspects nobody when it goes on", () => {
  const bench = watched();
  bench.now += 3600 * second;
  const actions = handle(bench.supervisor, { type: "deadlineReached" }, bench.now);
  assert.deepEqual(actions, []);
  say(bench, "alive");
  assert.equal(
    silence(bench, 3 * beatUs, () => asleep),
    undefined,
  );
});

test("a child that speaks in time is left alone, and not looked at", () => {
  const bench = watched();
  for (let i = 0; i < 100; i++) {
    const look = (): never => assert.fail("it was looked at");
    silence(bench, beatUs, look);
    say(bench, "alive");
  }
});

test("hangLimitUs() leaves the successor half of what the peers' patience allows", () => {
  const config = buildConfig("vrrp checker");
  const withInstance = (advertIntervalUs: number, downTimerAdverts: number): number => {
    const instance = buildInstance({ advertIntervalUs, downTimerAdverts });
    return hangLimitUs("vrrp", { ...config, vrrp: buildVrrp(buildInstance(), instance) });
  };
  assert.equal(withInstance(second, 3), second);
  assert.equal(withInstance(second / 10, 3), second);
  const slow = buildVrrp(buildInstance({ advertIntervalUs: 4 * second, downTimerAdverts: 3 }));
  assert.equal(hangLimitUs("vrrp", { ...config, vrrp: slow }), 4 * second);
  assert.equal(hangLimitUs("checker", config), 10 * second);
});
