// A short run of the configuration fuzzer with a fixed seed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzConfigText } from "./config-text.js";

test("loadConfig() stands three seconds of mutated configurations", () => {
  const { runs, withConfig, codes } = fuzzConfigText({ seed: 1, seconds: 3 });
  assert.ok(runs > 100, `only ${runs} texts in three seconds`);
  assert.ok(withConfig > 0, "no text gave a configuration: the mutations are too coarse");
  assert.ok(codes.size > 10, `only ${codes.size} kinds of diagnostics`);
});
