// The exhaustive search of small cases: each comes to its end and finds nothing, and the search
// finds deliberate bugs of the core.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { exploreModel } from "./model.js";
import { modelCases } from "./model-cases.js";
import { mutants, plantMutant } from "./mutants.js";

const root = join(import.meta.dirname, "../../..");

/** Those that this search can see: it knows no gaps, no announcements, and two routers only. */
const visible = [
  "addresses stay when MASTER is left",
  "stale addresses stay at the start",
  "a lower advert restarts the timer",
  "preempt_delay is never over",
];

for (const each of modelCases) {
  test(`every order of events ends with one master: ${each.name}`, (t) => {
    const { violation, isComplete, states, transitions, depth, history } = exploreModel(each);
    assert.equal(violation, null, history.join("\n"));
    assert.ok(isComplete);
    t.diagnostic(`${states} states, ${transitions} transitions, depth ${depth}`);
  });
}

test("scripts/simulate --model finds deliberate bugs in the core", (t) => {
  for (const name of visible) {
    const mutant = mutants.find((each) => each.name === name);
    assert.ok(mutant, name);
    const copy = mkdtempSync(join(tmpdir(), "keepalived-ts-mutant-"));
    t.after(() => rmSync(copy, { recursive: true, force: true }));
    const argv = [plantMutant(root, copy, mutant), "--model", "--harm", "1"];
    const { status, stdout } = spawnSync(process.execPath, argv, {
      encoding: "utf8",
      timeout: 120_000,
    });
    assert.equal(status, 1, `${name}: not found\n${stdout}`);
  }
});
