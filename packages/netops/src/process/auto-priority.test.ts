// When a process with late timers rises to a real-time priority.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nextAutoPriority } from "./auto-priority.js";

const rule = { maximum: 3, delayUs: 1_000_000 };

test("nextAutoPriority() rises by one for every timer that is late, up to the maximum", () => {
  assert.equal(nextAutoPriority(rule, 0, 999_999), undefined);
  assert.equal(nextAutoPriority(rule, 0, 1_000_000), 1);
  assert.equal(nextAutoPriority(rule, 2, 5_000_000), 3);
  assert.equal(nextAutoPriority(rule, 3, 5_000_000), undefined);
});

test("nextAutoPriority() never rises when max_auto_priority is 0 or -1", () => {
  for (const maximum of [0, -1]) {
    assert.equal(nextAutoPriority({ ...rule, maximum }, 0, 9_000_000), undefined);
  }
});
