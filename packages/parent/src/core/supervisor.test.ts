// supervisor.ts by tables: start, reload, death, stop, statuses. Time is handed in.

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  FromVrrp,
  InstanceSnapshot,
  VrrpStateName,
} from "@keepalived-ts/shared-config/ipc/messages";
import { buildConfig, buildSnapshot } from "../testing/builders.js";
import type { ParentAction } from "./action.js";
import { childWaitUs } from "./child-orders.js";
import type { ChildKind, ParentEvent } from "./event.js";
import { checkerStopDelayUs, handle, nextDeadline, readyWaitUs } from "./supervisor.js";
import { createSupervisor, type Supervisor } from "./supervisor-state.js";

const second = 1_000_000;

function supervisor(kinds: ChildKind[] = ["vrrp", "checker"], respawn = true): Supervisor {
  return createSupervisor({ kinds: new Set(kinds), respawn });
}

/** Actions in short: type, and what tells one from another. Logs are left out. */
function brief(actions: readonly ParentAction[]): string[] {
  return actions.map(briefOne).filter((text) => text !== "");
}

function briefOne(action: ParentAction): string {
  switch (action.type) {
    case "log":
      return "";
    case "sendToVrrp":
    case "sendToChecker": {
      const target = action.type === "sendToVrrp" ? "vrrp" : "checker";
      const { message } = action;
      if (message.type !== "configure") return `${message.type} ${target}`;
      return `configure ${target} ${message.generation} resume ${message.resume.length}`;
    }
    case "startChild":
      return `start ${action.kind}`;
    case "observeChild":
      return `observe ${action.kind}`;
    case "killChild":
      return `kill ${action.kind}`;
    case "reportReady":
      return `ready ${action.generation}`;
    case "reportStopping":
      return "stopping";
    case "succeed":
      return "succeed";
    case "exit":
      return `exit ${action.exitCode}`;
  }
}

function logTexts(actions: readonly ParentAction[]): string[] {
  return actions.flatMap((action) => (action.type === "log" ? [action.record.text] : []));
}

function configured(parts: string): ParentEvent {
  return { type: "configured", config: buildConfig(parts) };
}

function exited(kind: ChildKind, exitCode: number | null, signal: string | null): ParentEvent {
  return { type: "childExited", kind, pid: 99, exitCode, signal };
}

function vrrpSaid(message: FromVrrp): ParentEvent {
  return { type: "vrrpSaid", message };
}

function failed(exitCode: number): ParentEvent {
  const error = { code: "EPERM", message: "Cannot open a raw socket", data: {} };
  return vrrpSaid({ type: "failed", exitCode, error });
}

/** Both children up and ready, generation 1, at instant 0. */
function running(subject: Supervisor = supervisor()): Supervisor {
  handle(subject, configured("vrrp checker"), 0);
  handle(subject, vrrpSaid({ type: "ready", generation: 1 }), 0);
  const message = { type: "ready", generation: 1 } as const;
  handle(subject, { type: "checkerSaid", message }, 0);
  return subject;
}

function recordMaster(subject: Supervisor): void {
  const snapshot = buildSnapshot({ state: "MASTER" });
  handle(subject, vrrpSaid({ type: "instanceState", previous: "BACKUP", snapshot }), 0);
}

test("handle() starts just the children that the configuration and the options want", () => {
  const rows: [string, ChildKind[], string[]][] = [
    ["vrrp checker", ["vrrp", "checker"], ["start vrrp", "start checker"]],
    ["vrrp", ["vrrp", "checker"], ["start vrrp"]],
    ["checker", ["vrrp", "checker"], ["start checker"]],
    ["vrrp checker", ["vrrp"], ["start vrrp"]],
    ["vrrp checker", ["checker"], ["start checker"]],
  ];
  for (const [parts, kinds, starts] of rows) {
    const actions = brief(handle(supervisor(kinds), configured(parts), 0));
    assert.deepEqual(
      actions.filter((action) => action.startsWith("start")),
      starts,
    );
    assert.ok(!actions.includes("ready 1"));
  }
});

test("handle() configures a child right behind its start, so that it never waits for it", () => {
  assert.deepEqual(brief(handle(supervisor(), configured("vrrp"), 0)), [
    "start vrrp",
    "configure vrrp 1 resume 0",
  ]);
});

