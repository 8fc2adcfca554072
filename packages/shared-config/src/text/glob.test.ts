// Patterns of include lines.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryLoader } from "../testing/memory-loader.js";
import { alternativesMax, expandBraces, globPaths, matchesPattern } from "./glob.js";

const matching: readonly [string, string, boolean][] = [
  ["a.conf", "*.conf", true],
  ["a.conf", "?.conf", true],
  ["ab.conf", "?.conf", false],
  ["a.conf", "*", true],
  [".a.conf", "*.conf", false],
  [".a.conf", ".*.conf", true],
  ["abab", "*ab", true],
  ["abac", "*ab", false],
  ["a1", "a[0-9]", true],
  ["ax", "a[0-9]", false],
  ["ax", "a[!0-9]", true],
  ["a1", "a[^0-9]", false],
  ["a]", "a[]x]", true],
  ["a-", "a[x-]", true],
  ["a[", "a[", true],
  ["a*", "a\\*", true],
  ["ab", "a\\*", false],
  ["a1", "[[:alpha:]]1", true],
  ["11", "[[:alpha:]]1", false],
  ["11", "[![:alpha:]x]1", true],
  ["]", "[]]", true],
  ["", "", true],
  ["", "*", true],
  ["", "?", false],
];

for (const [name, pattern, expected] of matching) {
  test(`matchesPattern() says ${expected} for "${name}" and "${pattern}"`, () => {
    assert.equal(matchesPattern(name, pattern), expected);
  });
}

test("matchesPattern() takes no exponential time", () => {
  assert.equal(matchesPattern("a".repeat(255), `${"a*".repeat(60)}b`), false);
});

test("expandBraces() gives the alternatives in order, nested ones too", () => {
  assert.deepEqual(expandBraces("x{a,b{1,2},}y"), ["xay", "xb1y", "xb2y", "xy"]);
  assert.deepEqual(expandBraces("{a,b}{c,d}"), ["ac", "ad", "bc", "bd"]);
  assert.deepEqual(expandBraces("no{brace"), ["no{brace"]);
  assert.deepEqual(expandBraces("a\\{b,c\\}{d,e}"), ["a\\{b,c\\}d", "a\\{b,c\\}e"]);
});

test("expandBraces() gives up when there are too many alternatives", () => {
  assert.equal(expandBraces("{a,b}".repeat(8))?.length, alternativesMax);
  assert.equal(expandBraces("{a,b}".repeat(9)), undefined);
});

test("expandBraces() gives texts without the braces it expanded, whatever the pattern", () => {
  const pattern = fc.string({ unit: fc.constantFrom("a", "{", "}", ","), maxLength: 40 });
  fc.assert(
    fc.property(pattern, (written) => {
      const expanded = expandBraces(written);
      assert.ok(expanded === undefined || expanded.length <= alternativesMax);
      for (const text of expanded ?? []) assert.deepEqual(expandBraces(text), [text]);
    }),
  );
});

test("globPaths() walks wildcards in folders and sorts", () => {
  const loader = memoryLoader({ "/e/b/x.conf": "", "/e/a/x.conf": "", "/e/a/y": "", "/f": "" });
  assert.deepEqual(globPaths("/e/*/*.conf", loader), ["/e/a/x.conf", "/e/b/x.conf"]);
  assert.deepEqual(globPaths("/none*/x", loader), []);
  assert.deepEqual(globPaths("/e/a/\\y", loader), ["/e/a/y"]);
});
