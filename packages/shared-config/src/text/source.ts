// Where text comes from and where in it something stands. A span survives includes, conditions and
// definitions: it always names the file, line and columns that the user would edit.

/** UTF-8, or Latin-1 for a file that is not valid UTF-8. */
export type TextEncoding = "utf8" | "latin1";

/** One step of the way to an included file: the line that includes the next file. */
export interface IncludeStep {
  readonly path: string;
  readonly line: number;
}

/** A configuration file as it was read, with the includes that led to it (outermost first). */
export interface SourceFile {
  readonly path: string;
  /** How the bytes of the file became text; what goes on the wire must go back the same way. */
  readonly encoding: TextEncoding;
  readonly lines: readonly SourceLine[];
  readonly trail: readonly IncludeStep[];
}

/** One physical line: `text` without its end, `ending` as it stood in the file. */
export interface SourceLine {
  readonly text: string;
  readonly ending: string;
}

/** A place in one line. Lines and columns count from 1; `length` may be 0 for "here". */
export interface Span {
  readonly file: SourceFile;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A value together with the place that gave it. */
export interface Located<T> {
  readonly value: T;
  readonly span: Span;
}