test("handle() is ready at once, with a warning, when no child is wanted", () => {
  const actions = handle(supervisor(), configured("none"), 0);
  assert.deepEqual(brief(actions), ["ready 1"]);
  assert.deepEqual(logTexts(actions), ["Warning - keepalived has no configuration to run"]);
});

test("handle() reports ready once every child has the present generation", () => {
  const subject = supervisor();
  handle(subject, configured("vrrp checker"), 0);
  const ready = { type: "ready", generation: 1 } as const;
  assert.deepEqual(brief(handle(subject, vrrpSaid(ready), 1)), []);
  assert.deepEqual(brief(handle(subject, { type: "checkerSaid", message: ready }, 2)), ["ready 1"]);
  assert.equal(nextDeadline(subject), undefined);
  const reload = brief(handle(subject, configured("vrrp checker"), 3));
  assert.deepEqual(reload, ["configure vrrp 2 resume 0", "configure checker 2 resume 0"]);
  assert.deepEqual(brief(handle(subject, vrrpSaid(ready), 4)), [], "an old generation counts not");
});

test("handle() stops waiting for a silent child after a while, and says so", () => {
  const subject = supervisor();
  handle(subject, configured("vrrp"), 0);
  assert.equal(nextDeadline(subject), readyWaitUs);
  const actions = handle(subject, { type: "deadlineReached" }, readyWaitUs);
  assert.deepEqual(brief(actions), ["ready 1"]);
  assert.deepEqual(logTexts(actions), ["VRRP child process is not ready after 30 s"]);
});

test("handle() restarts a killed VRRP child at once with what it had", () => {
  const subject = running();
  const snapshot = buildSnapshot();
  handle(subject, vrrpSaid({ type: "instanceState", previous: "BACKUP", snapshot }), 5);
  const actions = handle(subject, exited("vrrp", null, "SIGKILL"), 10);
  assert.deepEqual(brief(actions), ["start vrrp", "configure vrrp 1 resume 1"]);
  assert.deepEqual(logTexts(actions), ["VRRP child process(99) died: Respawning"]);
});

test("handle() counts the outage from the first of several deaths", () => {
  const subject = running();
  const snapshot = buildSnapshot();
  handle(subject, vrrpSaid({ type: "instanceState", previous: "BACKUP", snapshot }), 5);
  handle(subject, exited("vrrp", null, "SIGKILL"), 10);
  handle(subject, exited("vrrp", null, "SIGKILL"), 2 * second);
  const actions = handle(subject, { type: "deadlineReached" }, 3.5 * second);
  const sent = actions.find((action) => action.type === "sendToVrrp")?.message;
  assert.ok(sent?.type === "configure");
  assert.equal(sent.resume[0]?.state, "BACKUP");
});

test("handle() delays further restarts of a child that keeps dying young", () => {
  const subject = running();
  assert.deepEqual(brief(handle(subject, exited("vrrp", 1, null), 0)).slice(0, 1), ["start vrrp"]);
  assert.deepEqual(brief(handle(subject, exited("vrrp", 1, null), 10)), []);
  assert.equal(nextDeadline(subject), 10 + second);
  assert.deepEqual(brief(handle(subject, { type: "deadlineReached" }, 10 + second - 1)), []);
  const due = brief(handle(subject, { type: "deadlineReached" }, 10 + second));
  assert.deepEqual(due, ["start vrrp", "configure vrrp 1 resume 0"]);
});

test("handle() ends with the status that a child announced, after the others have stopped", () => {
  for (const exitCode of [1, 2, 4]) {
    const subject = running();
    handle(subject, failed(exitCode), 1);
    const actions = handle(subject, exited("vrrp", exitCode, null), 2);
    assert.deepEqual(brief(actions), ["stopping", "stop checker"]);
    const names = { 1: "FATAL", 2: "CONFIG", 4: "MISSING PERMISSION" }[exitCode];
    const text = `pid 99 exited with permanent error ${names}. Terminating`;
    assert.ok(logTexts(actions).includes(text));
    assert.deepEqual(brief(handle(subject, exited("checker", 0, null), 3)), [`exit ${exitCode}`]);
  }
});

test("handle() takes a status that is not announced or not permanent for a crash", () => {
  const crash = running();
  assert.equal(brief(handle(crash, exited("vrrp", 1, null), 2))[0], "start vrrp");
  const announced = running();
  handle(announced, failed(70), 1);
  assert.equal(brief(handle(announced, exited("vrrp", 70, null), 2))[0], "start vrrp");
});

