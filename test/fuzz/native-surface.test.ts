// A few seconds of native-surface.ts with every run of the tests; longer by its command line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzInChild } from "./native-surface.js";

const seconds = 4;

test("no argument whatever crashes the addon, and each wrong one gets a coded error", () => {
  for (const seed of [1, Date.now() % 1_000_000]) {
    const { calls, outcomes } = fuzzInChild(seconds / 2, seed);
    assert.ok(calls > 1000, `only ${calls} calls with seed ${seed}`);
    for (const outcome of ["returned", "ERR_INVALID_ARGUMENT", "ERR_CLOSED", "hostile"]) {
      assert.ok((outcomes[outcome] ?? 0) > 0, `never ${outcome} with seed ${seed}`);
    }
  }
});
