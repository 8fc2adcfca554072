// The orders to one child: start, configure, stop, kill. Decides what the order carries and how
// long its effect is waited for; when an order is due is supervisor.ts's matter.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import { resumeChecker, resumeVrrp } from "./mirror.js";
import { type Child, childTitle, type DeadlineName, log, type Run } from "./supervisor-state.js";

/** keepalived's child_wait_time: a child that has not stopped by then is killed. */
export const childWaitUs: number = 5 * usPerSecond;
export function startChild(run: Run, child: Child): void {
  child.phase = "running";
  child.startedAt = run.now;
  child.failedWith = undefined;
  child.isKilled = false;
  run.actions.push({ type: "startChild", kind: child.kind });
  configure(run, child, child.diedAt !== undefined);
}

/** `resumes`: the child takes over from one that died. */
export function configure(run: Run, child: Child, resumes: boolean): void {
  const { supervisor } = run;
  const { generation, mirror } = supervisor;
  const outageUs = run.now - (child.diedAt ?? run.now);
  const { vrrp, checker } = supervisor.config ?? {};
  if (child.kind === "vrrp" && vrrp !== undefined) {
    const resume = resumes ? resumeVrrp(mirror, vrrp, outageUs) : [];
    const message = { type: "configure", generation, config: vrrp, resume } as const;
    run.actions.push({ type: "sendToVrrp", message });
  }
  if (child.kind === "checker" && checker !== undefined) {
    const resume = resumes ? resumeChecker(mirror, checker) : [];
    const message = { type: "configure", generation, config: checker, resume } as const;
    run.actions.push({ type: "sendToChecker", message });
  }
}

export function stopChild(run: Run, child: Child): void {
  if (child.phase !== "running") return;
  child.phase = "stopping";
  run.supervisor.deadlines.clear(`stop:${child.kind}`);
  armKill(run, child);
  const message = { type: "stop" } as const;
  run.actions.push({ type: child.kind === "vrrp" ? "sendToVrrp" : "sendToChecker", message });
}

export function armKill(run: Run, child: Child): void {
  const name: DeadlineName = `kill:${child.kind}`;
  if (run.supervisor.deadlines.at(name) !== undefined) return;
  run.supervisor.deadlines.set(name, run.now + childWaitUs);
}

/** Returns false when SIGKILL was sent long ago and the child is to be given up. */
export function killChild(run: Run, child: Child): boolean {
  const seconds = childWaitUs / usPerSecond;
  const title = childTitle[child.kind];
  if (child.isKilled) {
    log(run, "error", `${title} child process did not end by SIGKILL, leaving it behind`);
    return false;
  }
  log(run, "warn", `${title} child process did not end within ${seconds} s, killing it`);
  child.isKilled = true;
  run.actions.push({ type: "killChild", kind: child.kind });
  armKill(run, child);
  return true;
}

/** Takes a child off the list that is not running and shall not be started. */
export function dismiss(run: Run, child: Child): void {
  run.supervisor.deadlines.clear(`restart:${child.kind}`);
  child.phase = "absent";
  child.diedAt = undefined;
  child.isSettled = true;
}