test("handle() ends with 0 after any death when children shall not be restarted", () => {
  const subject = running(supervisor(["vrrp", "checker"], false));
  assert.deepEqual(brief(handle(subject, exited("checker", null, "SIGSEGV"), 1)), [
    ...["start checker", "configure checker 1 resume 0", "stop checker"],
    ...["stopping", "stop vrrp"],
  ]);
  assert.deepEqual(brief(handle(subject, exited("vrrp", 0, null), 2)), []);
  assert.deepEqual(brief(handle(subject, exited("checker", 0, null), 3)), ["exit 0"]);
});

test("handle() at a stop withdraws what a dead child left, though its restart is pending", () => {
  const subject = running(supervisor(["vrrp"]));
  recordMaster(subject);
  handle(subject, exited("vrrp", null, "SIGKILL"), 1);
  handle(subject, exited("vrrp", null, "SIGKILL"), 2);
  assert.deepEqual(brief(handle(subject, { type: "stopRequested" }, 3)), [
    ...["stopping", "start vrrp", "configure vrrp 1 resume 1", "stop vrrp"],
  ]);
  assert.deepEqual(brief(handle(subject, exited("vrrp", 0, null), 4)), ["exit 0"]);
});

test("handle() at a reload withdraws what a dead child left of a part that vanished", () => {
  const subject = running();
  recordMaster(subject);
  handle(subject, exited("vrrp", null, "SIGKILL"), 1);
  handle(subject, exited("vrrp", null, "SIGKILL"), 2);
  assert.deepEqual(brief(handle(subject, configured("checker"), 3)), [
    ...["start vrrp", "configure vrrp 1 resume 1", "stop vrrp", "configure checker 2 resume 0"],
  ]);
});

test("handle() starts a successor with what was in force, and only then tells of a reload", () => {
  const subject = running(supervisor(["vrrp"]));
  recordMaster(subject);
  handle(subject, exited("vrrp", null, "SIGKILL"), 1);
  handle(subject, exited("vrrp", null, "SIGKILL"), 2);
  handle(subject, configured("vrrp"), 3);
  assert.deepEqual(brief(handle(subject, { type: "deadlineReached" }, 10 * second)), [
    ...["start vrrp", "configure vrrp 1 resume 1", "configure vrrp 2 resume 0"],
  ]);
});

test("handle() withdraws at once what a MASTER left that is away for too long", () => {
  const subject = running(supervisor(["vrrp"]));
  recordMaster(subject);
  const killed = exited("vrrp", null, "SIGKILL");
  let now = 1;
  // The first restart is immediate, the next two come within the peers' three intervals.
  for (const delay of [0, 1, 2]) {
    handle(subject, killed, now);
    now += delay * second;
    handle(subject, { type: "deadlineReached" }, now);
  }
  assert.deepEqual(brief(handle(subject, killed, now)), [
    ...["start vrrp", "configure vrrp 1 resume 1", "stop vrrp"],
  ]);
  assert.deepEqual(brief(handle(subject, exited("vrrp", 0, null), now + 1)), []);
  assert.deepEqual(brief(handle(subject, { type: "deadlineReached" }, now + 4 * second)), [
    ...["start vrrp", "configure vrrp 1 resume 0"],
  ]);
});

test("handle() says so when a child that was told to stop ended otherwise", () => {
  const subject = running(supervisor(["vrrp"]));
  handle(subject, { type: "stopRequested" }, 1);
  const end = handle(subject, exited("vrrp", null, "SIGSEGV"), 2);
  assert.match(logTexts(end).join(), /failed to stop in good order/);
  assert.deepEqual(brief(end), ["exit 0"]);
});

test("handle() stops VRRP first, and the checker once VRRP has withdrawn", () => {
  const subject = running();
  assert.deepEqual(brief(handle(subject, { type: "stopRequested" }, 0)), ["stopping", "stop vrrp"]);
  assert.deepEqual(brief(handle(subject, vrrpSaid({ type: "stopped" }), 1)), ["stop checker"]);
  assert.deepEqual(brief(handle(subject, exited("vrrp", 0, null), 2)), []);
  assert.deepEqual(brief(handle(subject, exited("checker", 0, null), 3)), ["exit 0"]);
  assert.deepEqual(brief(handle(subject, { type: "stopRequested" }, 4)), []);
});

