// succession.ts and estate.ts: one release of the parent takes the place of another. Time is handed
// in; what a restart of one child does is supervisor.test.ts's matter.

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildConfig, buildSnapshot } from "../testing/builders.js";
import type { ParentAction } from "./action.js";
import { type Estate, estateOf, inherit } from "./estate.js";
import type { ChildKind, ParentEvent } from "./event.js";
import { handle } from "./supervisor.js";
import { createSupervisor, type Supervisor } from "./supervisor-state.js";

const second = 1_000_000;
const kinds: readonly ChildKind[] = ["vrrp", "checker"];

function newSupervisor(): Supervisor {
  return createSupervisor({ kinds: new Set(kinds), respawn: true });
}

function brief(actions: readonly ParentAction[]): string[] {
  return actions.flatMap((action) => {
    if (action.type === "log") return [];
    if (action.type === "sendToVrrp" || action.type === "sendToChecker") {
      const { message } = action;
      const resumes = message.type === "configure" ? ` resume ${message.resume.length}` : "";
      return [`${action.type} ${message.type}${resumes}`];
    }
    return "kind" in action ? [`${action.type} ${action.kind}`] : [action.type];
  });
}

function exited(kind: ChildKind): ParentEvent {
  return { type: "childExited", kind, pid: 1, exitCode: null, signal: "SIGKILL" };
}

/** Both children at work, one instance MASTER. */
function atWork(): Supervisor {
  const subject = newSupervisor();
  handle(subject, { type: "configured", config: buildConfig("vrrp checker") }, 0);
  for (const type of ["vrrpSaid", "checkerSaid"] as const) {
    handle(subject, { type, message: { type: "ready", generation: 1 } }, 0);
  }
  const [instance] = subject.config?.vrrp?.instances ?? [];
  const snapshot = buildSnapshot({ instance: instance?.name ?? "" });
  const message = { type: "instanceState", previous: "BACKUP", snapshot } as const;
  handle(subject, { type: "vrrpSaid", message }, 0);
  return subject;
}

function left(subject: Supervisor, now: number): Estate {
  const estate = estateOf(subject, [], now);
  assert.ok(estate);
  return estate;
}

test("a succession ends the children without a word, and goes ahead with the last", () => {
  const subject = atWork();
  const began = brief(handle(subject, { type: "successionOrdered" }, second));
  assert.deepEqual(began, ["killChild vrrp", "killChild checker"]);
  assert.deepEqual(brief(handle(subject, exited("checker"), second + 1)), []);
  // Nothing is configured or started any more.
  const reload: ParentEvent = { type: "configured", config: buildConfig("vrrp") };
  assert.deepEqual(brief(handle(subject, reload, second + 1)), []);
  assert.deepEqual(brief(handle(subject, exited("vrrp"), second + 2)), ["succeed"]);
  assert.deepEqual(brief(handle(subject, { type: "deadlineReached" }, 100 * second)), []);
});

test("the heir's children go on with what is in force, then take the heir's configuration", () => {
  const subject = atWork();
  for (const event of [{ type: "successionOrdered" }, exited("vrrp"), exited("checker")] as const) {
    handle(subject, event, second);
  }
  const heir = newSupervisor();
  inherit(heir, structuredClone(left(subject, second)));
  const config = buildConfig("vrrp checker");
  const started = brief(handle(heir, { type: "configured", config }, 1.5 * second));
  assert.deepEqual(started, [
    ...["startChild vrrp", "sendToVrrp configure resume 1", "sendToVrrp configure resume 0"],
    ...["startChild checker", "sendToChecker configure resume 0"],
    "sendToChecker configure resume 0",
  ]);
  assert.equal(heir.generation, 2);
});

test("what the heir's configuration has no more is withdrawn", () => {
  const heir = newSupervisor();
  inherit(heir, left(atWork(), second));
  const started = brief(handle(heir, { type: "configured", config: buildConfig("vrrp") }, second));
  assert.deepEqual(started.slice(3), [
    ...["startChild checker", "sendToChecker configure resume 0", "sendToChecker stop"],
  ]);
});

test("an instance that was idle for too long comes back as BACKUP", () => {
  const heir = newSupervisor();
  inherit(heir, left(atWork(), second));
  const config = buildConfig("vrrp checker");
  const actions = handle(heir, { type: "configured", config }, 60 * second);
  const resumed = actions.flatMap((action) =>
    action.type === "sendToVrrp" && action.message.type === "configure"
      ? action.message.resume.map(({ state }) => state)
      : [],
  );
  assert.deepEqual(resumed, ["BACKUP"]);
});

test("a release that cannot be started is replaced by the one that was there", () => {
  const subject = atWork();
  handle(subject, { type: "successionOrdered" }, second);
  handle(subject, exited("vrrp"), second);
  handle(subject, exited("checker"), second);
  assert.deepEqual(brief(handle(subject, { type: "successionFailed" }, 2 * second)), [
    ...["startChild vrrp", "sendToVrrp configure resume 1"],
    ...["startChild checker", "sendToChecker configure resume 0"],
  ]);
});

test("a stop that comes meanwhile is not lost", () => {
  const subject = atWork();
  handle(subject, { type: "successionOrdered" }, second);
  assert.deepEqual(brief(handle(subject, { type: "stopRequested" }, second)), []);
  assert.equal(left(subject, second).isStopOwed, true);
  handle(subject, exited("vrrp"), second);
  handle(subject, exited("checker"), second);
  const stopping = brief(handle(subject, { type: "successionFailed" }, second));
  assert.ok(stopping.includes("sendToVrrp stop"), stopping.join());
});

test("a succession does not begin while anything else is under way", () => {
  const starting = newSupervisor();
  handle(starting, { type: "configured", config: buildConfig("vrrp") }, 0);
  const maimed = atWork();
  handle(maimed, exited("vrrp"), 1);
  handle(maimed, exited("vrrp"), 2);
  const stopping = atWork();
  handle(stopping, { type: "stopRequested" }, 1);
  for (const subject of [newSupervisor(), starting, maimed, stopping]) {
    assert.deepEqual(brief(handle(subject, { type: "successionOrdered" }, 3)), []);
  }
});
