// What the loader has to say about a configuration: severity, stable code, message, place, way out.
// Text that a user wrote is never thrown about; it is reported here. No secret enters a diagnostic.

import type { DiagnosticCode } from "./codes.js";
import type { LogicalLine } from "./logical-line.js";
import { SecretPlaces } from "./secret-places.js";
import { concealed, concealSecrets, secretStart } from "./secrets.js";
import type { Span, TrailStep } from "./source.js";
import { trailOf } from "./trail.js";

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

/** A diagnostic as it is kept: what of its line and way may be shown is known at the end. */
interface Item {
  readonly facts: Omit<Report, "isSecret"> &
    Pick<Diagnostic, "file" | "line" | "column" | "length">;
  /** Absent for a file as a whole. */
  readonly span?: Span;
  readonly isSecret: boolean;
}

/**
 * More than this of a kind helps nobody. Fatal ones and hints have room of their own, so that what
 * keeps the daemon from starting is not lost behind errors, nor an error behind hints.
 */
export const diagnosticsMax = 500;

/** What shares the room for {@link diagnosticsMax}. */
type Kind = "fatal" | "error" | "hint";

/** Collects diagnostics, bounded however bad the text is. */
export class Diagnostics {
  readonly #items: Item[] = [];
  readonly #secrets: SecretPlaces = new SecretPlaces();
  readonly #words: Set<string> = new Set();
  /** Whether what is being read stands in a block that holds secrets. */
  isInSecretBlock = false;
  readonly #counts: Record<Kind, number> = { fatal: 0, error: 0, hint: 0 };
  #errors = 0;
  /** Left out, before they were counted or after. */
  readonly #leftOut: Record<Kind, number> = { fatal: 0, error: 0, hint: 0 };
  /** Files that silence hints, by their path; mostly none. */
  readonly #silences: Map<string, Silencer> = new Map();

  /** From now on leaves out the hints of the file at `path` that `silencer` wants silenced. */
  silence(path: string, silencer: Silencer): void {
    this.#silences.set(path, silencer);
  }

  report(span: Span, report: Report): void {
    if (this.#isSilenced(report, span.file.path, span.line)) return;
    if (!this.#count(report.severity)) return;
    const { isSecret: isTold = false, ...facts } = report;
    const isSecret = isTold || this.isInSecretBlock;
    const { file, line, column, length } = span;
    this.#items.push({
      facts: { ...facts, file: file.path, line, column, length },
      span,
      isSecret,
    });
  }

