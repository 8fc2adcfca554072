// Runs every golden case. UPDATE_GOLDEN=1 writes what the loader makes now; read the change before
// committing it. The last tests see to it that no keyword and no diagnostic goes without a case.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { keywordPaths } from "@keepalived-ts/shared-config/testing/built-keywords";
import { diagnosticCodes } from "@keepalived-ts/shared-config/text/codes";
import { formatCase, parseCase, runCase } from "./case-file.js";

const folder: string = join(import.meta.dirname, "../../golden/cases");
const isUpdate: boolean = process.env["UPDATE_GOLDEN"] === "1";

const paths: readonly string[] = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".golden"))
  .map((name) => join(folder, name))
  .toSorted();

for (const path of paths) {
  const name = relative(folder, path);
  test(`golden ${name}`, () => {
    const { input, expected } = parseCase(readFileSync(path, "utf8"));
    const actual = runCase(input, name.startsWith("whole/"));
    if (isUpdate) writeFileSync(path, formatCase(input, actual));
    else assert.equal(actual, expected);
  });
}

const all: string = paths.map((path) => readFileSync(path, "utf8")).join("\n");

/**
 * Codes that no text can bring about in a golden case; each has a unit test or is not built yet.
 */
const withoutCase: Readonly<Record<string, string>> = {
  INCLUDE_LIMIT: "needs thousands of files: expand.test.ts",
  LINE_HAS_NUL: "a golden file is text: expand.test.ts",
  SCHEMA_MISMATCH: "would be our mistake: the fuzzer looks for it",
  SCRIPT_INSECURE: "scripts are not run yet",
  TOO_MANY: "needs hundreds of errors: diagnostic.test.ts",
  TOO_MANY_LINES: "needs millions of lines: expand.test.ts",
};

test("golden cases show every diagnostic code", () => {
  const missing = Object.keys(diagnosticCodes)
    .filter((code) => !Object.hasOwn(withoutCase, code))
    // Those take several files: cluster.test.ts.
    .filter((code) => !code.startsWith("CLUSTER_"))
    .filter((code) => !all.includes(`[${code}]`));
  assert.deepEqual(missing, []);
});

test("golden cases use every keyword, and show each that takes a word go wrong", () => {
  const used = keywordPaths().filter(({ keyword }) => !new RegExp(`\\b${keyword}\\b`).test(all));
  assert.deepEqual(used, []);
  const wrong = keywordPaths()
    .filter(({ takesWord }) => takesWord)
    .filter(({ keyword }) => !new RegExp(`Cannot [^\\n]*\\b${keyword}\\b`).test(all));
  assert.deepEqual(wrong, []);
});
