// The simulator as a test: thousands of seeds hold every invariant, runs repeat exactly, and each
// deliberate bug is found.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mutants, plantMutant } from "./mutants.js";
import { runSeed } from "./run.js";

const root = join(import.meta.dirname, "../../..");
const seeds = 3_000;
const mutantSeeds = 800;

test(`runSeed() holds every invariant for ${seeds} seeds`, () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation, trace } = runSeed(seed, 60);
    const again = `scripts/simulate --seed ${seed} --seeds 1 --verbose`;
    assert.equal(violation, null, `seed ${seed}, again with ${again}\n${trace.join("\n")}`);
  }
});

test("runSeed() repeats itself exactly", () => {
  for (const seed of [3, 99]) assert.deepEqual(runSeed(seed, 0), runSeed(seed, 0));
});

test("simulate finds each deliberate bug in the core", (t) => {
  for (const mutant of mutants) {
    const copy = mkdtempSync(join(tmpdir(), "keepalived-ts-mutant-"));
    t.after(() => rmSync(copy, { recursive: true, force: true }));
    const main = plantMutant(root, copy, mutant);
    const arguments_ = [main, "--first-failure", "--seeds", String(mutantSeeds)];
    const { status, stdout } = spawnSync(process.execPath, arguments_, {
      encoding: "utf8",
      timeout: 120_000,
    });
    assert.equal(status, 1, `${mutant.name}: not found\n${stdout}`);
    assert.match(stdout, /^seed \d+: /, `${mutant.name}: the core does not even run`);
    t.diagnostic(`${mutant.name}: ${stdout.split("\n")[0]}`);
  }
});
