// Numbered, bounded, followed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLog, type StateEvent } from "./event-log.js";

function add(log: EventLog, text: string): void {
  log.add({ kind: "instance", name: "VI_1", text, atUs: 1 });
}

test("EventLog numbers events, gives those after an id and tells followers", () => {
  const log = new EventLog();
  const heard: StateEvent[] = [];
  const stop = log.follow((event) => heard.push(event));
  add(log, "one");
  add(log, "two");
  stop();
  add(log, "three");
  assert.deepEqual(
    log.since(1).map(({ id, text }) => [id, text]),
    [
      [2, "two"],
      [3, "three"],
    ],
  );
  assert.deepEqual(
    heard.map(({ text }) => text),
    ["one", "two"],
  );
});

test("EventLog forgets the oldest of many", () => {
  const log = new EventLog();
  for (let n = 0; n < 5_000; n++) add(log, String(n));
  const known = log.since(0);
  assert.ok(known.length >= 500 && known.length <= 1_000);
  assert.equal(known.at(-1)?.text, "4999");
});
