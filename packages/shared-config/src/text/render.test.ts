// What a user reads: place, frame, caret, advice.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnostic } from "./diagnostic.js";
import { renderDiagnostic, renderDiagnostics } from "./render.js";

function diagnostic(fields: Partial<Diagnostic>): Diagnostic {
  return {
    severity: "error",
    code: "INVALID_VALUE",
    message: "Cannot use it",
    file: "/c",
    line: 3,
    column: 4,
    length: 2,
    ...fields,
  };
}

test("renderDiagnostic() shows place, frame, caret, advice and the way of includes", () => {
  const rendered = renderDiagnostic(
    diagnostic({
      sourceLine: "\tabcdef",
      expected: "x",
      nearest: "y",
      hint: "z",
      trail: [
        { kind: "definition", path: "/part", line: 9, text: "$VIP" },
        { kind: "sequence", path: "/part", line: 8, text: "~SEQ i = 7" },
        { kind: "include", path: "/part", line: 2, text: "c" },
        { kind: "include", path: "/main", line: 1, text: "part" },
      ],
    }),
  );
  assert.deepEqual(rendered.split("\n"), [
    "/c:3:4: error: Cannot use it [INVALID_VALUE]",
    "    3 |  abcdef",
    "      |    ^^",
    "  expected: x",
    "  did you mean: y",
    "  hint: z",
    "  value from $VIP at /part:9",
    "  expansion of ~SEQ i = 7 at /part:8",
    "  included from /part:2",
    "  included from /main:1",
  ]);
});

test("renderDiagnostic() cuts a long line around the caret", () => {
  const sourceLine = `${"a".repeat(500)}X${"b".repeat(500)}`;
  const [, source = "", caret = ""] = renderDiagnostic(
    diagnostic({ sourceLine, column: 501, length: 1 }),
  ).split("\n");
  assert.ok(source.length < 120);
  assert.equal(source.charAt(caret.indexOf("^")), "X");
});

test("renderDiagnostic() lets no control character through to a terminal", () => {
  const rendered = renderDiagnostic(
    diagnostic({ message: "Cannot \u001b[31m\u202e", sourceLine: "a\u0007\u009b\u2028" }),
  );
  assert.doesNotMatch(rendered.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});

test("renderDiagnostics() ends with a count and is empty for none", () => {
  assert.equal(renderDiagnostics([]), "");
  const all = renderDiagnostics([diagnostic({}), diagnostic({ severity: "hint", line: 0 })]);
  assert.match(all, /\n\/c: hint: .*\n1 error, 1 hint\n$/);
});
