// Which child should run, when a dead one is started again, in which order they are stopped, and
// with which status the parent ends. Pure: `handle` returns the actions, `nextDeadline` says when
// to call again. Follows keepalived's core/main.c where its users see it (exit codes, delays, log
// lines).

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import type { LogData } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { FromChecker, FromVrrp, WatchReport } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import type { ParentAction } from "./action.js";
import { armKill, configure, dismiss, killChild, startChild, stopChild } from "./child-orders.js";
import { forgetHeartbeat, handleBeat, handleObserved, noteAlive } from "./child-watch.js";
import { type ChildKind, childKinds, type DrainOrder, type ParentEvent } from "./event.js";
import {
  forgetChecker,
  forgetVrrp,
  keepTrackers,
  losesMaster,
  recordChecker,
  recordDrain,
  recordTracker,
  recordVrrp,
} from "./mirror.js";
import { chargeDeath } from "./restart-budget.js";
import { beginSuccession, failSuccession, handleLeft } from "./succession.js";
import {
  type Child,
  childTitle,
  isWanted,
  log,
  type Run,
  type Supervisor,
} from "./supervisor-state.js";

type ChildExit = Extract<ParentEvent, { type: "childExited" }>;

/**
 * The checker keeps IPVS in place until VRRP has handed over its traffic, but not longer than
 * this.
 */
export const checkerStopDelayUs: number = 4.6 * usPerSecond;
/** A child that takes longer is still waited for, but no longer holds up `reportReady`. */
export const readyWaitUs: number = 30 * usPerSecond;

export function nextDeadline(supervisor: Supervisor): number | undefined {
  return supervisor.deadlines.next();
}

/** Applies `event`; returns what the edge must do, in order. */
export function handle(supervisor: Supervisor, event: ParentEvent, now: number): ParentAction[] {
  const run: Run = { supervisor, now, actions: [] };
  if (supervisor.isExited) return run.actions;
  dispatch(run, event);
  reportWhenSettled(run);
  exitWhenEmpty(run);
  return run.actions;
}

function dispatch(run: Run, event: ParentEvent): void {
  const { supervisor } = run;
  switch (event.type) {
    case "configured":
      handleConfigured(run, event.config);
      return;
    case "vrrpSaid":
      handleSyncMaster(run, event.message);
      recordVrrp(supervisor.mirror, event.message);
      handleMessage(run, supervisor.children.vrrp, event.message);
      return;
    case "checkerSaid":
      recordChecker(supervisor.mirror, event.message);
      handleMessage(run, supervisor.children.checker, event.message);
      return;
    case "trackerReported":
      handleTrackerReported(run, event.report);
      return;
    case "childObserved":
      handleObserved(run, supervisor.children[event.kind], event.sight);
      return;
    case "childDisconnected":
      handleDisconnected(run, supervisor.children[event.kind]);
      return;
    case "childExited":
      handleExited(run, supervisor.children[event.kind], event);
      return;
    case "maintenanceOrdered":
      handleMaintenance(run, event.isOn);
      return;
    case "drainOrdered":
      handleDrain(run, event);
      return;
    case "stopRequested":
      handleStopRequested(run);
      return;
    case "successionOrdered":
      beginSuccession(run);
      return;
    case "successionFailed":
      failSuccession(run);
      if (supervisor.isStopOwed) beginStop(run, 0);
      return;
    case "deadlineReached":
      handleDeadlines(run);
      return;
    default:
      unreachable(event);
  }
}

function handleConfigured(run: Run, config: Config): void {
  const { supervisor } = run;
  // A stop that has begun is not undone by a reload that was already under way.
  if (supervisor.exitCode !== undefined || supervisor.isLeaving) return;
  supervisor.config = config;
  keepTrackers(supervisor.mirror, config);
  supervisor.generation += 1;
  supervisor.isReadyReported = false;
  supervisor.deadlines.set("ready", run.now + readyWaitUs);
  for (const kind of childKinds) reconcile(run, supervisor.children[kind]);
  if (childKinds.every((kind) => !isWanted(supervisor, kind))) {
    log(run, "warn", "Warning - keepalived has no configuration to run");
  }
}

