// Classes of durations.

import assert from "node:assert/strict";
import { test } from "node:test";
import { histogramBoundsUs, newHistogram, observe } from "./histogram.js";

test("observe() counts in the first class that a duration fits in, the last without end", () => {
  const histogram = newHistogram();
  for (const us of [0, 100, 101, 10_000_000, 10_000_001]) observe(histogram, us);
  const filled = histogram.counts.flatMap((count, i) => (count > 0 ? [[i, count]] : []));
  const last = histogramBoundsUs.length;
  assert.deepEqual(filled, [
    [0, 2],
    [1, 1],
    [last - 1, 1],
    [last, 1],
  ]);
  assert.equal(histogram.sumUs, 20_000_202);
});
