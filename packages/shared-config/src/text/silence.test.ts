// Which lines a silencing comment reaches; how the loader uses it is a golden case.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Diagnostics, type Severity } from "./diagnostic.js";
import { Silences } from "./silence.js";
import { SourceFile } from "./source.js";

const code = "REPEATED_KEYWORD";

/** The lines of `text` on which a hint would be silenced. */
function silencedLines(text: string): number[] {
  const silences = new Silences(text);
  const lines = text.split("\n").map((_, index) => index + 1);
  return lines.filter((line) => silences.isSilenced(code, line));
}

const mark = `# keepalived-ts: silence ${code}`;

const table: readonly [string, string, readonly number[]][] = [
  ["its own line", `a\nb ${mark}\nc`, [2]],
  ["the next statement", `${mark}\na\nb`, [2]],
  ["the next statement past blanks and comments", `${mark}\n\n# x\na\nb`, [4]],
  ["the next statement with its block", `${mark}\na {\n b {\n }\n}\nc`, [2, 3, 4, 5]],
  ["a block whose brace comes late", `${mark}\na\n# x\n{\n b\n}\nc`, [2, 3, 4, 5, 6]],
  ["what is left of an open block", `${mark}\na {\nb`, [2, 3]],
  ["statements inside a block", `a {\n ${mark}\n b\n c\n}`, [3]],
  ["nothing at the end of a block", `a {\n b\n ${mark}\n}\nc`, []],
  ["lines of a definition", `${mark}\n$A= \\\n b \\\n c\nd`, [2, 3, 4]],
  ["a block in a block, both silenced", `${mark}\na {\n ${mark}\n b {\n }\n}\nc`, [2, 3, 4, 5, 6]],
  ["nothing when it stands in quotes", `a "${mark}"\nb`, []],
  ["nothing when it is another word", `a # keepalived-ts: silenced ${code}`, []],
  ["the whole file", `a\nb ! keepalived-ts: silence-file X,${code}\nc`, [1, 2, 3]],
];

for (const [what, text, expected] of table) {
  test(`Silences reach ${what}`, () => assert.deepEqual(silencedLines(text), expected));
}

test("Silences know codes by commas or blanks, and tell which do not exist", () => {
  const { unknown } = new Silences(`a\n# keepalived-ts: silence ${code},NO_SUCH CONFLICT ,X`);
  assert.deepEqual(unknown, [
    { code: "NO_SUCH", start: 42, line: 2 },
    { code: "X", start: 60, line: 2 },
  ]);
});

test("Silences of a hundred thousand comments are as quick as those of one", () => {
  const silences = new Silences(`${mark}\na\nb\n`.repeat(100_000));
  let count = 0;
  for (let line = 1; line <= 300_000; line++) if (silences.isSilenced(code, line)) count++;
  assert.equal(count, 100_000);
});

test("Diagnostics leave out silenced hints and nothing else", () => {
  const diagnostics = new Diagnostics();
  const file = new SourceFile("/c", `a ${mark}\n`);
  diagnostics.silence("/c", new Silences(file.text));
  const span = { file, line: 1, column: 1, length: 1 };
  const severities: readonly Severity[] = ["fatal", "error", "warning", "hint"];
  for (const severity of severities)
    diagnostics.report(span, { severity, code, message: "Cannot" });
  diagnostics.report(
    { ...span, file: new SourceFile("/d", "a") },
    {
      severity: "hint",
      code,
      message: "Cannot",
    },
  );
  diagnostics.reportFile("/c", { severity: "hint", code, message: "Cannot" });
  const left = diagnostics.list().map(({ file: path, severity, line }) => [path, severity, line]);
  assert.deepEqual(left, [
    ["/c", "fatal", 1],
    ["/c", "error", 1],
    ["/c", "warning", 1],
    ["/c", "hint", 0],
    ["/d", "hint", 1],
  ]);
});
