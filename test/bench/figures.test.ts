// A bench that computes its figures wrongly is worse than none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { figuresOf, tableOf } from "./figures.js";

test("figuresOf() gives median, nearest-rank p90 and extremes", () => {
  const values = [5, 1, 4, 2, 3, 10, 9, 8, 7, 6];
  assert.deepEqual(figuresOf(values), { n: 10, min: 1, median: 5.5, p90: 9, max: 10 });
  assert.deepEqual(figuresOf([3, 1, 2]), { n: 3, min: 1, median: 2, p90: 3, max: 3 });
});

test("tableOf() has a row for each contender", () => {
  const figures = figuresOf([0.5]);
  const row = { benchmark: "failover", quantity: "excess, ms", contender: "a", figures };
  const table = tableOf([row, { ...row, contender: "b" }]);
  assert.match(table, /\| failover \| excess, ms \| b \| 0\.50 \| 0\.50 \| 0\.50 \| 1 \|\n$/);
});
