// Diagnostics as JSON, for editors, continuous integration and whoever else reads them by machine.
// The shape is promised: fields may be added, none is renamed or removed while `version` is 1.

import type { Diagnostic, Severity } from "./diagnostic.js";
import type { StepKind } from "./source.js";

export interface JsonStep {
  /** "include", "definition", "sequence" or "list". */
  readonly kind: StepKind;
  readonly file: string;
  readonly line: number;
  /** The include's pattern, `$NAME`, or `~SEQ variable = value`. */
  readonly text: string;
}

export interface JsonDiagnostic {
  readonly file: string;
  /** From 1; 0 when the whole file is meant. */
  readonly line: number;
  /** From 1, in UTF-16 units; `endColumn` is the first one after. Both 0 with line 0. */
  readonly column: number;
  readonly endColumn: number;
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  /** What would have been accepted, the known word nearest, how to mend it: null = nothing. */
  readonly expected: string | null;
  readonly nearest: string | null;
  readonly hint: string | null;
  /** The line with secrets concealed; null when it is not shown. */
  readonly sourceLine: string | null;
  /** How the text came about, innermost first. */
  readonly trail: readonly JsonStep[];
}

export interface JsonReport {
  readonly version: 1;
  readonly exitCode: number;
  readonly summary: Readonly<Record<Severity, number>>;
  readonly diagnostics: readonly JsonDiagnostic[];
}

/** One JSON document of several lines, ending in a newline. */
export function renderDiagnosticsJson(
  diagnostics: readonly Diagnostic[],
  exitCode: number,
): string {
  const summary = { fatal: 0, error: 0, warning: 0, hint: 0 };
  for (const { severity } of diagnostics) summary[severity]++;
  const report: JsonReport = {
    version: 1,
    exitCode,
    summary,
    diagnostics: diagnostics.map(jsonDiagnostic),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** One diagnostic as it stands in a report. */
export function jsonDiagnostic(diagnostic: Diagnostic): JsonDiagnostic {
  const { file, line, column, length, severity, code, message } = diagnostic;
  return {
    file,
    line,
    column,
    endColumn: column + length,
    severity,
    code,
    message,
    expected: diagnostic.expected ?? null,
    nearest: diagnostic.nearest ?? null,
    hint: diagnostic.hint ?? null,
    sourceLine: diagnostic.sourceLine ?? null,
    trail: (diagnostic.trail ?? []).map((step) => ({
      kind: step.kind,
      file: step.path,
      line: step.line,
      text: step.text,
    })),
  };
}
