// Includes, conditions and definitions at their limits; the ordinary cases are golden.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryLoader } from "../testing/memory-loader.js";
import { Diagnostics } from "./diagnostic.js";
import { type ExpandOptions, expandText } from "./expand.js";
import {
  charactersMax,
  includeDepthMax,
  includesMax,
  lineLengthMax,
  linesMax,
  pathsMax,
  replacementsPerLineMax,
} from "./limits.js";
import type { Loader } from "./loader.js";
import { type LogicalLine, spanOf } from "./logical-line.js";
import { SecretPlaces } from "./secret-places.js";
import { SourceFile } from "./source.js";
import { trailOf } from "./trail.js";

function expand(
  text: string,
  files: Readonly<Record<string, string>> = {},
  more: Partial<ExpandOptions> = {},
): { lines: LogicalLine[]; codes: string[] } {
  const diagnostics = new Diagnostics();
  const loader = memoryLoader(files);
  const file = { path: "/c", text, encoding: "utf8" } as const;
  const lines = [...expandText(file, { loader, configId: "me", diagnostics, ...more })];
  return { lines, codes: [...new Set(diagnostics.list().map((each) => each.code))] };
}

/** A reference to $A. */
const braced = `${"$"}{A}`;

function texts(lines: readonly LogicalLine[]): string[] {
  return lines.map((line) => line.text);
}

test("expandText() takes a line of the full buffer and drops one longer", () => {
  const full = "a".repeat(lineLengthMax);
  const { lines, codes } = expand(`${full}\n${full}a\nb`);
  assert.deepEqual(texts(lines), [full, "b"]);
  assert.deepEqual(codes, ["LINE_TOO_LONG"]);
});

test("expandText() drops a line that grows too long by its definitions", () => {
  const { lines, codes } = expand(`$A=${"a".repeat(600)}\n\${A}\${A}\n\${A}b`);
  assert.deepEqual(texts(lines), [`${"a".repeat(600)}b`]);
  assert.deepEqual(codes, ["LINE_TOO_LONG"]);
});

test("expandText() drops a line with NUL", () => {
  const { lines, codes } = expand("a\0b\nc");
  assert.deepEqual(texts(lines), ["c"]);
  assert.deepEqual(codes, ["LINE_HAS_NUL"]);
});

test("expandText() follows includes to the limit and no deeper", () => {
  const files: Record<string, string> = {};
  for (let depth = 1; depth <= includeDepthMax + 1; depth++) {
    files[`/f${depth}`] = `line${depth}\ninclude f${depth + 1}`;
  }
  const { lines, codes } = expand("include f1", files);
  assert.equal(lines.length, includeDepthMax);
  assert.deepEqual(codes, ["INCLUDE_LIMIT"]);
});

test("expandText() stops a fan of includes", () => {
  const { lines, codes } = expand("include f\n".repeat(includesMax + 10), { "/f": "x" });
  assert.ok(lines.length <= includesMax);
  assert.ok(codes.includes("INCLUDE_LIMIT"));
});

test("expandText() stops at the limit of lines", () => {
  const { lines, codes } = expand("a\n".repeat(linesMax + 2));
  assert.equal(lines.length, linesMax);
  assert.deepEqual(codes, ["TOO_MANY_LINES"]);
});

test("expandText() resolves as many references in a line as it allows and no more", () => {
  const { lines, codes } = expand(`$A=a\n${braced.repeat(replacementsPerLineMax)}`);
  assert.deepEqual(texts(lines), ["a".repeat(replacementsPerLineMax)]);
  assert.deepEqual(codes, []);
  const over = expand(`$A=a\n${braced.repeat(replacementsPerLineMax + 1)}`);
  assert.deepEqual(over.lines, []);
  assert.deepEqual(over.codes, ["ENDLESS_DEFINITION"]);
});

test("expandText() ends a definition that is still open with its file", () => {
  const { lines } = expand("include f\n$A", { "/f": "$A=a \\" });
  assert.deepEqual(texts(lines), ["a"]);
});

test("expandText() knows the place of each word of a conditional or replaced line", () => {
  const { lines } = expand("$A=xyz\n@me b $A c");
  const [line] = lines;
  assert.ok(line !== undefined);
  assert.equal(line.text, "b xyz c");
  const places = [..."b xyz c".matchAll(/\S+/g)].map(({ index, 0: { length } }) => {
    const span = spanOf(line, index, index + length);
    return [span.column, span.length];
  });
  assert.deepEqual(places, [
    [5, 1],
    [7, 2],
    [10, 1],
  ]);
});

