// How a line falls into words, braces, blanks and a comment.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commentStart, type PieceKind, splitWords } from "./words.js";

/** Kind and value of every piece but blanks. */
function pieces(line: string): [PieceKind, string][] {
  return splitWords(line)
    .filter((piece) => piece.kind !== "blank")
    .map((piece) => [piece.kind, piece.value]);
}

const table: readonly [string, string, [PieceKind, string][]][] = [
  [
    "splits at blanks, tabs and carriage returns",
    "a\tb  c\r",
    [
      ["word", "a"],
      ["word", "b"],
      ["word", "c"],
    ],
  ],
  [
    "starts a comment in the middle of a word",
    "router_id a#b c",
    [
      ["word", "router_id"],
      ["word", "a"],
      ["comment", "#b c"],
    ],
  ],
  ["takes ! for a comment too", "!x {", [["comment", "!x {"]]],
  ["takes an escaped # or ! as itself, in and before a word", "\\#a\\!b", [["word", "#a!b"]]],
  ["leaves every other backslash", "a\\b\\c", [["word", "a\\b\\c"]]],
  [
    "lets a backslash protect a backslash",
    "a\\\\#b",
    [
      ["word", "a\\\\"],
      ["comment", "#b"],
    ],
  ],
  ["keeps # and braces in quotes", '"a # { b"', [["quoted", "a # { b"]]],
  [
    "ends a word where a quote starts, and the quoted word where it ends",
    'ab"cd ef"gh',
    [
      ["word", "ab"],
      ["quoted", "cd ef"],
      ["word", "gh"],
    ],
  ],
  ["takes an empty quote as an empty word", '""', [["quoted", ""]]],
  [
    "splits at braces without blanks",
    "a{b}c",
    [
      ["word", "a"],
      ["open", "{"],
      ["word", "b"],
      ["close", "}"],
      ["word", "c"],
    ],
  ],
  ["does not take single quotes for quotes", "'a b'".slice(0, 2), [["word", "'a"]]],
];

for (const [rule, line, expected] of table) {
  test(`splitWords() ${rule}`, () => assert.deepEqual(pieces(line), expected));
}

test("splitWords() ends an open quote with the line and says so", () => {
  const [, , quoted] = splitWords('a "b c ');
  assert.deepEqual(quoted, { kind: "quoted", start: 2, end: 7, value: "b c", isTerminated: false });
});

test("splitWords() loses no character: the pieces cover the line without gap", () => {
  const units = ["a", " ", "\t", '"', "#", "!", "\\", "{", "}", "$", "'", "é", "\u{1f600}"];
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...units) }), (line) => {
      let at = 0;
      for (const piece of splitWords(line)) {
        assert.equal(piece.start, at);
        assert.ok(piece.end > piece.start);
        at = piece.end;
      }
      assert.equal(at, line.length);
      const comment = splitWords(line).find((piece) => piece.kind === "comment");
      assert.equal(commentStart(line), comment?.start ?? line.length);
    }),
  );
});
