// The canonical form by example; that nothing else changes is shown on every golden input in
// test/golden/document.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { documentText, documentTokens, parseDocument } from "./document.js";
import { formatDocument } from "./format.js";
import { lineLengthMax } from "./limits.js";

function format(text: string): string {
  return formatDocument(parseDocument(text));
}

const table: readonly [string, string, string][] = [
  ["puts one statement on a line", "a{b 1;}c", "a {\n    b 1;\n}\nc\n"],
  ["opens up a block on one line", "a x { b { c } }", "a x {\n    b {\n        c\n    }\n}\n"],
  [
    "brings a brace to its keyword",
    "a x # why\n# and\n\n{\nb\n}",
    "a x { # why\n    # and\n    b\n}\n",
  ],
  [
    "keeps comments where they are",
    "# one\na { # two\nb # three\n# four\n} # five",
    ["# one\na { # two\n    b # three\n    # four\n} # five\n"].join(""),
  ],
  ["keeps one blank line of several", "\n\na\n\n \t\n\nb\n\n", "a\n\nb\n"],
  ["takes one blank between words", "a   b\t\tc  # d", "a b c # d\n"],
  ["does not touch words and quotes", "a \"b   c\"'d  e'", "a \"b   c\"'d  e'\n"],
  ["keeps blanks that single quotes may hold", "script  'a   b'  c", "script  'a   b'  c\n"],
  [
    "moves a definition and leaves its other lines",
    "  $A=  x   y \\\n   z  \\  \n w\n  b",
    "$A=  x   y \\\n   z  \\\n w\nb\n",
  ],
  ["leaves conditions as they are", "@main  a { b }", "@main  a { b }\n"],
  ["knows the block of a condition", "@main a {\nb\n}", "@main a {\n    b\n}\n"],
  ["leaves references in place", "a { $B\n}\n$C {\nd\n}", "a { $B\n}\n$C {\n    d\n}\n"],
  ["leaves sequences as they are", "  ~SEQ(i, 1, 2)  a { b }", "~SEQ(i, 1, 2)  a { b }\n"],
  ["leaves includes as they are", " include  a  b.conf", "include  a  b.conf\n"],
  ["does not make an include of a keyword", "a { include x }", "a { include x }\n"],
  [
    "leaves a silencing comment on its line",
    "a { b } # keepalived-ts: silence X",
    ["a { b } # keepalived-ts: silence X\n"].join(""),
  ],
  ["writes braces that belong to nothing", "}\n{ a }", "}\n{\n    a\n}\n"],
  ["ends lines with a newline alone", "a\r\nb\r\n", "a\nb\n"],
  ["makes nothing of nothing", " \n\n", ""],
];

for (const [rule, text, expected] of table) {
  test(`formatDocument() ${rule}`, () => {
    assert.equal(format(text), expected);
    assert.equal(format(expected), expected);
  });
}

test("formatDocument() makes no line longer than may be read", () => {
  const long = "a".repeat(lineLengthMax - 2);
  assert.equal(format(`b {\n${long}\n}`), `b {\n  ${long}\n}\n`);
  const refused = `  ${"a".repeat(lineLengthMax)}  `;
  assert.equal(format(`b {\n${refused}\n}`), `b {\n${refused}\n}\n`);
});

test("parseDocument() tells what each line is", () => {
  const text = "# c\n\n$A=1 \\\n 2\n~LST(v, 1) x\ninclude y\na {\n  b\n}\n}\nx\0";
  const { nodes } = parseDocument(text);
  assert.deepEqual(
    nodes.map((node) => node.kind),
    [...["comment", "blank", "definition", "sequence", "include", "statement", "close", "refused"]],
  );
  assert.deepEqual(
    nodes[5]?.children?.map((node) => node.kind),
    ["statement"],
  );
});

test("parseDocument() loses nothing of any text, however deep", () => {
  const unit = fc.constantFrom(
    ...["a", "{", "}", "\n", "\r\n", "\r", " ", '"', "#", "\\", "$A=", "$A", "~SEQ(", "@m ", "\0"],
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
      const document = parseDocument(text);
      assert.equal(documentText(document), text);
      const once = formatDocument(document);
      assert.equal(format(once), once);
    }),
    { numRuns: 2000 },
  );
  const deep = "a {\n".repeat(100_000);
  assert.equal(documentText(parseDocument(deep)), deep);
  assert.ok(format(deep).length > deep.length);
});

test("documentTokens() gives pieces that are never empty", () => {
  const tokens = [...documentTokens(parseDocument("@x a {\n$B=1\n\n} # c\ninclude q\n"))];
  assert.ok(tokens.every((token) => token.text !== ""));
});
