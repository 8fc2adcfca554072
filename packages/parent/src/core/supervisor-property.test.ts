// supervisor.ts under any sequence of events: restarts keep to the budget, a stop always ends, and
// no child is started twice at a time.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildConfig, buildSnapshot } from "../testing/builders.js";
import type { ParentAction } from "./action.js";
import { type ChildKind, childKinds, type ParentEvent } from "./event.js";
import { youngUs } from "./restart-budget.js";
import { handle, nextDeadline } from "./supervisor.js";
import { createSupervisor, type Supervisor } from "./supervisor-state.js";

type Step =
  | { readonly type: "wait"; readonly us: number }
  | { readonly type: "reload"; readonly parts: string }
  | { readonly type: "die"; readonly kind: ChildKind; readonly failed: number | undefined }
  | { readonly type: "say"; readonly what: "ready" | "stopped" | "state" }
  | { readonly type: "disconnect"; readonly kind: ChildKind }
  | { readonly type: "stop" };

const anyKind = fc.constantFrom<ChildKind>("vrrp", "checker");
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("wait" as const), us: fc.nat(70_000_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("reload" as const),
      parts: fc.constantFrom("vrrp checker", "vrrp", "checker", "none"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("die" as const),
      kind: anyKind,
      failed: fc.constantFrom(undefined, undefined, undefined, undefined, 70),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("say" as const),
      what: fc.constantFrom("ready", "stopped", "state"),
    }),
  },
  fc.record({ type: fc.constant("disconnect" as const), kind: anyKind }),
);

interface Death {
  readonly at: number;
  readonly livedUs: number;
  /** How many children of its kind had been started until then. */
  readonly order: number;
  /** A reload took the part away: when it comes back it starts afresh. */
  isExcused: boolean;
}

/** A world of children that do as the supervisor orders, seen from outside. */
class World {
  readonly supervisor: Supervisor = createSupervisor({
    kinds: new Set(childKinds),
    respawn: true,
  });
  readonly alive: Set<ChildKind> = new Set();
  readonly starts: Record<ChildKind, number[]> = { vrrp: [], checker: [] };
  /** Per kind: the life in microseconds of each child that died unasked, beside its death. */
  readonly deaths: Record<ChildKind, Death[]> = { vrrp: [], checker: [] };
  /** Children that were told to stop or killed: their end is no death. */
  readonly asked: Set<ChildKind> = new Set();
  /** Children that not even SIGKILL ends. */
  isStuck = false;
  readonly #killed: ChildKind[] = [];
  exitCode: number | undefined;
  now = 0;

  feed(event: ParentEvent): void {
    for (const action of handle(this.supervisor, event, this.now)) this.#obey(action);
    for (const kind of this.#killed.splice(0)) if (!this.isStuck) this.die(kind);
  }

  /** Lets time pass, serving every deadline on the way. */
  wait(us: number): void {
    const end = this.now + us;
    for (;;) {
      const deadline = nextDeadline(this.supervisor);
      if (deadline === undefined || deadline > end) break;
      this.now = Math.max(this.now, deadline);
      this.feed({ type: "deadlineReached" });
    }
    this.now = end;
  }

  die(kind: ChildKind): void {
    if (!this.alive.delete(kind)) return;
    const startedAt = this.starts[kind].at(-1) ?? 0;
    if (!this.asked.delete(kind)) {
      const order = this.starts[kind].length;
      this.deaths[kind].push({
        at: this.now,
        livedUs: this.now - startedAt,
        order,
        isExcused: false,
      });
    }
    this.feed({ type: "childExited", kind, pid: 1, exitCode: 1, signal: null });
  }

  #obey(action: ParentAction): void {
    if (action.type === "startChild") {
      assert.ok(!this.alive.has(action.kind), "a second child of one kind was started");
      assert.equal(this.exitCode, undefined, "a child was started after the end");
      this.alive.add(action.kind);
      this.starts[action.kind].push(this.now);
    } else if (action.type === "sendToVrrp" && action.message.type === "stop") {
      this.asked.add("vrrp");
    } else if (action.type === "sendToChecker" && action.message.type === "stop") {
      this.asked.add("checker");
    } else if (action.type === "killChild") {
      this.#killed.push(action.kind);
    } else if (action.type === "exit") {
      assert.ok(this.isStuck || this.alive.size === 0, "the parent ended before its children");
      this.exitCode = action.exitCode;
    }
  }
}

