// What the supervisor does about a child that says nothing: it is looked at, and replaced when it
// hangs. heartbeat.ts judges. A child is watched from its first sign of life on.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import { armKill } from "./child-orders.js";
import type { ChildSight } from "./event.js";
import { beat, createHeartbeat, hangLimitUs, judge, patienceUs } from "./heartbeat.js";
import { type Child, childTitle, log, type Run } from "./supervisor-state.js";

export function noteAlive(run: Run, child: Child): void {
  if (child.heartbeat !== undefined) child.heartbeat.hasSpoken = true;
  else if (child.phase === "running" && !child.isKilled) watch(run, child);
}

function watch(run: Run, child: Child): void {
  child.heartbeat = createHeartbeat(run.now);
  run.supervisor.deadlines.set(`beat:${child.kind}`, child.heartbeat.dueAt);
}

export function forgetHeartbeat(run: Run, child: Child): void {
  child.heartbeat = undefined;
  run.supervisor.deadlines.clear(`beat:${child.kind}`);
}

export function handleBeat(run: Run, child: Child): void {
  const { heartbeat } = child;
  if (heartbeat === undefined) return;
  const isSuspicious = beat(heartbeat, run.now);
  run.supervisor.deadlines.set(`beat:${child.kind}`, heartbeat.dueAt);
  if (isSuspicious) run.actions.push({ type: "observeChild", kind: child.kind });
}

/** One that is being configured may compute for long; one that is stopping has its own deadline. */
export function handleObserved(run: Run, child: Child, sight: ChildSight): void {
  const { heartbeat } = child;
  const { config } = run.supervisor;
  if (heartbeat === undefined || child.phase !== "running" || config === undefined) return;
  const hangUs = child.isSettled ? hangLimitUs(child.kind, config) : patienceUs;
  if (!judge(heartbeat, sight, hangUs)) return;
  const seconds = (heartbeat.silentUs / usPerSecond).toFixed(1);
  const text = `${childTitle[child.kind]} child process does not answer for ${seconds} s`;
  log(run, "error", `${text} (${sight.state}), replacing it`);
  // Its work has lain idle since then: a successor must know how long the peers have waited.
  child.diedAt ??= run.now - heartbeat.silentUs;
  forgetHeartbeat(run, child);
  child.isKilled = true;
  run.actions.push({ type: "killChild", kind: child.kind });
  armKill(run, child);
}