test("handle() hastens VRRP when it is told to stop again", () => {
  const subject = running();
  handle(subject, { type: "stopRequested" }, 0);
  assert.deepEqual(brief(handle(subject, { type: "stopRequested" }, 1)), ["stop vrrp"]);
});

test("handle() stops the checker though VRRP hangs, and kills what does not end", () => {
  const subject = running();
  handle(subject, { type: "stopRequested" }, 0);
  const afterSecond = handle(subject, { type: "deadlineReached" }, checkerStopDelayUs);
  assert.deepEqual(brief(afterSecond), ["stop checker"]);
  const kills = brief(handle(subject, { type: "deadlineReached" }, childWaitUs));
  assert.deepEqual(kills, ["kill vrrp"]);
  handle(subject, exited("vrrp", null, "SIGKILL"), childWaitUs + 1);
  const later = handle(subject, { type: "deadlineReached" }, childWaitUs + checkerStopDelayUs);
  assert.deepEqual(brief(later), ["kill checker"]);
  const end = handle(subject, exited("checker", null, "SIGKILL"), childWaitUs + second + 1);
  assert.deepEqual(brief(end), ["exit 0"]);
});

test("handle() leaves a child behind that not even SIGKILL ends", () => {
  const subject = supervisor();
  handle(subject, configured("vrrp"), 0);
  handle(subject, { type: "stopRequested" }, 0);
  assert.deepEqual(brief(handle(subject, { type: "deadlineReached" }, childWaitUs)), ["kill vrrp"]);
  const end = handle(subject, { type: "deadlineReached" }, 2 * childWaitUs);
  assert.deepEqual(brief(end), ["exit 0"]);
  const [text] = logTexts(end);
  assert.equal(text, "VRRP child process did not end by SIGKILL, leaving it behind");
});

test("handle() stops before anything was configured, and while a restart is pending", () => {
  assert.deepEqual(brief(handle(supervisor(), { type: "stopRequested" }, 0)), [
    "stopping",
    "exit 0",
  ]);
  const subject = supervisor();
  handle(subject, configured("vrrp"), 0);
  handle(subject, exited("vrrp", 1, null), 1);
  handle(subject, exited("vrrp", 1, null), 2);
  assert.deepEqual(brief(handle(subject, { type: "stopRequested" }, 3)), ["stopping", "exit 0"]);
  assert.equal(nextDeadline(subject), undefined);
});

test("handle() at a reload starts the part that appeared and stops the one that vanished", () => {
  const subject = supervisor();
  handle(subject, configured("vrrp"), 0);
  handle(subject, vrrpSaid({ type: "ready", generation: 1 }), 1);
  assert.deepEqual(brief(handle(subject, configured("checker"), 2)), [
    "stop vrrp",
    "start checker",
    "configure checker 2 resume 0",
  ]);
  assert.deepEqual(brief(handle(subject, exited("vrrp", 0, null), 3)), []);
});

test("handle() starts a part afresh that came back while its child was stopping", () => {
  const subject = running();
  const snapshot = buildSnapshot();
  handle(subject, vrrpSaid({ type: "instanceState", previous: "BACKUP", snapshot }), 1);
  handle(subject, configured("checker"), 2);
  assert.deepEqual(brief(handle(subject, configured("vrrp checker"), 3)), [
    "configure checker 3 resume 0",
  ]);
  const actions = handle(subject, exited("vrrp", 0, null), 4);
  assert.deepEqual(brief(actions), ["start vrrp", "configure vrrp 3 resume 0"]);
});

test("handle() ends no back-off at a reload, and drops the restart of a part that vanished", () => {
  const subject = supervisor();
  handle(subject, configured("vrrp"), 0);
  handle(subject, exited("vrrp", 1, null), 1);
  handle(subject, exited("vrrp", 1, null), 2);
  assert.deepEqual(brief(handle(subject, configured("vrrp"), 3)), ["ready 2"]);
  assert.equal(nextDeadline(subject), 2 + second);
  assert.deepEqual(brief(handle(subject, configured("none"), 4)), ["ready 3"]);
  assert.equal(nextDeadline(subject), undefined);
});

test("handle() kills a child that lost its pipe and stays", () => {
  const subject = running();
  handle(subject, { type: "childDisconnected", kind: "vrrp" }, 0);
  const actions = brief(handle(subject, { type: "deadlineReached" }, childWaitUs));
  assert.deepEqual(actions, ["kill vrrp"]);
  const death = brief(handle(subject, exited("vrrp", null, "SIGKILL"), childWaitUs + 1));
  assert.equal(death[0], "start vrrp");
});

