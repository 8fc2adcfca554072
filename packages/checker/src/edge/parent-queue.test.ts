// What the parent is told while it takes nothing, and in which order when it goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FromChecker } from "@keepalived-ts/shared-config/ipc/messages";
import { ParentQueue } from "./parent-queue.js";

class Pipe {
  readonly taken: FromChecker[] = [];
  readonly queue: ParentQueue;
  #unconfirmed: (() => void)[] = [];
  isOpen = true;

  constructor() {
    this.queue = new ParentQueue((messages, written) => {
      if (!this.isOpen) return false;
      this.taken.push(...messages);
      this.#unconfirmed.push(written);
      return true;
    });
  }

  /** The parent reads until nothing is left. */
  drain(): void {
    while (this.#unconfirmed.length > 0) for (const done of this.#unconfirmed.splice(0)) done();
  }
}

function log(text: string): FromChecker {
  return { type: "log", record: { level: "info", text } };
}

function state(realServer: string, isUp: boolean): FromChecker {
  return {
    type: "realServerState",
    snapshot: { virtualServer: "v", realServer, isUp, weight: 1, checks: [] },
    notice: null,
  };
}

test("ParentQueue hands everything on at once while the pipe takes it", () => {
  const pipe = new Pipe();
  const messages = [log("one"), state("a", true), state("a", false), log("two")];
  for (const message of messages) pipe.queue.send(message);
  assert.deepEqual(pipe.taken, messages);
});

test("ParentQueue is bounded while the parent stands still, and keeps the last states", () => {
  const pipe = new Pipe();
  for (let round = 0; round < 10_000; round++) {
    for (const name of ["a", "b", "c"]) pipe.queue.send(state(name, round % 2 === 0));
    pipe.queue.send(log(`round ${round}`));
    pipe.queue.send(log(`again ${round}`));
  }
  pipe.queue.send({ type: "realServerRemoved", virtualServer: "v", realServer: "b" });
  pipe.queue.send({ type: "ready", generation: 7 });
  assert.equal(pipe.taken.length, 8);
  pipe.drain();
  const later = pipe.taken.slice(8);
  assert.ok(later.length < 10_010, `${later.length} messages`);
  const reports = later.filter(({ type }) => type !== "log");
  assert.deepEqual(reports, [
    state("a", false),
    state("c", false),
    { type: "realServerRemoved", virtualServer: "v", realServer: "b" },
    { type: "ready", generation: 7 },
  ]);
  const logs = pipe.taken.flatMap((message) => (message.type === "log" ? message.record.text : []));
  assert.equal(
    logs.at(-1),
    `Dropped ${20_000 - (logs.length - 1)} log records and 0 notices that the parent did not ` +
      "take in time",
  );
});

test("ParentQueue keeps every notice up to a number, and the states of the others", () => {
  const pipe = new Pipe();
  const told = (isUp: boolean): FromChecker => {
    const fifoLine = "RS a v UP";
    const notice = { state: "UP", fifoLine, mailText: null, isStopping: false } as const;
    return { ...state("a", isUp), notice } as FromChecker;
  };
  for (let i = 0; i < 30_000; i++) pipe.queue.send(told(i % 2 === 0));
  pipe.drain();
  const notices = pipe.taken.filter((one) => "notice" in one && one.notice !== null);
  assert.equal(notices.length, 8 + 10_000);
  assert.deepEqual(pipe.taken.at(-2), state("a", false), "the last state");
  const last = pipe.taken.at(-1);
  assert.ok(last?.type === "log");
  assert.match(last.record.text, /^Dropped 0 log records and 19992 notices that/);
});

test("ParentQueue.flush() waits for nobody, and a closed pipe takes nothing", () => {
  const pipe = new Pipe();
  for (let i = 0; i < 100; i++) pipe.queue.send(log(`${i}`));
  pipe.queue.flush();
  assert.equal(pipe.taken.length, 100);
  pipe.isOpen = false;
  for (let i = 0; i < 5_000; i++) pipe.queue.send(log(`${i}`));
  pipe.drain();
  assert.equal(pipe.taken.length, 100);
});
