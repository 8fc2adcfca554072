// A line as the parser sees it, after includes, conditions, definitions and sequences, and the way
// back from a place in it to the file that the user would edit. Millions are made: a line is a
// range of a longer string, and only one that was put together remembers its pieces.

import type { Cause, SourceFile, Span } from "./source.js";

/** A stretch of a line that came from one place. */
export interface Segment {
  /** Offset into the line; the next segment starts where this one ends. */
  readonly start: number;
  /** Column of its first character in the file's line, from 0. */
  readonly column: number;
  /** Columns that the stretch stands for as a whole; absent = one for each character. */
  readonly width?: number | undefined;
  readonly cause: Cause | undefined;
}

/** Where a line's characters came from; absent segments = as they stand in the file's line. */
export interface Origin {
  readonly source: SourceFile;
  /** From 1. */
  readonly number: number;
  /** Column of the line's first character in the file's line, from 0. */
  readonly column: number;
  readonly cause?: Cause | undefined;
  readonly segments?: readonly Segment[] | undefined;
}

/** A line ready to be split into words: the characters `from` to `to` of `base`. */
export class LogicalLine {
  readonly base: string;
  readonly from: number;
  readonly to: number;
  readonly source: SourceFile;
  readonly number: number;
  readonly column: number;
  readonly cause: Cause | undefined;
  readonly segments: readonly Segment[] | undefined;

  constructor(base: string, from: number, to: number, origin: Origin) {
    this.base = base;
    this.from = from;
    this.to = to;
    this.source = origin.source;
    this.number = origin.number;
    this.column = origin.column;
    this.cause = origin.cause;
    this.segments = origin.segments;
  }

  get text(): string {
    return this.base.slice(this.from, this.to);
  }
}

/** The place in the file of the characters from `start` to `end` of `line`. */
export function spanOf(line: LogicalLine, start: number, end: number): Span {
  const { source: file, number, segments, cause } = line;
  if (segments !== undefined) return segmentedSpan(line, segments, start, end);
  return { file, line: number, column: line.column + start + 1, length: end - start, cause };
}

function segmentedSpan(
  line: LogicalLine,
  segments: readonly Segment[],
  start: number,
  end: number,
): Span {
  const { column, width } = placeOf(segments, start, end);
  const cause = causeOf(segments, start, end, line.cause);
  return { file: line.source, line: line.number, column: column + 1, length: width, cause };
}

/** The columns of the file's line, from 0, that the characters from `start` to `end` stand for. */
export function placeOf(
  segments: readonly Segment[],
  start: number,
  end: number,
): { readonly column: number; readonly width: number } {
  const column = columnIn(segments[segmentAt(segments, start)], start);
  const last = endColumnIn(segments[segmentAt(segments, Math.max(start, end - 1))], end);
  return { column, width: Math.max(last - column, 0) };
}

/** What made the characters from `start` to `end`; of several causes the first that is special. */
function causeOf(
  segments: readonly Segment[],
  start: number,
  end: number,
  ordinary: Cause | undefined,
): Cause | undefined {
  let index = segmentAt(segments, start);
  let cause = segments[index]?.cause;
  while (cause === ordinary && (segments[++index]?.start ?? end) < end) {
    cause = segments[index]?.cause;
  }
  return cause;
}

/** The last segment that starts at or before `offset`. */
export function segmentAt(segments: readonly Segment[], offset: number): number {
  let index = 0;
  while (index + 1 < segments.length && (segments[index + 1]?.start ?? 0) <= offset) index++;
  return index;
}

function columnIn(segment: Segment | undefined, offset: number): number {
  if (segment === undefined) return offset;
  return segment.column + (segment.width === undefined ? offset - segment.start : 0);
}

function endColumnIn(segment: Segment | undefined, offset: number): number {
  if (segment === undefined) return offset;
  return segment.column + (segment.width ?? offset - segment.start);
}
