// The words of script lines. The table of commands was taken from keepalived 2.2.7 running a script
// that prints its arguments.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Statement } from "./ast.js";
import { Diagnostics } from "./diagnostic.js";
import { FileFrame } from "./frames.js";
import { parseStatements } from "./parser.js";
import { scriptWords, splitCommand } from "./script-words.js";
import { SourceFile } from "./source.js";

function statementsOf(text: string): { statements: Statement[]; codes: string[] } {
  const diagnostics = new Diagnostics();
  const lines = new FileFrame(new SourceFile("/c", text), 0);
  const statements = [...parseStatements(lines, { diagnostics, expectsBlock: () => false })];
  return { statements, codes: diagnostics.list().map((each) => each.code) };
}

function firstStatement(text: string): Statement {
  const [statement] = statementsOf(text).statements;
  assert.ok(statement !== undefined);
  return statement;
}

/** What follows the program's name, for a line as it stands after `script`. */
function argumentsOf(line: string): readonly string[] {
  const [command] = scriptWords(firstStatement(`script ${line}`));
  return splitCommand(command?.value ?? "").argv.slice(1);
}

const commands: readonly [string, readonly string[]][] = [
  [`"p a 'b c' d"`, ["a", "b c", "d"]],
  [String.raw`"p a \"b c\" d"`, ["a", "b c", "d"]],
  [`'p a "b c" d'`, ["a", "b c", "d"]],
  [String.raw`'p a \'b c\' d'`, ["a", "b c", "d"]],
  [String.raw`"p a\\ b c"`, ["a b", "c"]],
  [String.raw`"p a\\tb \t c"`, ["a\tb", "c"]],
  [
    String.raw`"p \x41 \x4 \x414 \101 \7 \cA \q \\q"`,
    ["A", "\u0004", "\u0014", "A", "\u0007", "\u0001", "q", "q"],
  ],
  [String.raw`"p 'a\\x41' 'b\x41'"`, ["aA", "bA"]],
  ["p a b", []],
  ['"p" a b', []],
  ['"p a"b', ["ab"]],
  ['"p a""b"', ["ab"]],
  ['"p a" "b c"', ["a"]],
  [`"p 'a''b' c'd e'f"`, ["ab", "cd ef"]],
  ['"p  a   b  "', ["a", "b"]],
  [String.raw`"p '' \"\" x"`, ["", "", "x"]],
  ['"p a # b ! c"', ["a", "#", "b", "!", "c"]],
  ['"p {a} }b"', ["{a}", "}b"]],
  [String.raw`"p a\"b c\"d"`, ["ab cd"]],
  [String.raw`"p a\nb"`, ["a", "b"]],
  [String.raw`"p 'a\'b'"`, ["ab"]],
  [String.raw`"p \"a\\\"b\""`, ['a"b']],
  [String.raw`'p a\x41 b\\c'`, ["aA", "bc"]],
  ['"p $A `x` *"', ["$A", "`x`", "*"]],
];

for (const [line, expected] of commands) {
  test(`splitCommand() gives the arguments of script ${line}`, () => {
    assert.deepEqual(argumentsOf(line), expected);
  });
}

test("scriptWords() places words in the line and ends with the statement", () => {
  const statement = firstStatement(String.raw`  notify "a \"b # c" 'd e' f # g "h"`);
  const words = scriptWords(statement).map(({ value, span }) => [value, span.column, span.length]);
  assert.deepEqual(words, [
    ['a "b # c', 10, 11],
    ["d e", 22, 5],
    ["f", 28, 1],
  ]);
  assert.deepEqual(statementsOf(String.raw`  notify "a \"b # c" 'd e' f # g "h"`).codes, []);
});

test("scriptWords() and splitCommand() tell of a quote that is not closed", () => {
  assert.deepEqual(
    scriptWords(firstStatement("script 'a b")).map((word) => word.isTerminated),
    [false],
  );
  assert.deepEqual(splitCommand("a 'b"), { argv: ["a", "b"], isTerminated: false });
});

test("splitCommand() makes characters of the bytes that escapes write, and none of NUL", () => {
  assert.deepEqual(splitCommand(String.raw`\xc3\xa9 \303\251`).argv, ["é", "é"]);
  assert.deepEqual(splitCommand(String.raw`\xe9`, "latin1").argv, ["é"]);
  assert.deepEqual(splitCommand(String.raw`a\0b c\x00`).argv, ["a", "c"]);
});

test("splitCommand() takes any text, and quoted words back as they were", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), (words) => {
      const plain = words.map((word) => word.replaceAll("\0", ""));
      const quoted = plain.map((word) => `"${word.replace(/[\\"]/g, "\\$&")}"`);
      assert.deepEqual(splitCommand(quoted.join(" ")).argv, plain);
    }),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", " ", "'", '"', "\\", "x", "0", "é") }),
      (text) => {
        const { argv } = splitCommand(text);
        assert.ok(argv.join("").length <= text.length);
      },
    ),
  );
});
