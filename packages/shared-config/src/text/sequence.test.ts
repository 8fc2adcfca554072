// The laws of ~SEQ and ~LST: how many lines, in which order, nested, and mixed with definitions.
// The forms themselves are compared with keepalived in test/golden/expansion-agreement.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryLoader } from "../testing/memory-loader.js";
import { Diagnostics } from "./diagnostic.js";
import { expandText } from "./expand.js";
import { definitionsMax, depthMax, type Limits, replacementsPerLineMax } from "./limits.js";
import { parseSequence } from "./sequence.js";

function expand(text: string, limits: Partial<Limits> = {}): { lines: string[]; codes: string[] } {
  const diagnostics = new Diagnostics();
  const options = { loader: memoryLoader({}), configId: "me", diagnostics, limits };
  const lines = [...expandText({ path: "/c", text, encoding: "utf8" }, options)];
  const codes = [...new Set(diagnostics.list().map((each) => each.code))];
  return { lines: lines.map((line) => line.text.trim()).filter((line) => line !== ""), codes };
}

/** A reference in braces, which a template literal would take for its own. */
function ref(name: string): string {
  return `${"$"}{${name}}`;
}

const number: fc.Arbitrary<number> = fc.integer({ min: -50, max: 50 });
const value: fc.Arbitrary<string> = fc.stringMatching(/^[a-z0-9/.:-]{0,6}$/);

test("~SEQ(i, a, b) gives |b - a| + 1 lines in order", () => {
  fc.assert(
    fc.property(number, number, (a, b) => {
      const step = a <= b ? 1 : -1;
      const expected = Array.from({ length: Math.abs(b - a) + 1 }, (_, i) => `x${a + i * step}`);
      assert.deepEqual(expand(`~SEQ(i, ${a}, ${b}) x${ref("i")}`).lines, expected);
    }),
  );
});

test("~SEQ(i, a, step, b) stops at the last value that is not beyond b", () => {
  fc.assert(
    fc.property(number, fc.integer({ min: 1, max: 9 }), fc.nat(50), fc.boolean(), (a, s, d, up) => {
      const [step, end] = up ? [s, a + d] : [-s, a - d];
      const { lines } = expand(`~SEQ(i, ${a}, ${step}, ${end}) x $i`);
      assert.equal(lines.length, Math.floor(d / s) + 1);
      assert.equal(lines.at(-1), `x ${a + (lines.length - 1) * step}`);
    }),
  );
});

test("~SEQ reads hexadecimal and octal numbers, ~SEQx writes the former", () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.nat(40), (a, d) => {
      const expected = Array.from({ length: d + 1 }, (_, i) => `x${(a + i).toString(16)}`);
      const range = `0x${a.toString(16)}, 0${(a + d).toString(8)}`;
      assert.deepEqual(expand(`~SEQx(i, ${range}) x${ref("i")}`).lines, expected);
    }),
  );
});

test("~LST gives its values in order, and tuples theirs with missing members blank", () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
      const { lines } = expand(`~LST(v, ${values.join(", ")}) x${ref("v")}`);
      assert.deepEqual(
        lines,
        values.map((each) => `x${each}`),
      );
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(value, { maxLength: 2 }), { minLength: 1 }), (tuples) => {
      const written = tuples.map((tuple) => `{${tuple.join(",")}}`).join(", ");
      const { lines } = expand(`~LST({a, b}, ${written}) ${ref("a")}|${ref("b")}`);
      assert.deepEqual(
        lines,
        tuples.map(([a = "", b = ""]) => `${a}|${b}`),
      );
    }),
  );
});

test("Nested forms give the product of their values, the inner one fastest", () => {
  fc.assert(
    fc.property(
      fc.nat(8),
      fc.nat(8),
      fc.array(value, { minLength: 1, maxLength: 4 }),
      (m, n, list) => {
        const head = `~SEQ(a, 0, ${m}) ~LST(b, ${list.join(",")}) ~SEQ(c, 0, ${n})`;
        const { lines } = expand(`${head} ${ref("a")}.${ref("b")}.${ref("c")}`);
        const expected: string[] = [];
        for (let a = 0; a <= m; a++) {
          for (const b of list) for (let c = 0; c <= n; c++) expected.push(`${a}.${b}.${c}`);
        }
        assert.deepEqual(lines, expected);
      },
    ),
  );
});

test("A sequence of a definition gives what a sequence of its text gives", () => {
  const word = fc.constantFrom("x", ref("i"), "y z", ref("D"), '"q"', ref("i"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.nat(5), (words, n) => {
      const text = words.join("-");
      const direct = expand(`$D=7\n~SEQ(i, 0, ${n}) k ${text}`);
      const defined = expand(`$D=7\n$T=k ${text}\n~SEQ(i, 0, ${n}) $T`);
      const several = expand(`$D=7\n$T= \\\n k ${text} \\\n l\n~SEQ(i, 0, ${n}) $T`);
      assert.deepEqual(defined.lines, direct.lines);
      assert.deepEqual(
        several.lines,
        direct.lines.flatMap((line) => [line, "l"]),
      );
    }),
  );
});

