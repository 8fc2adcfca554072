// The parent is to become another release of itself: its children end without giving anything up,
// as if they had died, and when the last is gone the edge is told to go ahead. Decides no states of
// the children's own; what is left behind stands in estate.ts.

import { armKill, startChild } from "./child-orders.js";
import { forgetHeartbeat } from "./child-watch.js";
import { childKinds } from "./event.js";
import { type Child, isWanted, type Run, type Supervisor } from "./supervisor-state.js";

/** Whether a succession may begin: all that is wanted is at work, and nothing is on its way. */
export function maySucceed(supervisor: Supervisor): boolean {
  const { exitCode, isReadyReported, isLeaving, children } = supervisor;
  if (exitCode !== undefined || !isReadyReported || isLeaving) return false;
  return childKinds.every((kind) => {
    const { phase, isSettled } = children[kind];
    return phase === (isWanted(supervisor, kind) ? "running" : "absent") && isSettled;
  });
}

export function beginSuccession(run: Run): void {
  const { supervisor, actions, now } = run;
  if (!maySucceed(supervisor)) return;
  supervisor.isLeaving = true;
  for (const kind of childKinds) {
    const child = supervisor.children[kind];
    if (child.phase !== "running") continue;
    forgetHeartbeat(run, child);
    child.diedAt = now;
    child.isKilled = true;
    actions.push({ type: "killChild", kind });
    armKill(run, child);
  }
  goAhead(run);
}

/** Of a child of a parent that is leaving. */
export function handleLeft(run: Run, child: Child): void {
  child.phase = "absent";
  goAhead(run);
}

/** The other release could not be started: this one goes on, with new children. */
export function failSuccession(run: Run): void {
  const { supervisor } = run;
  if (!supervisor.isLeaving) return;
  supervisor.isLeaving = false;
  for (const kind of childKinds) {
    const child = supervisor.children[kind];
    if (child.phase === "absent" && isWanted(supervisor, kind)) startChild(run, child);
  }
}

function goAhead({ supervisor, actions }: Run): void {
  const isEmpty = childKinds.every((kind) => supervisor.children[kind].phase === "absent");
  if (isEmpty) actions.push({ type: "succeed" });
}