test("expandText() draws the same numbers from the same seed, and others from another", () => {
  const text = `${"$"}{_RANDOM 1 1000000}\n`.repeat(3);
  const draw = (seed: number): string[] => texts(expand(text, {}, { random: { seed } }).lines);
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  for (const drawn of draw(3)) assert.ok(Number(drawn) >= 1 && Number(drawn) <= 1_000_000);
});

test("expandText() asks the environment for names, and leaves those it has not got", () => {
  const environment = (name: string): string | undefined => (name === "HOME" ? "/root" : undefined);
  const { lines, codes } = expand(
    `a${"$"}{_ENV HOME}b ${"$"}{_ENV  HOME }\n"${"$"}{_ENV NONE}"`,
    {},
    { environment },
  );
  assert.deepEqual(texts(lines), ["a/rootb /root", `"${"$"}{_ENV NONE}"`]);
  assert.deepEqual(codes, ["UNDEFINED_NAME"]);
});

test("expandText() demands every include from the start when it is told so", () => {
  assert.deepEqual(expand("include nothing").codes, ["INCLUDE_NOT_FOUND"]);
  assert.deepEqual(expand("include nothing*", {}, { includeCheck: true }).codes, [
    "CONFIG_FILE_NOT_FOUND",
  ]);
});

test("expandText() demands that a matched file can be read only of includes that say so", () => {
  const loader: Loader = {
    read: () => ({ ok: false, failure: "executable", detail: "the file is executable" }),
    list: () => ["f"],
  };
  const severities = ["include f", "include *", "includer f", "includer *"].map((text) => {
    const diagnostics = new Diagnostics();
    const file = { path: "/c", text, encoding: "utf8" } as const;
    for (const _ of expandText(file, { loader, configId: "me", diagnostics }));
    return diagnostics.list().some((each) => each.severity === "fatal");
  });
  assert.deepEqual(severities, [false, false, true, true]);
});

test("expandText() reads no file that it has no room for, and nothing after it", () => {
  const sizes: Record<string, number> = { "/d/a": charactersMax, "/d/b": 1, "/d/c": 1 };
  const reads: string[] = [];
  const loader: Loader = {
    read(path) {
      reads.push(path);
      return { ok: true, text: "x".repeat(sizes[path] ?? 0), encoding: "utf8" };
    },
    list: () => ["a", "b", "c"],
  };
  const diagnostics = new Diagnostics();
  const file = { path: "/c", text: "include d/*\ninclude d/b\ny", encoding: "utf8" } as const;
  const lines = [...expandText(file, { loader, configId: "me", diagnostics })];
  assert.deepEqual(lines, []);
  assert.deepEqual(reads, ["/d/a"]);
  const [found, ...others] = diagnostics.list();
  assert.deepEqual(others, []);
  assert.match(found?.expected ?? "", new RegExp(`${charactersMax} characters`));
});

test("expandText() looks for no more paths than all includes may ask for", () => {
  let asked = 0;
  const loader: Loader = {
    read() {
      asked++;
      return { ok: false, failure: "missing", detail: "no such file" };
    },
    list: () => [],
  };
  const diagnostics = new Diagnostics();
  const text = `include ${"{a,b}".repeat(8)}\n`.repeat(includesMax);
  for (const _ of expandText(
    { path: "/c", text, encoding: "utf8" },
    { loader, configId: "me", diagnostics },
  ));
  assert.equal(asked, pathsMax);
  assert.ok(diagnostics.list().some((each) => each.code === "INCLUDE_LIMIT"));
});

test("trailOf() shows as many steps as anybody will read", () => {
  const names = Array.from({ length: 60 }, (_, i) => `$N${i}=x${"$"}{N${i + 1}}\n`).join("");
  const { lines } = expand(`${names}$N60=y\n$N0`);
  const [line] = lines;
  assert.ok(line !== undefined);
  const steps = trailOf(spanOf(line, 60, 61), new SecretPlaces());
  assert.equal(steps.length, 32);
  assert.deepEqual(steps[0], { kind: "definition", path: "/c", line: 61, text: "$N60" });
});

test("SourceFile tells the lines of its text, whatever ends them", () => {
  const file = new SourceFile("/c", "a\r\nb\n\nc");
  const lines = [1, 2, 3, 4, 5].map((number) => file.lineText(number));
  assert.deepEqual(lines, ["a", "b", "", "c", undefined]);
});
