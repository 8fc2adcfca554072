// What only we complain of can be answered by a comment: each code that has a case in cases/hints
// is silenced on its line, before its statement and in its file, and nothing else is with it.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configExitCode, exitTestFoundErrors } from "@keepalived-ts/shared-config/schema/exit-code";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import type { Diagnostic } from "@keepalived-ts/shared-config/text/diagnostic";
import { caseOptions, mainPath, parseCase } from "./case-file.js";

const folder: string = join(import.meta.dirname, "../../golden/cases/hints");

function load(text: string, isStrict = false): readonly Diagnostic[] {
  const loader = memoryLoader({ [mainPath]: text });
  return loadConfig({ ...caseOptions(text), path: mainPath, loader, isStrict }).diagnostics;
}

/** What does not depend on the number of the line. */
function facts(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics
    .map(({ code, severity, column }) => `${code} ${severity} ${column}`)
    .toSorted();
}

function without(diagnostics: readonly Diagnostic[], code: string): Diagnostic[] {
  return diagnostics.filter((each) => each.code !== code || each.severity !== "hint");
}

for (const name of readdirSync(folder).toSorted()) {
  const [code = ""] = name.split(/[-.]/);
  const { input } = parseCase(readFileSync(join(folder, name), "utf8"));
  const before = load(input);
  const hints = before.filter((each) => each.code === code && each.severity === "hint");
  const comment = `# keepalived-ts: silence ${code}`;

  test(`${name} shows its hint, which changes no status unless hints are strict`, () => {
    assert.notEqual(hints.length, 0);
    assert.equal(configExitCode(hints, "test"), 0);
    const strict = load(input, true).filter((each) => each.code === code);
    assert.equal(configExitCode(strict, "test"), exitTestFoundErrors);
  });

  test(`${name} is silenced in the whole file`, () => {
    const after = load(`# keepalived-ts: silence-file ${code}\n${input}`);
    assert.deepEqual(facts(after), facts(without(before, code)));
  });

  test(`${name} is silenced on its lines, and before them`, () => {
    const lines = input.split("\n");
    const numbers = new Set(hints.map(({ line }) => line));
    const behind = lines.map((line, index) =>
      numbers.has(index + 1) ? `${line} ${comment}` : line,
    );
    assert.deepEqual(facts(load(behind.join("\n"))), facts(without(before, code)));
    const ahead = lines.flatMap((line, index) =>
      numbers.has(index + 1) ? [comment, line] : [line],
    );
    assert.deepEqual(facts(load(ahead.join("\n"))), facts(without(before, code)));
  });
}
