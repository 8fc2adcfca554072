// Debian's keepalived as the judge of expansion: it names every unknown keyword, so a file of
// nothing else shows what became of each line. Hand-picked forms and generated programs of
// definitions, sequences, lists and conditions must come out word for word as ours do.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Diagnostics } from "@keepalived-ts/shared-config/text/diagnostic";
import { fileLoader } from "@keepalived-ts/shared-config/text/file-loader";
import { readStatements } from "@keepalived-ts/shared-config/text/read";
import { expansionProgram } from "../fuzz/config-grammar.js";
import { expansionForms } from "./expansion-forms.js";

const folder: string = mkdtempSync(join(tmpdir(), "expansion-"));
const programs = 60;

after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

/** The keywords that keepalived does not know, for each file. */
function theirKeywords(paths: readonly string[]): string[][] {
  const script = `mount -t tmpfs none /run
    for file in "$@"; do timeout 20 keepalived -t -i main -f "$file" 2>&1; echo "rc $?"; done`;
  const { stdout } = spawnSync(
    "unshare",
    ["--net", "--mount", "bash", "-c", script, "bash", ...paths],
    { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const runs = stdout.split(/^rc \d+$/m).slice(0, -1);
  // The parent reads the file first; what its children say has the file's name before the line.
  return runs.map((run) =>
    Array.from(run.matchAll(/\(Line \d+\) Unknown keyword '(.*)'$/gm), ([, word = ""]) => word),
  );
}

function ourKeywords(path: string): string[] {
  const diagnostics = new Diagnostics();
  const expectsBlock = (): boolean => false;
  const options = { loader: fileLoader, configId: "main", diagnostics, expectsBlock };
  return Array.from(readStatements(path, options) ?? [], ({ keyword }) => keyword.value);
}

function compare(texts: readonly string[]): void {
  const paths = texts.map((text, index) => write(`${index}.conf`, text));
  const theirs = theirKeywords(paths);
  assert.equal(theirs.length, paths.length);
  paths.forEach((path, index) => {
    assert.deepEqual(ourKeywords(path), theirs[index], texts[index]);
  });
}

test("readStatements() expands each form as keepalived does", () => {
  compare(expansionForms);
});

test("readStatements() expands generated programs as keepalived does", () => {
  compare(Array.from({ length: programs }, (_, seed) => expansionProgram({ seed: seed + 1 })));
});
