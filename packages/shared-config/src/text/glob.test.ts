// Patterns of include lines.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryLoader } from "../testing/memory-loader.js";
import { expandBraces, globPaths, nameMatcher } from "./glob.js";
import { IncludeDisk } from "./include-disk.js";
import { alternativesMax, matchesMax, namesMax } from "./limits.js";
import type { Loader } from "./loader.js";

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
  test(`nameMatcher() says ${expected} for "${name}" and "${pattern}"`, () => {
    assert.equal(nameMatcher(pattern)(name), expected);
  });
}

test("nameMatcher() takes no exponential time", () => {
  assert.equal(nameMatcher(`${"a*".repeat(60)}b`)("a".repeat(255)), false);
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
  const glob = (pattern: string): string[] => globPaths(pattern, new IncludeDisk(loader, 0));
  assert.deepEqual(glob("/e/*/*.conf"), ["/e/a/x.conf", "/e/b/x.conf"]);
  assert.deepEqual(glob("/none*/x"), []);
  assert.deepEqual(glob("/e/a/\\y"), ["/e/a/y"]);
});

test("globPaths() leaves .. to the kernel, for before it may stand a link", () => {
  const disk = new IncludeDisk(memoryLoader({}), 0);
  assert.deepEqual(globPaths("/e/link/../x", disk), ["/e/link/../x"]);
});

/** A disk on which every directory has these names, every one of them a directory again. */
function endlessDisk(names: readonly string[]): { disk: IncludeDisk; asked: () => number } {
  let asked = 0;
  const loader: Loader = {
    read: () => ({ ok: false, failure: "missing", detail: "no such file" }),
    list(_, most) {
      const listed = names.slice(0, most);
      asked += listed.length;
      return listed;
    },
  };
  return { disk: new IncludeDisk(loader, 0), asked: () => asked };
}

test("globPaths() gives up in a tree that never ends, and the disk says why", () => {
  const { disk, asked } = endlessDisk(["a", "b"]);
  assert.deepEqual(globPaths("/*".repeat(500), disk), []);
  assert.match(disk.refusal ?? "", new RegExp(`${matchesMax} matches`));
  assert.ok(asked() <= 8 * matchesMax);
});

test("globPaths() asks for no more names than all includes may see", () => {
  const names = Array.from({ length: 2 * namesMax }, (_, i) => `${i}`);
  const { disk, asked } = endlessDisk(names);
  assert.deepEqual(globPaths("/x*", disk), []);
  assert.match(disk.refusal ?? "", new RegExp(`${namesMax} names`));
  assert.equal(asked(), namesMax + 1);
  assert.deepEqual(globPaths("/*", disk), []);
  assert.equal(asked(), namesMax + 1);
});
