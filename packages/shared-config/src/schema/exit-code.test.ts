// Exit codes for every mix of diagnostics.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DiagnosticCode } from "../text/codes.js";
import type { Diagnostic, Severity } from "../text/diagnostic.js";
import { configExitCode } from "./exit-code.js";

function told(severity: Severity, code: DiagnosticCode = "INVALID_VALUE"): Diagnostic {
  return { severity, code, message: "Cannot", file: "/c", line: 1, column: 1, length: 1 };
}

const table: readonly [string, readonly Diagnostic[], number, number][] = [
  ["nothing", [], 0, 0],
  ["hints", [told("hint")], 0, 0],
  ["warnings", [told("hint"), told("warning")], 0, 5],
  ["errors", [told("error")], 0, 5],
  ["a fatal one", [told("error"), told("fatal")], 2, 5],
  ["a missing file", [told("fatal", "CONFIG_FILE_NOT_FOUND")], 6, 4],
  ["an insecure script", [told("error", "SCRIPT_SECURITY_OFF"), told("error")], 0, 6],
];

for (const [what, diagnostics, start, testing] of table) {
  test(`configExitCode() gives ${start} at start and ${testing} with -t for ${what}`, () => {
    assert.equal(configExitCode(diagnostics), start);
    assert.equal(configExitCode(diagnostics, "test"), testing);
  });
}