function play(world: World, step: Step): void {
  switch (step.type) {
    case "wait":
      world.wait(step.us);
      return;
    case "reload":
      for (const kind of childKinds) {
        const last = world.deaths[kind].at(-1);
        if (last !== undefined && !step.parts.includes(kind)) last.isExcused = true;
      }
      world.feed({ type: "configured", config: buildConfig(step.parts) });
      return;
    case "die":
      if (step.failed !== undefined && step.kind === "vrrp" && world.alive.has("vrrp")) {
        const error = { code: "X", message: "x", data: {} };
        const message = { type: "failed", exitCode: step.failed, error } as const;
        world.feed({ type: "vrrpSaid", message });
      }
      world.die(step.kind);
      return;
    case "say":
      if (!world.alive.has("vrrp")) return;
      world.feed({ type: "vrrpSaid", message: said(world, step.what) });
      return;
    case "disconnect":
      if (!world.alive.has(step.kind)) return;
      world.feed({ type: "childDisconnected", kind: step.kind });
      return;
    case "stop":
      world.feed({ type: "stopRequested" });
      return;
  }
}

function said(world: World, what: "ready" | "stopped" | "state") {
  if (what === "stopped") return { type: "stopped" } as const;
  if (what === "ready") {
    return { type: "ready", generation: Math.max(1, world.supervisor.generation) } as const;
  }
  const snapshot = buildSnapshot();
  return { type: "instanceState", previous: "BACKUP", snapshot } as const;
}

/** The wait that keepalived's rule asks for after each death, from nothing but the lives seen. */
function requiredDelays(livesUs: readonly number[]): number[] {
  let young = 0;
  return livesUs.map((livedUs) => {
    young = livedUs >= youngUs ? 1 : young + 1;
    return young === 1 ? 0 : Math.min(60, 2 ** (young - 2)) * 1_000_000;
  });
}

test("handle() never restarts a child earlier than the budget allows, whatever happens", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const world = new World();
      world.feed({ type: "configured", config: buildConfig("vrrp checker") });
      for (const step of steps) play(world, step);
      world.wait(120_000_000);
      for (const kind of childKinds) {
        const deaths = world.deaths[kind];
        const delays = requiredDelays(deaths.map((death) => death.livedUs));
        deaths.forEach((death, i) => {
          // The next start is the one that follows as many starts as there were ends before it.
          const next = world.starts[kind][death.order];
          if (next === undefined || death.isExcused) return;
          assert.ok(next - death.at >= (delays[i] ?? 0), `${kind} came back too early`);
        });
      }
    }),
    { numRuns: 500 },
  );
});

test("handle() always ends a stop: in 15 s if children hang, at once if they obey", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), fc.boolean(), (steps, obey) => {
      const world = new World();
      world.feed({ type: "configured", config: buildConfig("vrrp checker") });
      for (const step of steps) play(world, step);
      const stoppedAt = world.now;
      world.isStuck = !obey;
      play(world, { type: "stop" });
      if (obey) {
        for (let i = 0; i < 3; i++) for (const kind of [...world.asked]) world.die(kind);
        assert.equal(world.exitCode, 0);
        assert.equal(world.now, stoppedAt);
        return;
      }
      // The checker is told to stop within 4.6 s, killed after 5 s, given up after 5 s more.
      for (let i = 0; i < 40 && !world.supervisor.isExited; i++) world.wait(500_000);
      assert.ok(world.supervisor.isExited);
      assert.ok(world.now - stoppedAt <= 15_100_000);
    }),
    { numRuns: 500 },
  );
});
