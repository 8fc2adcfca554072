// The orders to one child: start, configure, stop, kill. Decides what the order carries and how
// long its effect is waited for; when an order is due is supervisor.ts's matter.

import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type {
  InstanceSnapshot,
  NameAnswer,
  RealServerSnapshot,
  TrackerReport,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import { isSyncMaster, type Mirror, resumeChecker, resumeVrrp } from "./mirror.js";
import {
  type Child,
  type ConfigInForce,
  childTitle,
  type DeadlineName,
  log,
  type Run,
} from "./supervisor-state.js";

/** A child that has not stopped by then is killed: child_wait_time, by default this. */
export const childWaitUs: number = 5 * usPerSecond;

function patienceUs({ supervisor }: Run): number {
  return supervisor.config?.global.childWaitTimeUs ?? childWaitUs;
}

/**
 * One that takes over from a dead child begins with what that had put in force, whatever has been
 * configured since: only so does it find what a reload took away meanwhile, and withdraws it.
 */
export function startChild(run: Run, child: Child): void {
  launch(run, child);
  if (child.inForce?.generation !== run.supervisor.generation) configure(run, child);
}

/** A new process, which goes on with what is in force if there is anything. */
function launch(run: Run, child: Child): void {
  child.phase = "running";
  child.startedAt = run.now;
  child.failedWith = undefined;
  child.isKilled = false;
  run.actions.push({ type: "startChild", kind: child.kind });
  if (child.inForce !== undefined) resume(run, child, child.inForce);
}

/** The present configuration. */
export function configure(run: Run, child: Child): void {
  const { generation, config } = run.supervisor;
  if (config !== undefined) send(run, child, { generation, config }, nothing);
}

/** What a new child goes on with. */
interface Resumed {
  readonly instances: readonly InstanceSnapshot[];
  readonly realServers: readonly RealServerSnapshot[];
  readonly virtualServers: readonly VirtualServerSnapshot[];
  readonly answers: readonly NameAnswer[];
}

const nothing: Resumed = { instances: [], realServers: [], virtualServers: [], answers: [] };

function resume(run: Run, child: Child, inForce: ConfigInForce): void {
  const { mirror } = run.supervisor;
  const outageUs = run.now - (child.diedAt ?? run.now);
  const { vrrp, checker } = inForce.config;
  send(run, child, inForce, {
    instances: vrrp === undefined ? [] : resumeVrrp(mirror, vrrp, outageUs),
    realServers: checker === undefined ? [] : resumeChecker(mirror, checker),
    virtualServers: [...mirror.virtualServers.values()],
    answers: [...mirror.answers.values()],
  });
}

function send(
  run: Run,
  child: Child,
  { generation, config }: ConfigInForce,
  { instances, realServers, virtualServers, answers }: Resumed,
): void {
  const { vrrp, checker } = config;
  if (child.kind === "vrrp" && vrrp !== undefined) {
    const message = {
      type: "configure",
      generation,
      config: vrrp,
      resume: instances,
      trackers: [...run.supervisor.mirror.trackers.values()],
      ...(run.supervisor.isInMaintenance ? { isInMaintenance: true as const } : {}),
    } as const;
    run.actions.push({ type: "sendToVrrp", message });
  }
  if (child.kind === "checker" && checker !== undefined) {
    const message = {
      type: "configure",
      generation,
      config: checker,
      resume: realServers,
      resumeVirtualServers: virtualServers,
      trackers: fileReports(run.supervisor.mirror),
      isSyncMaster: isSyncMaster(run.supervisor.mirror, checker),
      ...(answers.length === 0 ? {} : { answers }),
    } as const;
    run.actions.push({ type: "sendToChecker", message });
  }
}

/** What real servers have of the trackers. */
export function fileReports({ trackers }: Mirror): TrackerReport[] {
  return [...trackers.values()].flatMap(({ kind, ...report }) =>
    kind === "file" ? [{ kind, ...report }] : [],
  );
}

export function stopChild(run: Run, child: Child): void {
  if (child.phase !== "running") return;
  child.phase = "stopping";
  run.supervisor.deadlines.clear(`stop:${child.kind}`);
  armKill(run, child);
  const isEnd = run.supervisor.exitCode !== undefined;
  const keeps = isEnd && run.supervisor.options.keeps?.has(child.kind) === true;
  const message = keeps ? ({ type: "stop", keeps } as const) : ({ type: "stop" } as const);
  run.actions.push({ type: child.kind === "vrrp" ? "sendToVrrp" : "sendToChecker", message });
}

export function armKill(run: Run, child: Child): void {
  const name: DeadlineName = `kill:${child.kind}`;
  if (run.supervisor.deadlines.at(name) !== undefined) return;
  run.supervisor.deadlines.set(name, run.now + patienceUs(run));
}

/** Returns false when SIGKILL was sent long ago and the child is to be given up. */
export function killChild(run: Run, child: Child): boolean {
  const seconds = patienceUs(run) / usPerSecond;
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

/**
 * A child that is not running is not to be started again. What the dead one left in the kernel is
 * withdrawn by a last one, which is stopped as soon as it has started.
 */
export function dismiss(run: Run, child: Child): void {
  run.supervisor.deadlines.clear(`restart:${child.kind}`);
  if (child.inForce === undefined) {
    child.phase = "absent";
    child.diedAt = undefined;
  } else {
    launch(run, child);
    stopChild(run, child);
  }
  child.isSettled = true;
}
