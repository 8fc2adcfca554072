// The bounds and the order of a list of diagnostics.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Diagnostics, diagnosticsMax, type Severity } from "./diagnostic.js";
import { SourceFile, type Span } from "./source.js";

const file: SourceFile = new SourceFile("/c", "one\nauth_pass s3cret\nthree\n");

function at(line: number, column = 1): Span {
  return { file, line, column, length: 1 };
}

function note(severity: Severity): { severity: Severity; code: "INVALID_VALUE"; message: string } {
  return { severity, code: "INVALID_VALUE", message: "Cannot" };
}

test("Diagnostics lists in the order of the text, whole files last", () => {
  const diagnostics = new Diagnostics();
  diagnostics.reportFile("/c", note("hint"));
  diagnostics.report(at(3), note("error"));
  diagnostics.report(at(1, 3), note("error"));
  diagnostics.report(at(1, 2), note("error"));
  const places = diagnostics.list().map(({ line, column }) => `${line}:${column}`);
  assert.deepEqual(places, ["1:2", "1:3", "3:1", "0:0"]);
});

test("Diagnostics keeps a bounded number, counts the rest and never drops all fatal ones", () => {
  const diagnostics = new Diagnostics();
  for (let i = 0; i < diagnosticsMax + 7; i++) diagnostics.report(at(1), note("error"));
  diagnostics.report(at(3), note("fatal"));
  const list = diagnostics.list();
  assert.equal(list.length, diagnosticsMax + 2);
  assert.equal(list.at(-1)?.code, "TOO_MANY");
  assert.match(list.at(-1)?.message ?? "", /\b7\b/);
  assert.ok(diagnostics.hasFatal && list.some((each) => each.severity === "fatal"));
});

test("Diagnostics loses no error behind hints, and makes none of hints that are too many", () => {
  const diagnostics = new Diagnostics();
  for (let i = 0; i < diagnosticsMax + 7; i++) diagnostics.report(at(1), note("hint"));
  const hints = diagnostics.list();
  assert.equal(hints.length, diagnosticsMax + 1);
  assert.ok(hints.every(({ severity }) => severity === "hint"));
  diagnostics.report(at(3), note("warning"));
  diagnostics.report(at(3), note("error"));
  const severities = new Set(diagnostics.list().map(({ severity }) => severity));
  assert.deepEqual(severities, new Set(["hint", "warning", "error"]));
});

test("Diagnostics shows the source line without its secret, or not at all", () => {
  const diagnostics = new Diagnostics();
  diagnostics.report(at(2), note("error"));
  diagnostics.report(at(3), { ...note("error"), isSecret: true });
  const [concealed, hidden] = diagnostics.list();
  assert.equal(concealed?.sourceLine, "auth_pass ********");
  assert.ok(hidden !== undefined && !("sourceLine" in hidden) && !("isSecret" in hidden));
});