/** A child that is not there yet gets it with its configuration. */
function handleMaintenance({ supervisor, actions }: Run, isOn: boolean): void {
  if (supervisor.isInMaintenance === isOn) return;
  supervisor.isInMaintenance = isOn;
  if (supervisor.children.vrrp.phase !== "running") return;
  actions.push({ type: "sendToVrrp", message: { type: "maintenance", isOn } });
}

/** A child that is not there yet gets it with what it resumes. */
function handleDrain({ supervisor, actions }: Run, order: DrainOrder): void {
  recordDrain(supervisor.mirror, order);
  if (supervisor.children.checker.phase !== "running") return;
  const { virtualServer, realServer, isOn } = order;
  actions.push({
    type: "sendToChecker",
    message: { type: "drain", virtualServer, realServer, isOn },
  });
}

/** A child that is not there yet gets it with its configuration. */
function handleTrackerReported(run: Run, report: WatchReport): void {
  const { mirror, children } = run.supervisor;
  recordTracker(mirror, report);
  const message = { type: "trackerChanged", report } as const;
  if (children.vrrp.phase === "running") run.actions.push({ type: "sendToVrrp", message });
  // A FILE_CHECK is all that real servers have of it.
  const { kind } = report;
  if (kind !== "file" || children.checker.phase !== "running") return;
  const ofFile = { type: "trackerChanged", report: { ...report, kind } } as const;
  run.actions.push({ type: "sendToChecker", message: ofFile });
}

/** The checker runs the kernel's IPVS sync daemons, which follow an instance. */
function handleSyncMaster({ supervisor, actions }: Run, message: FromVrrp): void {
  if (message.type !== "instanceState" || supervisor.children.checker.phase !== "running") return;
  const { instance, state } = message.snapshot;
  const daemon = supervisor.config?.checker?.ipvs.lvsSyncDaemon;
  const isMaster = state === "MASTER";
  // What the checker was told: a successor of the VRRP process resumes as something else.
  const wasMaster = supervisor.mirror.instances.get(instance)?.state === "MASTER";
  if (daemon?.instance !== instance || isMaster === wasMaster) return;
  actions.push({ type: "sendToChecker", message: { type: "syncMaster", isMaster } });
}

/** Brings one child in line with a new configuration. */
function reconcile(run: Run, child: Child): void {
  const wanted = isWanted(run.supervisor, child.kind);
  child.isSettled = !wanted;
  if (child.phase === "running" && wanted) configure(run, child);
  else if (child.phase === "running") stopChild(run, child);
  else if (child.phase === "absent" && wanted) startChild(run, child);
  else if (child.phase === "absent" && child.diedAt !== undefined) dismiss(run, child);
  else if (child.phase === "waiting") child.isSettled = true;
  if (child.phase === "waiting" && !wanted) dismiss(run, child);
}

function handleMessage(run: Run, child: Child, message: FromVrrp | FromChecker): void {
  switch (message.type) {
    case "ready":
      child.diedAt = undefined;
      handleReady(run, child, message.generation);
      return;
    case "failed":
      child.failedWith = message.exitCode;
      armKill(run, child);
      log(run, "error", `${childTitle[child.kind]} cannot go on: ${message.error.message}`, {
        ...message.error.data,
        code: message.error.code,
        exitCode: message.exitCode,
      });
      return;
    case "alive":
      noteAlive(run, child);
      return;
    case "stopped":
      if (child.kind === "vrrp" && run.supervisor.exitCode !== undefined) releaseChecker(run);
      return;
    default:
      // Logs, states and statistics are the mirror's and the edge's business.
      return;
  }
}

/**
 * A confirmation that a newer configuration has overtaken changes nothing; the next one follows.
 */
function handleReady({ supervisor }: Run, child: Child, generation: number): void {
  if (generation !== supervisor.generation || supervisor.config === undefined) return;
  child.isSettled = true;
  child.inForce = { generation, config: supervisor.config };
}

