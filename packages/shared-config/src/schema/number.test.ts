// Numbers at their edges.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatSeconds, parseInteger, parseSeconds } from "./number.js";

test("parseInteger() takes the number and leaves the rest", () => {
  assert.deepEqual(parseInteger("10abc"), { value: 10, rest: "abc", used: "10", isRounded: false });
  assert.equal(parseInteger("-0")?.value, 0);
  assert.ok(Object.is(parseInteger("-0")?.value, 0));
  assert.equal(parseInteger("+7")?.value, 7);
  assert.equal(parseInteger("0x10")?.rest, "x10");
  assert.equal(parseInteger("9".repeat(400))?.value, Number.POSITIVE_INFINITY);
  for (const text of ["", "-", "abc", " 1", ".5"]) assert.equal(parseInteger(text), undefined);
});

test("parseSeconds() is exact to the microsecond and rounds the seventh digit", () => {
  assert.equal(parseSeconds("0.000001")?.value, 1);
  assert.equal(parseSeconds(".5")?.value, 500_000);
  assert.equal(parseSeconds("3.")?.value, 3_000_000);
  assert.equal(parseSeconds("4294.967295")?.value, 4_294_967_295);
  assert.equal(parseSeconds("0.0000005")?.value, 1);
  assert.equal(parseSeconds("0.0000004")?.value, 0);
  assert.equal(parseSeconds("1.0000001")?.isRounded, true);
  assert.equal(parseSeconds("1.0000000")?.isRounded, false);
  assert.equal(parseSeconds("0.9999999")?.value, 1_000_000);
  for (const text of ["", "-", ".", "s"]) assert.equal(parseSeconds(text), undefined);
});

test("parseSeconds() reads back what formatSeconds() writes", () => {
  fc.assert(
    fc.property(fc.nat({ max: 4_294_967_295 }), (us) => {
      assert.equal(parseSeconds(formatSeconds(us))?.value, us);
    }),
  );
});
