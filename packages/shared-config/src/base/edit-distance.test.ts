// Distances between words, against a plain reference.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { editDistance, nearestWord } from "./edit-distance.js";

test("editDistance() counts inserts, removals, changes and swaps of neighbours as one", () => {
  for (const other of ["priorityy", "priorit", "prioritx", "priotiry"]) {
    assert.equal(editDistance("priority", other, 3), other === "priotiry" ? 2 : 1, other);
  }
  assert.equal(editDistance("ab", "ba", 3), 1);
  assert.equal(editDistance("", "", 3), 0);
});

test("editDistance() is symmetric, 0 only for equal words, and stops above its limit", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(word, word, fc.nat(8), (a, b, limit) => {
      const exact = editDistance(a, b, 100);
      assert.equal(exact, editDistance(b, a, 100));
      assert.equal(exact === 0, a === b);
      assert.ok(exact <= Math.max(a.length, b.length));
      assert.equal(editDistance(a, b, limit), Math.min(exact, limit + 1));
    }),
  );
});

test("nearestWord() finds what was meant and nothing that is too far", () => {
  const known = ["priority", "preempt", "state"];
  assert.equal(nearestWord("priorty", known), "priority");
  assert.equal(nearestWord("sate", known), "state");
  assert.equal(nearestWord("zzz", known), undefined);
  assert.equal(nearestWord("", known), undefined);
});
