// How repeated log records are held back.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { LogLimit } from "./log-limit.js";

const second = 1_000_000;
const record: LogRecord = { level: "warn", text: "the same" };

test("LogLimit.admit() passes a text ten times in ten seconds, the rest as a count", () => {
  const limit = new LogLimit();
  const passed = Array.from({ length: 25 }, (_, i) => limit.admit(record, i).length);
  assert.deepEqual(
    passed,
    Array.from({ length: 25 }, (_, i) => (i < 10 ? 1 : 0)),
  );
  assert.equal(limit.dueAt, 10 * second);
  assert.deepEqual(limit.admit(record, 10 * second), [
    { level: "warn", text: "Held back 15 times: the same" },
    record,
  ]);
  assert.deepEqual(limit.admit(record, 10 * second + 1), [record]);
  assert.equal(limit.dueAt, undefined);
});

test("LogLimit.takeDue() tells what was held back of a text that never comes again", () => {
  const limit = new LogLimit();
  for (let i = 0; i < 12; i++) limit.admit(record, i);
  assert.deepEqual(limit.takeDue(10 * second - 1), []);
  assert.deepEqual(limit.takeDue(10 * second), [
    { level: "warn", text: "Held back 2 times: the same" },
  ]);
  assert.deepEqual(limit.takeDue(20 * second), []);
});

test("LogLimit.admit() tells of what it forgets because there is too much", () => {
  const limit = new LogLimit();
  for (let i = 0; i < 13; i++) limit.admit(record, i);
  const told = Array.from({ length: 1_100 }, (_, i) =>
    limit.admit({ level: "info", text: `text ${i}` }, 100),
  ).flat();
  assert.deepEqual(
    told.filter(({ level }) => level === "warn"),
    [{ level: "warn", text: "Held back 3 times: the same" }],
  );
});

test("LogLimit.admit() does not hold back different texts", () => {
  const limit = new LogLimit();
  for (let i = 0; i < 5000; i++) {
    assert.equal(limit.admit({ level: "info", text: `text ${i}` }, 0).length, 1);
  }
});

test("LogLimit.admit() tells of nothing when nothing was held back", () => {
  const limit = new LogLimit();
  limit.admit(record, 0);
  assert.deepEqual(limit.admit(record, 60 * second), [record]);
});
