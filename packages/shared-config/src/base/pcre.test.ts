// Patterns as PCRE2 has them against bytes; the expectations come from pcre2pattern(3) and, for the
// rows marked so, from what perl, whose language PCRE2 follows, says of the same.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { translatePcre } from "./pcre.js";

interface Row {
  readonly pattern: string;
  readonly options?: readonly string[];
  readonly yes: readonly string[];
  readonly no: readonly string[];
}

function matches(pattern: string, options: readonly string[], subject: string): boolean {
  const translated = translatePcre(pattern, options);
  assert.ok(translated.ok, `${pattern}: ${translated.ok ? "" : translated.reason}`);
  const bytes = Buffer.from(subject, "utf8").toString("latin1");
  return new RegExp(translated.source).test(bytes);
}

const rows: readonly Row[] = [
  { pattern: "healthy", yes: ["all healthy here"], no: ["Healthy", ""] },
  { pattern: "^ok$", yes: ["ok", "ok\n"], no: ["ok\n\n", "not ok", "ok\r\n"] },
  { pattern: "^ok$", options: ["dollar_endonly"], yes: ["ok"], no: ["ok\n"] },
  { pattern: "^b$", options: ["multiline"], yes: ["a\nb\nc", "b"], no: ["ab\nbc"] },
  { pattern: "a.c", yes: ["abc", "a\rc"], no: ["a\nc"] },
  { pattern: "a.c", options: ["dotall"], yes: ["a\nc"], no: ["ac"] },
  { pattern: "STATUS", options: ["caseless"], yes: ["status", "StAtUs"], no: ["statu"] },
  { pattern: "[^a]", options: ["caseless"], yes: ["b"], no: ["a", "A"] },
  { pattern: "(?i)up", yes: ["UP"], no: ["u p"] },
  { pattern: "a b # why\n c", options: ["extended"], yes: ["abc"], no: ["a b c"] },
  { pattern: "\\d+\\s\\w+", yes: ["12 ab"], no: ["12\u00a0ab", "ab 12"] },
  { pattern: "^\\h+$", yes: [" \t"], no: ["\v"] },
  { pattern: "^a\\Rb$", yes: ["a\r\nb", "a\nb", "a\rb"], no: ["a\n\nb"] },
  { pattern: "^\\R\\n$", yes: ["\r\n\n", "\n\n"], no: ["\r\n"] },
  { pattern: "[[:alpha:]]+[[:^digit:]]", yes: ["ab-"], no: ["a1"] },
  { pattern: "^[]a]+$", yes: ["]a"], no: ["b"] },
  { pattern: "^[a\\]b-]+$", yes: ["a]-b"], no: ["c"] },
  { pattern: "^[\\x41-\\x43\\.]+$", yes: ["AB.C"], no: ["D"] },
  { pattern: "\\Qa.b*\\E+", yes: ["a.b***"], no: ["axb"] },
  { pattern: "\\x7b\\x{41}\\0?", yes: ["{A"], no: ["A"] },
  { pattern: "a{2,3}b", yes: ["aab", "aaaab"], no: ["ab"] },
  { pattern: "a{b}{x", yes: ["a{b}{x"], no: ["ab"] },
  { pattern: "^(?>a*)ab", yes: [], no: ["aaab"] },
  { pattern: "^a*+b", yes: ["aab", "b"], no: ["aac"] },
  { pattern: "^a*+ab", yes: [], no: ["aab"] },
  { pattern: "^(?:x(?>a|ab)c)+$", yes: ["xacxac"], no: ["xabc"] },
  { pattern: "(?<name>a)|(?P<b>c)|(?'d'e)", yes: ["c", "e"], no: ["d"] },
  { pattern: "a(?#not this)b", yes: ["ab"], no: ["a(b"] },
  { pattern: "foo(?!bar)(?=baz)", yes: ["foobaz"], no: ["foobar", "foo"] },
  { pattern: "(?<=\\d)x(?<!5x)", yes: ["4x"], no: ["5x", "ax"] },
  { pattern: "\\bok\\b", yes: ["it is ok."], no: ["okay"] },
  { pattern: "\\Aa+\\z", yes: ["aa"], no: ["aa\n"] },
  { pattern: "\\Aa+\\Z", yes: ["aa\n"], no: ["aa\n\n"] },
  { pattern: "gr\u00fcn", yes: ["gr\u00fcn"], no: ["gr\u00fen", "grun"] },
  { pattern: "^.{2}$", yes: ["\u00fc"], no: ["u"] },
];

for (const { pattern, options = [], yes, no } of rows) {
  const name = `${JSON.stringify(pattern)} ${options.join(" ")}`;
  test(`translatePcre() keeps the meaning of ${name}`, () => {
    for (const subject of yes) assert.ok(matches(pattern, options, subject), `"${subject}"`);
    for (const subject of no) assert.ok(!matches(pattern, options, subject), `not "${subject}"`);
  });
}

const perlOptions: Readonly<Record<string, string>> = {
  caseless: "i",
  multiline: "m",
  dotall: "s",
  extended: "x",
};

test("translatePcre() agrees with perl on every row that perl knows", () => {
  const known = rows.filter(
    // In a variable perl takes \\Q for Q.
    ({ pattern, options = [] }) =>
      !pattern.includes("\\Q") && options.every((name) => name in perlOptions),
  );
  const cases = known.flatMap(({ pattern, options = [], yes, no }) =>
    [...yes, ...no].map((subject) => ({
      pattern: Buffer.from(pattern).toString("hex"),
      flags: options.map((name) => perlOptions[name]).join(""),
      subject: Buffer.from(subject).toString("hex"),
      expected: yes.includes(subject) ? "1" : "0",
    })),
  );
  const program = `while (<STDIN>) {
    chomp; my ($p, $f, $s) = split /,/, $_, -1;
    $p = pack "H*", $p; $s = pack "H*", $s;
    print $s =~ /(?$f:$p)/a ? 1 : 0;
  }`;
  const input = cases.map(({ pattern, flags, subject }) => `${pattern},${flags},${subject}\n`);
  const said = execFileSync("perl", ["-e", program], { input: input.join("") }).toString();
  const wrong = cases.filter(({ expected }, at) => said[at] !== expected);
  assert.deepEqual(wrong, []);
});

const refused: readonly (readonly [string, RegExp])[] = [
  ["(a)\\1", /reference/],
  ["\\p{L}", /\\p/],
  ["a\\Kb", /\\K/],
  ["(?R)", /group/],
  ["(*ACCEPT)", /group/],
  ["a(?i)b", /group/],
  ["(a", /not closed/],
  ["a)", /not open/],
  ["[a", /class is not closed/],
  ["[z-a]", /range/],
  ["[\\d-z]", /range/],
  ["*a", /nothing to repeat/],
  ["a{3,1}", /quantifier/],
  ["a{,3}", /not known/],
  ["a{70000}", /65535/],
  ["\\x{100}", /not known/],
  ["a\\", /backslash/],
];

for (const [pattern, reason] of refused) {
  test(`translatePcre() refuses ${pattern} and says why`, () => {
    const translated = translatePcre(pattern, []);
    assert.ok(!translated.ok);
    assert.match(translated.reason, reason);
  });
}

test("translatePcre() refuses options that mean characters instead of bytes", () => {
  for (const option of ["utf", "ucp", "firstline", "alt_bsux"]) {
    assert.equal(translatePcre("a", [option]).ok, false, option);
  }
});
