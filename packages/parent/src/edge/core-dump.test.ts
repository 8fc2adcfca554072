// The pattern of core files in a file that stands for the kernel's.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/daemon-run.js";
import { setCorePattern } from "./core-dump.js";

test("setCorePattern() sets the pattern and puts the former back, unless it was changed", (t) => {
  const file = join(temporaryFolder(t), "core_pattern");
  writeFileSync(file, "core\n");
  const putBack = setCorePattern("/tmp/core.%p", assert.fail, file);
  assert.equal(readFileSync(file, "utf8"), "/tmp/core.%p\n");
  putBack();
  assert.equal(readFileSync(file, "utf8"), "core\n");
  const again = setCorePattern("/tmp/core.%p", assert.fail, file);
  writeFileSync(file, "another\n");
  again();
  assert.equal(readFileSync(file, "utf8"), "another\n");
});

test("setCorePattern() that cannot says why", (t) => {
  const told: string[] = [];
  setCorePattern("x", (text) => told.push(text), join(temporaryFolder(t), "none"))();
  assert.match(told.join(), /^Cannot set the pattern of core files to "x": ENOENT/);
});
