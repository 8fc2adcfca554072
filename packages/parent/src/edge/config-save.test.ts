// Copies for config_save_dir: one a configuration, private, and not without bound.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/daemon-run.js";
import { saveConfigCopy } from "./config-save.js";

const start = Date.UTC(2026, 0, 1);

test("saveConfigCopy() keeps the newest hundred and what is not ours", (t) => {
  const folder = join(temporaryFolder(t), "saved");
  mkdirSync(folder);
  writeFileSync(join(folder, "keepalived.conf"), "");
  for (let i = 0; i < 103; i++) {
    assert.equal(saveConfigCopy(folder, `text ${i}`, start + i * 1000), undefined);
  }
  const names = readdirSync(folder).toSorted();
  assert.equal(names.length, 101);
  assert.equal(names[1], "keepalived.conf.2026-01-01T00:00:03.000Z");
  const last = join(folder, names.at(-1) ?? "");
  assert.equal(readFileSync(last, "utf8"), "text 102");
  assert.equal(statSync(last).mode & 0o777, 0o600);
});

test("saveConfigCopy() makes the folder, not those above it, and replaces nothing", (t) => {
  const folder = join(temporaryFolder(t), "saved");
  assert.equal(saveConfigCopy(folder, "", start), undefined);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.match(saveConfigCopy(folder, "", start) ?? "", /^Cannot save the conf.*: EEXIST/);
  assert.match(saveConfigCopy(join(folder, "no/where"), "", start) ?? "", /ENOENT/);
});
