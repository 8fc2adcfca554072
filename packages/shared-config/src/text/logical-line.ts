// A line as the parser sees it, after includes, conditions and definitions, and the way back from a
// place in it to the file that the user would edit.

import type { SourceFile, Span } from "./source.js";

/** A line after includes, conditions and definitions, ready to be split into words. */
export interface LogicalLine {
  readonly source: SourceFile;
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Source column (from 0) of each character and of the end; absent = as it stands. */
  readonly columns?: readonly number[] | undefined;
}

/** The place in the file of the characters from `start` to `end` of `line`. */
export function spanOf(line: LogicalLine, start: number, end: number): Span {
  const first = line.columns?.[start] ?? start;
  const last = line.columns?.[end] ?? end;
  const length = Math.max(last - first, 0);
  return { file: line.source, line: line.number, column: first + 1, length };
}