test("handle() takes no configuration once the stop has begun", () => {
  const subject = running();
  handle(subject, { type: "stopRequested" }, 0);
  assert.deepEqual(brief(handle(subject, configured("vrrp"), 1)), []);
});

test("vrrpSaid: the checker hears when the instance that lvs_sync_daemon follows changes", () => {
  const subject = running();
  const config = buildConfig("vrrp checker");
  assert.ok(config.checker !== undefined);
  const lvsSyncDaemon = { interface: "eth0", instance: "VI_1", syncId: 1 };
  const checker = { ...config.checker, ipvs: { ...config.checker.ipvs, lvsSyncDaemon } };
  handle(subject, { type: "configured", config: { ...config, checker } }, 0);
  const told = (previous: VrrpStateName, snapshot: InstanceSnapshot): unknown[] =>
    handle(subject, vrrpSaid({ type: "instanceState", previous, snapshot }), 0).flatMap((action) =>
      action.type === "sendToChecker" ? [action.message] : [],
    );
  const master = buildSnapshot({ instance: "VI_1", state: "MASTER" });
  assert.deepEqual(told("BACKUP", master), [{ type: "syncMaster", isMaster: true }]);
  assert.deepEqual(told("MASTER", master), []);
  assert.deepEqual(told("BACKUP", { ...master, instance: "VI_2" }), []);
  assert.deepEqual(told("MASTER", { ...master, state: "FAULT" }), [
    { type: "syncMaster", isMaster: false },
  ]);
  // A successor of the VRRP process that comes too late does not know that it was MASTER.
  assert.deepEqual(told("BACKUP", master), [{ type: "syncMaster", isMaster: true }]);
  assert.deepEqual(told("BACKUP", { ...master, state: "BACKUP" }), [
    { type: "syncMaster", isMaster: false },
  ]);
});

test("a checker that dies while the daemon stops leaves no services behind", () => {
  const subject = running();
  handle(subject, { type: "stopRequested" }, 0);
  const died = handle(subject, exited("checker", null, "SIGKILL"), 1);
  assert.deepEqual(brief(died), ["start checker", "configure checker 1 resume 0", "stop checker"]);
  handle(subject, exited("vrrp", 0, null), 2);
  assert.deepEqual(brief(handle(subject, exited("checker", 0, null), 3)), ["exit 0"]);
});

test("a child that SIGKILL does not end is replaced by one that goes on", () => {
  const subject = running();
  handle(subject, { type: "childDisconnected", kind: "checker" }, 0);
  handle(subject, { type: "deadlineReached" }, childWaitUs);
  const given = handle(subject, { type: "deadlineReached" }, 2 * childWaitUs);
  assert.deepEqual(subject.children.checker.diedAt, 2 * childWaitUs);
  assert.ok(brief(given).includes("start checker"), brief(given).join());
});

test("-V and -I: children keep what they have when the daemon stops, not at a reload", () => {
  const stops = (actions: readonly ParentAction[]): unknown[] =>
    actions.flatMap((action) =>
      (action.type === "sendToVrrp" || action.type === "sendToChecker") &&
      action.message.type === "stop"
        ? [action.message]
        : [],
    );
  const kinds = new Set(["vrrp", "checker"] as const);
  const kept = createSupervisor({ kinds, respawn: true, keeps: kinds });
  handle(kept, configured("vrrp checker"), second);
  assert.deepEqual(stops(handle(kept, configured("vrrp"), second)), [{ type: "stop" }]);
  handle(kept, exited("checker", 0, null), second);
  const keeps = [{ type: "stop", keeps: true }];
  assert.deepEqual(stops(handle(kept, { type: "stopRequested" }, second)), keeps);
  assert.deepEqual(stops(handle(kept, { type: "stopRequested" }, second)), []);
});

test("child_wait_time says when a child that does not stop is killed", () => {
  const waiting = supervisor(["vrrp"]);
  const config = buildConfig("vrrp");
  const global = { ...config.global, childWaitTimeUs: 2 * second };
  handle(waiting, { type: "configured", config: { ...config, global } }, second);
  handle(waiting, { type: "stopRequested" }, second);
  assert.equal(nextDeadline(waiting), 3 * second);
  assert.deepEqual(brief(handle(waiting, { type: "deadlineReached" }, 3 * second)), ["kill vrrp"]);
});
