// The tree that the parser builds, and that nothing makes it throw.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Statement } from "./ast.js";
import { Diagnostics } from "./diagnostic.js";
import { FileFrame } from "./frames.js";
import { splitLines } from "./lines.js";
import { parseStatements } from "./parser.js";
import { blockDepthMax } from "./parser-faults.js";
import { SourceFile } from "./source.js";

/** A tree in short: keyword, words, and the block as an array. */
type Short = readonly [string, ...(string | readonly Short[])[]];

function short(statement: Statement): Short {
  const words = statement.words.map((word) => word.value);
  const { block } = statement;
  return [statement.keyword.value, ...words, ...(block === undefined ? [] : [block.map(short)])];
}

function parse(text: string): { tree: readonly Statement[]; codes: string[] } {
  const lines = new FileFrame(new SourceFile("/c", text), 0);
  const diagnostics = new Diagnostics();
  const expectsBlock = (path: string): boolean => path === "block" || path === "block/inner";
  const tree = [...parseStatements(lines, { diagnostics, expectsBlock })];
  return { tree, codes: diagnostics.list().map((each) => each.code) };
}

const table: readonly [string, string, readonly Short[], readonly string[]][] = [
  ["reads words after a keyword", "a b c\nd", [["a", "b", "c"], ["d"]], []],
  ["reads a block on one line", "a b { c d }", [["a", "b", [["c", "d"]]]], []],
  ["reads a brace on a later line", "a\n# x\n\n{\nb\n}", [["a", [["b"]]]], []],
  ["goes on after a block on its line", "a { b } c", [["a", [["b"]]], ["c"]], []],
  [
    "reads a block keyword without a brace as if it had one",
    "block x\na\n}\nb",
    [["block", "x", [["a"]]], ["b"]],
    ["MISSING_OPEN_BRACE"],
  ],
  [
    "knows a block keyword by its path",
    "block {\ninner\na\n}\n}\ninner\nb",
    [["block", [["inner", [["a"]]]]], ["inner"], ["b"]],
    ["MISSING_OPEN_BRACE"],
  ],
  [
    "closes a block keyword at the end",
    "block",
    [["block", []]],
    ["MISSING_OPEN_BRACE", "MISSING_CLOSE_BRACE"],
  ],
  ["ignores a } too many", "a\n}\nb", [["a"], ["b"]], ["EXTRA_CLOSE_BRACE"]],
  ["ends an open block with the text", "a {\nb", [["a", [["b"]]]], ["MISSING_CLOSE_BRACE"]],
  [
    "takes a { without keyword out, and its } with it",
    "{ a }\nb { } { c }\nd",
    [["a"], ["b", []], ["c"], ["d"]],
    ["UNEXPECTED_OPEN_BRACE", "UNEXPECTED_OPEN_BRACE"],
  ],
];

for (const [rule, text, expected, codes] of table) {
  test(`parseStatements() ${rule}`, () => {
    const parsed = parse(text);
    assert.deepEqual(parsed.tree.map(short), expected);
    assert.deepEqual(parsed.codes, codes);
  });
}

test("parseStatements() skips blocks that are too deep and finds its way back", () => {
  const deep = "a { ".repeat(blockDepthMax + 5) + "} ".repeat(blockDepthMax + 5);
  const parsed = parse(`${deep}\nb`);
  assert.deepEqual(parsed.codes, ["BLOCK_TOO_DEEP"]);
  assert.deepEqual(
    parsed.tree.map((statement) => statement.keyword.value),
    ["a", "b"],
  );
});

test("parseStatements() places every word where it stands, whatever the text", () => {
  const units = ["a", "b ", "block", " ", "\n", '"', "#", "{", "}", "\\#", "é"];
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...units), maxLength: 120 }), (text) => {
      const lines = splitLines(text);
      const check = (statement: Statement): void => {
        for (const { value, isQuoted, span } of [statement.keyword, ...statement.words]) {
          const line = lines[span.line - 1]?.text ?? "";
          const raw = line.slice(span.column - 1, span.column - 1 + span.length);
          assert.equal(raw.length, span.length);
          const plain = isQuoted ? raw.replaceAll('"', "") : raw.replaceAll("\\#", "#");
          assert.equal(value.trimEnd(), plain.trimEnd());
        }
        statement.block?.forEach(check);
      };
      parse(text).tree.forEach(check);
    }),
  );
});