  /** Reports about a file as a whole. */
  reportFile(path: string, report: Report): void {
    if (this.#isSilenced(report, path, 0)) return;
    if (!this.#count(report.severity)) return;
    const { isSecret = false, ...facts } = report;
    this.#items.push({ facts: { ...facts, file: path, line: 0, column: 0, length: 0 }, isSecret });
  }

  /** From now on the characters from `start` to `end` of `line` are shown nowhere. */
  conceal(line: LogicalLine, start: number, end: number): void {
    this.#secrets.add(line, start, end);
  }

  /**
   * The words of `text` come from a definition that is named like a secret: no message quotes them,
   * whatever the definition was used for.
   */
  concealWords(text: string): void {
    for (const word of text.split(/[ \t"]+/)) {
      if (word.length >= concealedLengthMin && this.#words.size < concealedWordsMax) {
        this.#words.add(word);
      }
    }
  }

  /** Whether what stands at `span` must not be quoted, as far as its line shows. */
  mayBeSecret({ file, line, column }: Span): boolean {
    if (this.isInSecretBlock) return true;
    // Quoted by nobody any more.
    if (!this.hasRoom("error")) return false;
    return column > secretStart(file.lineText(line) ?? "");
  }

  /** Whether a further one would be kept: what is costly to say need not be made ready. */
  hasRoom(severity: Severity): boolean {
    return this.#counts[kindOf(severity)] < diagnosticsMax;
  }

  /** Counts one that is not even made. */
  leaveOut(severity: Severity): void {
    if (isError(severity)) this.#errors++;
    this.#leftOut[kindOf(severity)]++;
  }

  /** How many errors there were so far, fatal or not, kept or not. */
  get errorCount(): number {
    return this.#errors;
  }

  get hasFatal(): boolean {
    return this.#counts.fatal > 0;
  }

  /** All that was kept, in the order of the text, and how many were not. */
  list(): readonly Diagnostic[] {
    const files = new Map<string, number>();
    const items = this.#items.map((item) => this.#shown(item));
    for (const { file } of items) if (!files.has(file)) files.set(file, files.size);
    const rank = (item: Diagnostic): number => files.get(item.file) ?? 0;
    // What concerns a whole file comes after what concerns its lines.
    const line = (item: Diagnostic): number => item.line || Number.MAX_SAFE_INTEGER;
    const sorted = items.toSorted(
      (a, b) => rank(a) - rank(b) || line(a) - line(b) || a.column - b.column,
    );
    const note = leftOutNote(sorted[0]?.file ?? "", this.#leftOut);
    return note === undefined || this.#isSilenced(note, note.file, 0) ? sorted : [...sorted, note];
  }

  #isSilenced({ severity, code }: Report, path: string, line: number): boolean {
    if (severity !== "hint" || this.#silences.size === 0) return false;
    return this.#silences.get(path)?.isSilenced(code, line) === true;
  }

  /** Whether this one is kept. */
  #count(severity: Severity): boolean {
    if (++this.#counts[kindOf(severity)] > diagnosticsMax) {
      this.leaveOut(severity);
      return false;
    }
    if (isError(severity)) this.#errors++;
    return true;
  }

  #shown({ facts, span, isSecret }: Item): Diagnostic {
    const source = span?.file.lineText(span.line);
    const trail = span === undefined ? [] : trailOf(span, this.#secrets, isSecret);
    const known = this.#secrets.at(facts.file, facts.line);
    const isHidden = source === undefined || isSecret || this.#secrets.isFull;
    const all = {
      ...facts,
      ...this.#withoutSecretWords(facts),
      sourceLine: isHidden ? undefined : concealSecrets(source, known),
      trail: trail.length === 0 ? undefined : trail,
    };
    const present = Object.entries(all).filter(([, value]) => value !== undefined);
    return Object.fromEntries(present) as unknown as Diagnostic;
  }

  #withoutSecretWords({ message, nearest }: Item["facts"]): Partial<Item["facts"]> {
    if (this.#words.size === 0) return {};
    const shown = (quoted: string, word: string): string =>
      this.#isSecretWord(word) ? `"${concealed}"` : quoted;
    return {
      message: message.replace(/"([^"]*)"/g, shown),
      ...(nearest !== undefined && this.#isSecretWord(nearest) ? { nearest: concealed } : {}),
    };
  }

  #isSecretWord(word: string): boolean {
    if (this.#words.has(word)) return true;
    const start = word.endsWith(cut) ? word.slice(0, -cut.length) : undefined;
    return start !== undefined && [...this.#words].some((each) => each.startsWith(start));
  }
}

/** A shorter one is a number or a flag, and would not be guessed from its absence. */
const concealedLengthMin = 4;
const concealedWordsMax = 1000;
/** What shorten() leaves of a long word ends so. */
const cut = "...";

/** Whether something was not taken as it is written. */
function isError(severity: Severity): boolean {
  return severity === "fatal" || severity === "error";
}

function kindOf(severity: Severity): Kind {
  return severity === "warning" ? "error" : severity;
}

/** No worse than what was left out: hints alone are no reason to fail. */
function leftOutNote(
  file: string,
  leftOut: Readonly<Record<Kind, number>>,
): Diagnostic | undefined {
  const count = leftOut.fatal + leftOut.error + leftOut.hint;
  if (count === 0) return undefined;
  const severity = count === leftOut.hint ? "hint" : "error";
  const message = `Cannot list ${count} further diagnostics: ${diagnosticsMax} of a kind are shown`;
  return { severity, code: "TOO_MANY", message, file, line: 0, column: 0, length: 0 };
}
