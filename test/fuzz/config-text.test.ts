// A short run of the configuration fuzzer with a fixed seed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzConfigText } from "./config-text.js";

const count = 1_000;

test(`loadConfig() stands ${count} mutated configurations`, () => {
  const { runs, withConfig, codes } = fuzzConfigText({ seed: 1, seconds: 300, count });
  assert.equal(runs, count);
  assert.ok(withConfig > 0, "no text gave a configuration: the mutations are too coarse");
  assert.ok(codes.size > 10, `only ${codes.size} kinds of diagnostics`);
});
