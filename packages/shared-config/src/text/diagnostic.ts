// What the loader has to say about a configuration: severity, stable code, message, place, way out.
// Text that a user wrote is never thrown about; it is reported here. No secret enters a diagnostic.

import type { DiagnosticCode } from "./codes.js";
import { concealSecrets } from "./secrets.js";
import { type Span, type TrailStep, trailOf } from "./source.js";

/**
 * fatal: keepalived would not start, or an object cannot be built. error: keepalived reports it too
 * and goes on with another value. warning: keepalived reports it too, or a keyword is not acted on.
 * hint: only we say it.
 */
export type Severity = "fatal" | "error" | "warning" | "hint";

export interface Diagnostic {
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly file: string;
  /** From 1; 0 when the whole file is meant. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** What would have been accepted. */
  readonly expected?: string;
  /** How to mend it. */
  readonly hint?: string;
  /** The known word nearest to the one written. */
  readonly nearest?: string;
  /** The line concerned, secrets concealed. */
  readonly sourceLine?: string;
  /** How the text came about, innermost first: definitions, sequences, includes. */
  readonly trail?: readonly TrailStep[];
}

/** What a caller knows when it reports. `isSecret` keeps the source line out. */
export interface Report {
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly hint?: string | undefined;
  readonly nearest?: string | undefined;
  readonly isSecret?: boolean;
}

/** Knows which hints of a file are not wanted; line 0 means the file as a whole. */
export interface Silencer {
  isSilenced(code: DiagnosticCode, line: number): boolean;
}

/** More than this helps nobody; fatal ones have room of their own so that none is lost. */
export const diagnosticsMax = 500;

/** Collects diagnostics, bounded however bad the text is. */
export class Diagnostics {
  readonly #items: Diagnostic[] = [];
  #fatal = 0;
  #others = 0;
  #leftOut = 0;
  /** Files that silence hints, by their path; mostly none. */
  readonly #silences: Map<string, Silencer> = new Map();

  /** From now on leaves out the hints of the file at `path` that `silencer` wants silenced. */
  silence(path: string, silencer: Silencer): void {
    this.#silences.set(path, silencer);
  }

  report(span: Span, report: Report): void {
    if (this.#isSilenced(report, span.file.path, span.line)) return;
    if (!this.#hasRoom(report.severity)) return;
    const source = span.file.lineText(span.line);
    const trail = trailOf(span, report.isSecret);
    const { isSecret, ...facts } = report;
    this.#add({
      ...facts,
      file: span.file.path,
      line: span.line,
      column: span.column,
      length: span.length,
      ...(source === undefined || isSecret ? {} : { sourceLine: concealSecrets(source) }),
      ...(trail.length === 0 ? {} : { trail }),
    });
  }

  /** Reports about a file as a whole. */
  reportFile(path: string, report: Report): void {
    if (this.#isSilenced(report, path, 0)) return;
    if (!this.#hasRoom(report.severity)) return;
    const { isSecret: _, ...facts } = report;
    this.#add({ ...facts, file: path, line: 0, column: 0, length: 0 });
  }

  /** Whether one that is not fatal would be kept: what is costly to say need not be made ready. */
  get hasRoom(): boolean {
    return this.#others < diagnosticsMax;
  }

  /** Counts one that is not even made. */
  leaveOut(): void {
    this.#leftOut++;
  }

  get hasFatal(): boolean {
    return this.#fatal > 0;
  }

  /** All that was kept, in the order of the text, and how many were not. */
  list(): readonly Diagnostic[] {
    const files = new Map<string, number>();
    for (const { file } of this.#items) if (!files.has(file)) files.set(file, files.size);
    const rank = (item: Diagnostic): number => files.get(item.file) ?? 0;
    // What concerns a whole file comes after what concerns its lines.
    const line = (item: Diagnostic): number => item.line || Number.MAX_SAFE_INTEGER;
    const sorted = this.#items.toSorted(
      (a, b) => rank(a) - rank(b) || line(a) - line(b) || a.column - b.column,
    );
    if (this.#leftOut === 0) return sorted;
    return [...sorted, leftOutNote(sorted[0]?.file ?? "", this.#leftOut)];
  }

  #isSilenced({ severity, code }: Report, path: string, line: number): boolean {
    if (severity !== "hint" || this.#silences.size === 0) return false;
    return this.#silences.get(path)?.isSilenced(code, line) === true;
  }

  #hasRoom(severity: Severity): boolean {
    const count = severity === "fatal" ? ++this.#fatal : ++this.#others;
    if (count <= diagnosticsMax) return true;
    this.#leftOut++;
    return false;
  }

  #add(diagnostic: { readonly [K in keyof Diagnostic]: Diagnostic[K] | undefined }): void {
    const present = Object.entries(diagnostic).filter(([, value]) => value !== undefined);
    this.#items.push(Object.fromEntries(present) as unknown as Diagnostic);
  }
}

function leftOutNote(file: string, count: number): Diagnostic {
  const message = `Cannot list ${count} further diagnostics: the first ${diagnosticsMax} are shown`;
  return { severity: "error", code: "TOO_MANY", message, file, line: 0, column: 0, length: 0 };
}
