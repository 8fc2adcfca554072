// Notify scripts in order, side by side, too slow, too many.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScriptConfig } from "@keepalived-ts/shared-config/schema/config";
import {
  createScriptQueue,
  handleScriptQueue,
  hurriedWaitUs,
  isQuiet,
  nextScriptQueueDeadline,
  overdueMax,
  runningMax,
  type ScriptQueue,
  type ScriptQueueAction,
  type ScriptQueueEvent,
  waitingMax,
} from "./script-queue.js";

/** A queue with a clock; remembers what was started. */
class Bench {
  readonly queue: ScriptQueue = createScriptQueue();
  readonly started: string[] = [];
  readonly killed: string[] = [];
  readonly logged: string[] = [];
  readonly #runs: Map<string, number> = new Map();
  now = 0;

  post(lane: string, ...words: string[]): void {
    const scripts = words.map((word): ScriptConfig => ({ argv: [word], user: "root" }));
    this.#take({ type: "posted", lane, title: lane, scripts });
  }

  end(word: string, status: number | null = 0, failure?: string): void {
    const run = this.#runs.get(word);
    assert(run !== undefined, `${word} is running`);
    this.#runs.delete(word);
    this.#take({ type: "ended", run, status, failure });
  }

  /** Lets the clock reach the next deadline. */
  wait(): void {
    const at = nextScriptQueueDeadline(this.queue);
    assert(at !== undefined, "something is waited for");
    this.now = at;
    this.#take({ type: "deadlineReached" });
  }

  hurry(): void {
    this.#take({ type: "hurried" });
  }

  #take(event: ScriptQueueEvent): void {
    for (const action of handleScriptQueue(this.queue, event, this.now)) this.#note(action);
  }

  #note(action: ScriptQueueAction): void {
    if (action.type === "start") {
      const [word = ""] = action.script.argv;
      this.started.push(word);
      this.#runs.set(word, action.run);
    } else if (action.type === "kill") {
      const [word = ""] = [...this.#runs].find(([, run]) => run === action.run) ?? [];
      this.killed.push(word);
    } else this.logged.push(action.record.text);
  }
}

test("handleScriptQueue() starts the scripts of a change when those before have ended", () => {
  const bench = new Bench();
  bench.post("A", "backup", "notify-backup");
  bench.post("A", "master");
  bench.post("B", "other");
  assert.deepEqual(bench.started, ["backup", "notify-backup", "other"]);
  bench.end("backup");
  assert.equal(bench.started.length, 3);
  bench.end("notify-backup");
  assert.deepEqual(bench.started.slice(3), ["master"]);
  assert.equal(isQuiet(bench.queue), false);
  bench.end("master");
  bench.end("other");
  assert.equal(isQuiet(bench.queue), true);
  assert.equal(bench.queue.lanes.size, 0);
  assert.equal(nextScriptQueueDeadline(bench.queue), undefined);
});

test("handleScriptQueue() without order starts everything at once", () => {
  const bench = new Bench();
  bench.queue.isOrdered = false;
  for (const word of ["backup", "master", "fault"]) bench.post("A", word);
  assert.deepEqual(bench.started, ["backup", "master", "fault"]);
});

test("handleScriptQueue() goes on beside a script that takes too long", () => {
  const bench = new Bench();
  bench.post("A", "hangs");
  bench.post("A", "master");
  bench.wait();
  assert.equal(bench.now, bench.queue.waitUs);
  assert.deepEqual(bench.started, ["hangs", "master"]);
  assert.match(bench.logged[0] ?? "", /Notify script hangs of A takes too long/);
  bench.end("master");
  assert.equal(isQuiet(bench.queue), true);
  bench.post("A", "backup");
  assert.deepEqual(bench.started, ["hangs", "master", "backup"]);
  bench.end("hangs");
  bench.end("backup");
  assert.equal(bench.queue.runs.size, 0);
});

test("handleScriptQueue() loses and reorders none of 1,000 changes that come at once", () => {
  const bench = new Bench();
  const lanes = 10;
  for (let i = 0; i < 1000; i++) bench.post(`L${i % lanes}`, `${i % lanes}:${i}`);
  for (let next = 0; next < bench.started.length; next++) bench.end(bench.started[next] ?? "");
  assert.equal(bench.started.length, 1000);
  for (let lane = 0; lane < lanes; lane++) {
    const numbers = bench.started
      .filter((word) => word.startsWith(`${lane}:`))
      .map((word) => Number(word.split(":")[1]));
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
  }
  assert.deepEqual(bench.logged, []);
});

test("handleScriptQueue() runs a bounded number at a time, in the order in which they came", () => {
  const bench = new Bench();
  for (let i = 0; i < 1000; i++) bench.post(`L${i}`, `${i}`);
  assert.equal(bench.started.length, runningMax);
  bench.end("5");
  assert.equal(bench.started.at(-1), `${runningMax}`);
  for (let next = 0; next < bench.started.length; next++) {
    if (next !== 5) bench.end(bench.started[next] ?? "");
  }
  assert.deepEqual(
    bench.started,
    Array.from({ length: 1000 }, (_, i) => `${i}`),
  );
});

test("handleScriptQueue() drops the oldest when too many wait, and says so", () => {
  const bench = new Bench();
  bench.post("A", "runs");
  for (let i = 0; i < waitingMax; i++) bench.post("A", `${i}`);
  assert.deepEqual(bench.logged, []);
  bench.post("A", "one more");
  bench.post("B", "another");
  assert.equal(bench.queue.waitingCount, waitingMax - 1);
  assert.match(bench.logged[0] ?? "", /Dropped the notify script of A: 16384 wait already/);
  assert.equal(bench.logged.length, 1);
  bench.end("runs");
  assert.deepEqual(bench.started, ["runs", "another", "2"]);
});

test("handleScriptQueue() kills the oldest of too many that do not end", () => {
  const bench = new Bench();
  for (let i = 0; i < overdueMax; i++) bench.post(`L${i}`, `${i}`);
  bench.wait();
  assert.deepEqual(bench.killed, []);
  bench.post("A", "late");
  bench.wait();
  assert.deepEqual(bench.killed, ["0"]);
  assert.match(bench.logged.at(-1) ?? "", /^Killed notify script 0 of L0/);
  bench.end("0", null);
  assert.equal(bench.queue.runs.size, overdueMax);
});

test("handleScriptQueue() gives what runs at a stop a second, and the rest not much more", () => {
  const bench = new Bench();
  bench.post("A", "hangs");
  bench.hurry();
  bench.post("A", "stop");
  bench.wait();
  assert.equal(bench.now, hurriedWaitUs);
  assert.deepEqual(bench.started, ["hangs", "stop"]);
  bench.wait();
  assert.equal(isQuiet(bench.queue), true);
});

test("handleScriptQueue() tells of a script that fails", () => {
  const bench = new Bench();
  bench.post("A", "a", "b", "c");
  bench.end("a", 3);
  bench.end("b", null);
  bench.end("c", null, "ENOENT");
  assert.deepEqual(bench.logged, [
    "The notify script a of A exited with status 3",
    "A signal ended notify script b of A",
    "Cannot run notify script c of A: ENOENT",
  ]);
});