test("A variable keeps its last value, and a definition takes its place again", () => {
  const { lines } = expand(`~SEQ(i, 1, 3) a $i\nb $i\n~SEQ(i, 5, 6)\nc $i\n$i=z\nd $i`);
  assert.deepEqual(lines, ["a 1", "a 2", "a 3", "b 3", "c 6", "d z"]);
});

test("parseSequence() never throws nor runs for ever, and its values are there", () => {
  const unit = fc.constantFrom(
    "~SEQ",
    "~LST",
    "x",
    "(",
    ")",
    "{",
    "}",
    ",",
    "1",
    "0x",
    "-",
    " ",
    "a",
  );
  fc.assert(
    fc.property(fc.array(unit), (parts) => {
      const parsed = parseSequence(parts.join(""));
      if (!parsed.ok) return;
      const { variables, count, values } = parsed.sequence;
      assert.ok(count >= 1);
      assert.equal(values(0).length, variables.length);
      assert.equal(values(count - 1).length, variables.length);
    }),
  );
});

test("expandText() takes as many values of sequences as it allows and no more", () => {
  const limits = { sequenceSteps: 12 };
  assert.equal(expand("~SEQ(i, 1, 3) ~SEQ(j, 1, 3) x", limits).lines.length, 9);
  const over = expand("~SEQ(i, 1, 3) ~SEQ(j, 1, 4) x\nnever read", limits);
  assert.ok(over.lines.length <= 12);
  assert.deepEqual(over.codes, ["EXPANSION_LIMIT"]);
  assert.deepEqual(expand("~SEQ(i, 1, 9007199254740991) x").codes, ["EXPANSION_LIMIT"]);
});

test("expandText() counts the lines that sequences and definitions make", () => {
  const limits = { lines: 10 };
  assert.deepEqual(expand("~SEQ(i, 1, 9) x", limits).codes, []);
  assert.deepEqual(expand("~SEQ(i, 1, 10) x", limits).codes, ["TOO_MANY_LINES"]);
  const doubling = Array.from(
    { length: 40 },
    (_, i) => `$M${i}= \\\n $M${i + 1} \\\n $M${i + 1}\n`,
  );
  assert.deepEqual(expand(`${doubling.join("")}$M0`, { lines: 1000 }).codes, ["TOO_MANY_LINES"]);
});

test("expandText() stops when expansion has written all it may", () => {
  const limits = { expansionCharacters: 10_000 };
  const { lines, codes } = expand(`$A=${"a".repeat(100)}\n~SEQ(i, 1, 1000) x ${ref("A")}`, limits);
  assert.ok(lines.length > 10 && lines.length < 100);
  assert.deepEqual(codes, ["EXPANSION_LIMIT"]);
});

test("expandText() takes as many names as it allows and no more", () => {
  const names = (count: number): string => `~SEQ(i, 2, ${count}) $D${ref("i")}=$i`;
  assert.deepEqual(expand(`${names(definitionsMax)}\n$D7`).codes, []);
  const over = expand(`${names(definitionsMax + 1)}\nnever read`);
  assert.deepEqual(over, { lines: [], codes: ["EXPANSION_LIMIT"] });
});

test("expandText() follows definitions in each other as deep as it allows and no deeper", () => {
  const chain = (length: number): string =>
    Array.from({ length }, (_, i) => `$M${i}= \\\n a \\\n $M${i + 1}\n`).join("");
  const inside = expand(`${chain(depthMax - 1)}$M0`);
  assert.equal(inside.lines.filter((line) => line === "a").length, depthMax - 1);
  assert.deepEqual(inside.codes, []);
  const beyond = expand(`${chain(depthMax)}$M0`);
  assert.deepEqual(beyond.codes, ["ENDLESS_DEFINITION"]);
  assert.deepEqual(expand("$M= \\\n a \\\n $M\n$M").codes, ["ENDLESS_DEFINITION"]);
});

test("expandText() sees at once that a definition refers to itself", () => {
  const { lines, codes } = expand(`$A=x ${ref("B")}\n$B=y ${ref("A")}\n$A\nok`);
  assert.deepEqual(lines, ["ok"]);
  assert.deepEqual(codes, ["ENDLESS_DEFINITION"]);
  const distinct = Array.from(
    { length: replacementsPerLineMax },
    (_, i) => `$N${i}=${ref(`N${i + 1}`)}\n`,
  );
  const long = expand(`${distinct.join("")}$N${replacementsPerLineMax}=end\n$N1\n$N0`);
  assert.deepEqual(long.lines, ["end"]);
  assert.deepEqual(long.codes, ["ENDLESS_DEFINITION"]);
});
