// The arithmetic of waiting.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nextBeat, skewUs } from "./timers.js";

test("skewUs() is a share of a second in version 2, of the interval in version 3", () => {
  assert.equal(skewUs(2, 100, 5_000_000), 609_375);
  assert.equal(skewUs(2, 255, 1_000_000), 3_906);
  assert.equal(skewUs(3, 100, 100_000), 60_937);
  assert.equal(skewUs(3, 254, 10_000), 78);
  assert.equal(skewUs(3, 1, 4_000_000), 3_984_375);
});

test("nextBeat() keeps the grid unless that instant has passed", () => {
  assert.equal(nextBeat(100, 10, 103), 110);
  assert.equal(nextBeat(100, 10, 110), 120);
  assert.equal(nextBeat(100, 10, 555), 565);
});