/** Without its pipe a child ends by itself (it resigns and cleans up); if not, it is made to. */
function handleDisconnected(run: Run, child: Child): void {
  if (child.phase === "running" || child.phase === "stopping") armKill(run, child);
}

function handleExited(run: Run, child: Child, exit: ChildExit): void {
  const { supervisor } = run;
  if (child.phase !== "running" && child.phase !== "stopping") return;
  const wasStopping = child.phase === "stopping";
  supervisor.deadlines.clear(`kill:${child.kind}`);
  supervisor.deadlines.clear(`stop:${child.kind}`);
  forgetHeartbeat(run, child);
  if (supervisor.isLeaving) {
    handleLeft(run, child);
    return;
  }
  child.phase = "absent";
  child.isSettled = true;
  if (wasStopping) handleOrderlyExit(run, child, exit);
  else handleDeath(run, child, exit);
  if (child.kind === "vrrp" && supervisor.exitCode !== undefined) releaseChecker(run);
}

function handleOrderlyExit(run: Run, child: Child, { exitCode, signal }: ChildExit): void {
  const { supervisor } = run;
  child.diedAt = undefined;
  child.inForce = undefined;
  if (exitCode !== 0) {
    const text = `${childTitle[child.kind]} child process failed to stop in good order: `;
    log(run, "warn", `${text}addresses or services may be left behind`, { exitCode, signal });
  }
  if (child.kind === "vrrp") forgetVrrp(supervisor.mirror);
  else forgetChecker(supervisor.mirror);
  if (supervisor.exitCode === undefined && supervisor.deadlines.at(`restart:${child.kind}`)) {
    child.phase = "waiting";
    return;
  }
  // A reload took its part away and a second one brought it back meanwhile.
  if (supervisor.exitCode === undefined && isWanted(supervisor, child.kind)) startChild(run, child);
}

function handleDeath(run: Run, child: Child, exit: ChildExit): void {
  const { supervisor, now } = run;
  const title = childTitle[child.kind];
  const data: LogData = { exitCode: exit.exitCode, signal: exit.signal };
  const permanent = permanentErrors[child.failedWith ?? 0];
  if (child.failedWith !== undefined && permanent !== undefined) {
    const text = `pid ${exit.pid} exited with permanent error ${permanent}. Terminating`;
    log(run, "error", text, data);
    if (child.inForce !== undefined) {
      log(
        run,
        "warn",
        `${title}: what an earlier child process had put in place stays there`,
        data,
      );
    }
    beginStop(run, child.failedWith);
    return;
  }
  if (supervisor.exitCode !== undefined) {
    // Nobody starts a successor that goes on, so what it held is taken away.
    child.diedAt ??= now;
    if (!supervisor.isLeaving) dismiss(run, child);
    return;
  }
  if (!supervisor.options.respawn) {
    log(run, "error", `${title} child process(${exit.pid}) died: Exiting`, data);
    child.diedAt ??= now;
    dismiss(run, child);
    // keepalived stops itself as by SIGTERM here, so its status is 0.
    beginStop(run, 0);
    return;
  }
  log(run, "error", `${title} child process(${exit.pid}) died: Respawning`, data);
  child.diedAt ??= now;
  const delayUs = chargeDeath(child.budget, now - child.startedAt);
  if (delayUs === 0) {
    startChild(run, child);
    return;
  }
  child.phase = "waiting";
  // Peers that lose patience take the addresses over, so they must not stay here that long.
  if (child.kind === "vrrp" && losesMaster(supervisor.mirror, child.inForce?.config.vrrp, delayUs))
    dismiss(run, child);
  supervisor.deadlines.set(`restart:${child.kind}`, now + delayUs);
  const seconds = delayUs / usPerSecond;
  log(run, "warn", `Restart of ${title} process delayed ${seconds} seconds to limit respawn rate`);
}

