// Diagnostics as text for a terminal or a log: "file:line:column: severity: message [CODE]", then
// the line with a caret, then the way out. Shows nothing that the diagnostic does not carry.

import type { Diagnostic, Severity } from "./diagnostic.js";
import type { TrailStep } from "./source.js";

/** Longest piece of a source line that is shown. */
const frameColumns = 100;
/** Longest piece of a step of the way that is shown. */
const textMax = 60;

/** One diagnostic, several lines, no newline at the end. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, message, code, trail } = diagnostic;
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const came = (trail ?? []).map((step) => `  ${wayOf(step)} ${step.path}:${step.line}`);
  return [
    `${place}: ${severity}: ${printable(message)} [${code}]`,
    ...frame(diagnostic),
    ...advice(diagnostic),
    ...came,
  ].join("\n");
}

function wayOf({ kind, text }: TrailStep): string {
  if (kind === "include") return "included from";
  const what = printable(text.length > textMax ? `${text.slice(0, textMax)}...` : text);
  return kind === "definition" ? `value from ${what} at` : `expansion of ${what} at`;
}

/** All diagnostics and a closing count; empty for none. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  if (diagnostics.length === 0) return "";
  const parts = diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic)}\n`);
  return `${parts.join("")}${summary(diagnostics)}\n`;
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const severities: readonly Severity[] = ["fatal", "error", "warning", "hint"];
  return severities
    .map((severity) => ({
      severity,
      count: diagnostics.filter((each) => each.severity === severity).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`)
    .join(", ");
}

function frame(diagnostic: Diagnostic): string[] {
  const { sourceLine, line, column, length } = diagnostic;
  if (sourceLine === undefined) return [];
  const skipped = Math.max(0, column - 1 - frameColumns / 2);
  const shown = printable(sourceLine.slice(skipped, skipped + frameColumns));
  const start = Math.min(column - 1 - skipped, shown.length);
  const width = Math.max(1, Math.min(length, shown.length - start));
  const gutter = `${line}`.padStart(5);
  return [`${gutter} | ${shown}`, `${" ".repeat(5)} | ${" ".repeat(start)}${"^".repeat(width)}`];
}

function advice(diagnostic: Diagnostic): string[] {
  const { expected, nearest, hint } = diagnostic;
  return [
    ...(expected === undefined ? [] : [`  expected: ${expected}`]),
    ...(nearest === undefined ? [] : [`  did you mean: ${nearest}`]),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ];
}

/** Control characters must not reach a terminal; one for one, so that columns stay true. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\t" ? " " : "\ufffd",
  );
}
