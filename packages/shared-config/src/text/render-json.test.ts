// The promised shape of diagnostics as JSON.

import assert from "node:assert/strict";
import { test } from "node:test";
import { renderDiagnosticsJson } from "./render-json.js";

test("renderDiagnosticsJson() writes every field, and null for what is not there", () => {
  const text = renderDiagnosticsJson(
    [
      {
        severity: "error",
        code: "INVALID_VALUE",
        message: 'Cannot use "x"',
        file: "/c",
        line: 3,
        column: 4,
        length: 2,
        expected: "y",
        nearest: "z",
        hint: "w",
        sourceLine: "\tab \u001b[31m",
        trail: [{ kind: "sequence", path: "/c", line: 1, text: "~SEQ i = 7" }],
      },
      {
        severity: "hint",
        code: "NOTHING_TO_DO",
        message: "Cannot",
        file: "/c",
        line: 0,
        column: 0,
        length: 0,
      },
    ],
    5,
  );
  assert.ok(text.endsWith("}\n"));
  assert.deepEqual(JSON.parse(text), {
    version: 1,
    exitCode: 5,
    summary: { fatal: 0, error: 1, warning: 0, hint: 1 },
    diagnostics: [
      {
        file: "/c",
        line: 3,
        column: 4,
        endColumn: 6,
        severity: "error",
        code: "INVALID_VALUE",
        message: 'Cannot use "x"',
        expected: "y",
        nearest: "z",
        hint: "w",
        sourceLine: "\tab \u001b[31m",
        trail: [{ kind: "sequence", file: "/c", line: 1, text: "~SEQ i = 7" }],
      },
      {
        file: "/c",
        line: 0,
        column: 0,
        endColumn: 0,
        severity: "hint",
        code: "NOTHING_TO_DO",
        message: "Cannot",
        expected: null,
        nearest: null,
        hint: null,
        sourceLine: null,
        trail: [],
      },
    ],
  });
});

test("renderDiagnosticsJson() of nothing is a report without diagnostics", () => {
  assert.deepEqual(JSON.parse(renderDiagnosticsJson([], 0)), {
    version: 1,
    exitCode: 0,
    summary: { fatal: 0, error: 0, warning: 0, hint: 0 },
    diagnostics: [],
  });
});
