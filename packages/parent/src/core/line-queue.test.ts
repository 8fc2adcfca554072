// Lines that wait for a reader: order, bound, and what is said about it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addLine, createLineQueue, linesMax, passLines } from "./line-queue.js";

test("passLines() keeps the order and what the pipe does not take", () => {
  const queue = createLineQueue();
  const taken: string[] = [];
  for (const line of ["a", "b", "c"]) assert.equal(addLine(queue, line), undefined);
  const take = (room: number) => (line: string) => {
    if (taken.length >= room) return false;
    taken.push(line);
    return true;
  };
  assert.equal(passLines(queue, take(2)), undefined);
  addLine(queue, "d");
  assert.equal(passLines(queue, take(9)), undefined);
  assert.deepEqual(taken, ["a", "b", "c", "d"]);
});

test("addLine() drops the oldest of too many and says so once, passLines() how many", () => {
  const queue = createLineQueue();
  for (let i = 0; i < linesMax; i++) addLine(queue, `${i}`);
  assert.match(addLine(queue, "x") ?? "", /nobody reads it and 1000 lines wait/);
  assert.equal(addLine(queue, "y"), undefined);
  assert.equal(queue.waiting.length, linesMax);
  assert.equal(queue.waiting[0], "2");
  assert.equal(
    passLines(queue, () => true),
    "it is read again, after 2 lines were dropped",
  );
  assert.match(addLine(queue, "z") ?? "x", /x/);
});
