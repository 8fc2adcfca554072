// What is put back, and how soon.

import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceOf } from "../core/fixtures.js";
import { RepairPolicy } from "./repair-policy.js";

test("RepairPolicy repairs what is static and what vip_repair names", () => {
  const policy = new RepairPolicy();
  policy.configure([instanceOf({ name: "A", vipRepair: true }), instanceOf({ name: "B" })]);
  assert.deepEqual(
    ["", "A", "B", "C"].map((owner) => policy.repairs(owner)),
    [true, true, false, false],
  );
});

test("RepairPolicy lets a quarrel over one object calm down and forgets it after a while", () => {
  const policy = new RepairPolicy();
  const delays = (object: string, now: number): number[] =>
    Array.from({ length: 7 }, () => policy.delayMs(object, now));
  assert.deepEqual(delays("a", 0), [0, 0, 0, 0, 0, 1_000, 1_000]);
  assert.deepEqual(delays("b", 0)[0], 0);
  assert.deepEqual(delays("a", 10_000_000), [0, 0, 0, 0, 0, 1_000, 1_000]);
});
