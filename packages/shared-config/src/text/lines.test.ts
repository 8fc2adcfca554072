// What splitting text into lines must keep.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitLines } from "./lines.js";

test("splitLines() keeps each line's own ending", () => {
  assert.deepEqual(splitLines("a\r\n\nb\rc"), [
    { text: "a", ending: "\r\n" },
    { text: "", ending: "\n" },
    { text: "b\rc", ending: "" },
  ]);
});

test("splitLines() gives no lines for no text, and none after a final newline", () => {
  assert.deepEqual(splitLines(""), []);
  assert.deepEqual(splitLines("a\n"), [{ text: "a", ending: "\n" }]);
});

test("splitLines() loses no character: joined, the lines are the text", () => {
  const text = fc.string({ unit: fc.constantFrom("a", " ", "\n", "\r", "\0", "é") });
  fc.assert(
    fc.property(text, (written) => {
      const lines = splitLines(written);
      assert.equal(lines.map((line) => line.text + line.ending).join(""), written);
      assert.ok(lines.every((line) => !line.text.includes("\n")));
    }),
  );
});
