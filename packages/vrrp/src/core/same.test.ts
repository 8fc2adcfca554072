// Structural equality of plain JSON values.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSame } from "./same.js";

test("isSame() agrees with the text of any JSON value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      assert.equal(isSame(a, JSON.parse(JSON.stringify(a))), true);
      if (JSON.stringify(a) === JSON.stringify(b)) assert.equal(isSame(a, b), true);
      assert.equal(isSame([a, 1], [b, 2]), false);
      assert.equal(isSame({ a, b: 1 }, { a }), false);
    }),
  );
});

test("isSame() takes an undefined member as absent and ignores the order", () => {
  assert.equal(isSame({ a: 1, b: undefined }, { a: 1 }), true);
  assert.equal(isSame({ a: 1, b: 2 }, { b: 2, a: 1 }), true);
  assert.equal(isSame([], {}), false);
  assert.equal(isSame([1, 2], [1]), false);
  assert.equal(isSame(null, {}), false);
});