function handleDeadlines(run: Run): void {
  const { deadlines, children } = run.supervisor;
  for (;;) {
    const due = deadlines.takeDue(run.now);
    if (due === undefined) return;
    if (due === "ready") {
      warnOfUnsettled(run);
      continue;
    }
    const [purpose, kind] = due.split(":") as ["restart" | "stop" | "kill" | "beat", ChildKind];
    // One that withdraws what a dead child left is started anew when it has ended.
    if (purpose === "restart" && children[kind].phase !== "waiting") continue;
    if (purpose === "restart") startChild(run, children[kind]);
    else if (purpose === "beat") handleBeat(run, children[kind]);
    else if (purpose === "stop") stopChild(run, children[kind]);
    else if (!killChild(run, children[kind])) giveUp(run, children[kind]);
  }
}

/** Not even SIGKILL ends a process that hangs inside the kernel; a stop must not hang with it. */
function giveUp(run: Run, child: Child): void {
  const { kind } = child;
  handleExited(run, child, { type: "childExited", kind, pid: null, exitCode: null, signal: null });
}

function warnOfUnsettled(run: Run): void {
  for (const child of Object.values(run.supervisor.children)) {
    if (child.isSettled) continue;
    child.isSettled = true;
    const seconds = readyWaitUs / usPerSecond;
    log(run, "warn", `${childTitle[child.kind]} child process is not ready after ${seconds} s`);
  }
}

/**
 * Begins the orderly end. VRRP first: once it has resigned, clients go to another router, and only
 * then is IPVS emptied here.
 */
function beginStop(run: Run, exitCode: number): void {
  const { supervisor } = run;
  if (supervisor.exitCode !== undefined) return;
  supervisor.exitCode = exitCode;
  supervisor.deadlines.clear("ready");
  log(run, "info", "Stopping");
  run.actions.push({ type: "reportStopping" });
  const { vrrp, checker } = supervisor.children;
  for (const child of [vrrp, checker]) if (child.phase === "waiting") dismiss(run, child);
  if (vrrp.phase === "absent") {
    stopChild(run, checker);
    return;
  }
  stopChild(run, vrrp);
  if (checker.phase === "running") {
    supervisor.deadlines.set("stop:checker", run.now + checkerStopDelayUs);
  }
}

function handleStopRequested(run: Run): void {
  const { supervisor } = run;
  if (supervisor.isLeaving) supervisor.isStopOwed = true;
  else if (supervisor.exitCode === undefined) beginStop(run, 0);
  else hasten(run);
}

/** Told to stop again: VRRP need not wait until another router has taken over. */
function hasten(run: Run): void {
  const { children, options } = run.supervisor;
  // One that leaves its addresses waits for nobody, and must not be told to take them away.
  if (children.vrrp.phase !== "stopping" || options.keeps?.has("vrrp")) return;
  run.actions.push({ type: "sendToVrrp", message: { type: "stop" } });
}

function releaseChecker(run: Run): void {
  stopChild(run, run.supervisor.children.checker);
}

function reportWhenSettled(run: Run): void {
  const { supervisor } = run;
  if (supervisor.isReadyReported || supervisor.config === undefined) return;
  if (supervisor.exitCode !== undefined) return;
  if (childKinds.some((kind) => !supervisor.children[kind].isSettled)) return;
  supervisor.isReadyReported = true;
  supervisor.deadlines.clear("ready");
  run.actions.push({ type: "reportReady", generation: supervisor.generation });
}

function exitWhenEmpty(run: Run): void {
  const { supervisor } = run;
  if (supervisor.exitCode === undefined) return;
  if (childKinds.some((kind) => supervisor.children[kind].phase !== "absent")) return;
  supervisor.isExited = true;
  run.actions.push({ type: "exit", exitCode: supervisor.exitCode });
}

/**
 * keepalived's lib/scheduler.h: a child that ends so would end so again. Only an announced status
 * counts, since Node itself ends with 1 when an exception was not caught, which a restart may cure.
 */
const permanentErrors: Readonly<Record<number, string | undefined>> = {
  1: "FATAL",
  2: "CONFIG",
  4: "MISSING PERMISSION",
};
