// Work that is not urgent: all of it, in small portions, and anew when something has changed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Preparation } from "./preparation.js";

class Turns {
  readonly done: string[] = [];
  readonly preparation = new Preparation((task) => void this.#tasks.push(task), 32);
  #tasks: (() => void)[] = [];

  start(...steps: readonly string[]): void {
    const { done } = this;
    this.preparation.start(function* () {
      for (const step of steps) yield void done.push(step);
    });
  }

  /** One turn of the event loop; false if there was nothing to do in it. */
  turn(): boolean {
    const tasks = this.#tasks.splice(0);
    for (const task of tasks) task();
    return tasks.length > 0;
  }

  all(): string[] {
    while (this.turn());
    return this.done;
  }
}

test("Preparation does all steps in their order, none at once", () => {
  const turns = new Turns();
  turns.start("a", "b", "c");
  assert.deepEqual(turns.done, []);
  assert.deepEqual(turns.all(), ["a", "b", "c"]);
});

test("Preparation leaves most steps to later turns of the event loop", () => {
  const turns = new Turns();
  turns.start(...Array.from({ length: 200 }, (_, i) => `${i}`));
  turns.turn();
  assert.equal(turns.done.length, 32);
  assert.equal(turns.all().length, 200);
});

test("Preparation begins again when something has changed, and once only", () => {
  const turns = new Turns();
  turns.start("a", "b");
  turns.start("c", "d");
  turns.preparation.restart();
  assert.deepEqual(turns.all(), ["c", "d"]);
  turns.preparation.restart();
  assert.equal(turns.all().length, 4);
});
