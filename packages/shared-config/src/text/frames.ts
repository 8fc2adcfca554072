// What lines are being read from: files, and the sequences and definitions that stand in them,
// opened in each other like brackets. A frame gives one line at a time and holds no copy of any.

import type { Definition } from "./definitions.js";
import type { IncludedFile } from "./include.js";
import { LogicalLine } from "./logical-line.js";
import type { Sequence } from "./sequence.js";
import type { Cause, Inclusion, SourceFile } from "./source.js";
import { codes, escapeComments } from "./words.js";

/** The lines of a file. */
export class FileFrame {
  readonly kind = "file";
  readonly source: SourceFile;
  /** The include checks to go back to when the file ends. */
  readonly checksBefore: number;
  #at = 0;
  #number = 0;

  constructor(source: SourceFile, checksBefore: number) {
    this.source = source;
    this.checksBefore = checksBefore;
  }

  next(): LogicalLine | undefined {
    const { source } = this;
    const { text } = source;
    const from = this.#at;
    if (from >= text.length) return undefined;
    const newline = text.indexOf("\n", from);
    let to = newline < 0 ? text.length : newline;
    this.#at = to + 1;
    if (newline > from && text.charCodeAt(to - 1) === codes.return) to--;
    return new LogicalLine(text, from, to, { source, number: ++this.#number, column: 0 });
  }
}

/** Files that one include brought in. */
export class FilesFrame {
  readonly kind = "files";
  readonly inclusion: Inclusion;
  readonly #files: readonly IncludedFile[];
  #index = 0;

  constructor(files: readonly IncludedFile[], inclusion: Inclusion) {
    this.#files = files;
    this.inclusion = inclusion;
  }

  nextFile(): IncludedFile | undefined {
    return this.#files[this.#index++];
  }
}

/** The text of a sequence or list, once for each value. */
export class SequenceFrame {
  readonly kind = "sequence";
  readonly sequence: Sequence;
  readonly #line: LogicalLine;
  readonly #text: LogicalLine;
  #index = 0;
  /** What gave the line that was read last. */
  step: Cause | undefined;

  /** `text` is the rest of `line` after the form. */
  constructor(sequence: Sequence, line: LogicalLine, text: LogicalLine) {
    this.sequence = sequence;
    this.#line = line;
    // A string of its own: what is asked of it must not run on into the rest of the file.
    const { source, number, column, cause, segments } = text;
    const origin = { source, number, column, cause, segments };
    this.#text = new LogicalLine(text.text, 0, text.to - text.from, origin);
  }

  skipToLast(): void {
    this.#index = Math.max(this.#index, this.sequence.count - 1);
  }

  next(): LogicalLine | undefined {
    const { kind, variables, count, values } = this.sequence;
    if (this.#index >= count) return undefined;
    const { source, number, cause } = this.#line;
    this.step = {
      kind,
      path: source.path,
      line: number,
      names: variables,
      values: values(this.#index++),
      outer: cause,
    };
    return withCause(this.#text, this.step);
  }
}

/** The lines of a definition after its first, all at the place of the reference. */
export class DefinitionFrame {
  readonly kind = "definition";
  readonly #definition: Definition;
  readonly #at: LogicalLine;
  readonly #column: number;
  readonly #width: number;
  readonly #outer: Cause | undefined;
  #index = 1;

  constructor(
    definition: Definition,
    at: LogicalLine,
    place: { readonly column: number; readonly width: number; readonly outer: Cause | undefined },
  ) {
    this.#definition = definition;
    this.#at = at;
    this.#column = place.column;
    this.#width = place.width;
    this.#outer = place.outer;
  }

  next(): LogicalLine | undefined {
    const { names, path, lines } = this.#definition;
    const line = lines[this.#index++];
    if (line === undefined) return undefined;
    const outer = this.#outer;
    const cause: Cause = {
      kind: "definition",
      names,
      values: [],
      path,
      line: line.number,
      outer,
    };
    const { source, number } = this.#at;
    const segments = [{ start: 0, column: this.#column, width: this.#width, cause }];
    const text = escapeComments(line.text, false);
    return new LogicalLine(text, 0, text.length, {
      source,
      number,
      column: this.#column,
      cause,
      segments,
    });
  }
}

export type Frame = FileFrame | FilesFrame | SequenceFrame | DefinitionFrame;

/** The characters of `line` from `start` to `end`, each with the place that it has there. */
export function part(line: LogicalLine, start: number, end: number): LogicalLine {
  const { base, source, number, cause, segments } = line;
  const moved = segments
    ?.filter((_, index) => (segments[index + 1]?.start ?? end) > start)
    .map((segment) => movedBack(segment, start));
  const column = line.column + start;
  const origin = { source, number, column, cause, segments: moved };
  return new LogicalLine(base, line.from + start, line.from + end, origin);
}

function movedBack<T extends { readonly start: number; readonly column: number }>(
  segment: T & { readonly width?: number | undefined },
  offset: number,
): T {
  const cut = Math.max(offset - segment.start, 0);
  const column = segment.width === undefined ? segment.column + cut : segment.column;
  return { ...segment, start: Math.max(segment.start - offset, 0), column };
}

/** `line` as it came about by `cause`. */
function withCause(line: LogicalLine, cause: Cause): LogicalLine {
  const { base, source, number, column, segments } = line;
  const outer = line.cause;
  // What the text of the sequence had from elsewhere, a definition perhaps, it keeps.
  const caused = segments?.map((segment) =>
    segment.cause === outer ? { ...segment, cause } : segment,
  );
  const origin = { source, number, column, cause, segments: caused };
  return new LogicalLine(base, line.from, line.to, origin);
}
