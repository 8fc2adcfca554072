// Where text comes from and where in it something stands. A span survives includes, conditions,
// definitions and sequences: it always names the file, line and columns that the user would edit,
// and knows what led there.

/** UTF-8, or Latin-1 for a file that is not valid UTF-8. */
export type TextEncoding = "utf8" | "latin1";

/** How text came about: a file by an include, a piece by a definition, a line by ~SEQ or ~LST. */
export type StepKind = "include" | "definition" | "sequence" | "list";

/** One step of the way to a piece of text: the line that brought it in. */
export interface TrailStep {
  readonly kind: StepKind;
  readonly path: string;
  readonly line: number;
  /** What stands there: `conf.d/*.conf`, `$VIP`, `~SEQ i = 7`. */
  readonly text: string;
}

/** One physical line: `text` without its end, `ending` as it stood in the file. */
export interface SourceLine {
  readonly text: string;
  readonly ending: string;
}

/** The include that brought a file in. */
export interface Inclusion {
  readonly pattern: string;
  readonly span: Span;
}

/** A configuration file as it was read, with the include that led to it. */
export class SourceFile {
  readonly path: string;
  /** How the bytes of the file became text; what goes on the wire must go back the same way. */
  readonly encoding: TextEncoding;
  readonly text: string;
  /** Absent for the main file. */
  readonly inclusion: Inclusion | undefined;
  readonly hasNul: boolean;
  /** Where each line starts; made when a line is first asked for. */
  #starts: readonly number[] | undefined;
  #dollar = -1;

  constructor(path: string, text: string, encoding: TextEncoding = "utf8", inclusion?: Inclusion) {
    this.path = path;
    this.text = text;
    this.encoding = encoding;
    this.inclusion = inclusion;
    this.hasNul = text.includes("\0");
  }

  /**
   * Whether a `$` stands between two offsets. To be asked from the front to the back: the next one
   * is remembered, so that a file is searched once and not once a line.
   */
  hasDollar(from: number, to: number): boolean {
    if (this.#dollar < from) {
      const found = this.text.indexOf("$", from);
      this.#dollar = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#dollar < to;
  }

  /** The line of that number, from 1, without its end; undefined when there is none. */
  lineText(number: number): string | undefined {
    this.#starts ??= lineStarts(this.text);
    const start = this.#starts[number - 1];
    if (start === undefined) return undefined;
    return this.text.slice(start, lineEnd(this.text, start));
  }
}

function lineStarts(text: string): number[] {
  const starts: number[] = [];
  for (let start = 0; start < text.length; ) {
    starts.push(start);
    const newline = text.indexOf("\n", start);
    start = newline < 0 ? text.length : newline + 1;
  }
  return starts;
}

/** Where the line that starts at `start` ends, its CR and LF left out. */
export function lineEnd(text: string, start: number): number {
  const newline = text.indexOf("\n", start);
  if (newline < 0) return text.length;
  return newline > start && text.charCodeAt(newline - 1) === 13 ? newline - 1 : newline;
}

/** What made a piece of text, and what made that in turn. */
export interface Cause {
  readonly kind: Exclude<StepKind, "include">;
  readonly path: string;
  readonly line: number;
  /** The definition's name; the variables of a sequence or list. */
  readonly names: readonly string[];
  /** The values of the variables, one each. */
  readonly values: readonly string[];
  readonly outer: Cause | undefined;
}

/** A place in one line. Lines and columns count from 1; `length` may be 0 for "here". */
export interface Span {
  readonly file: SourceFile;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** Absent where the text stands in the file as it is used. */
  readonly cause?: Cause | undefined;
}

/** A value together with the place that gave it. */
export interface Located<T> {
  readonly value: T;
  readonly span: Span;
}
