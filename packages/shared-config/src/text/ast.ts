// The tree of a configuration: statements and blocks, each word with its place. Says how the text
// is built, not what it means; what a keyword is, only schema/ knows. A word is two offsets into
// its line until somebody asks for more.

import { type LogicalLine, spanOf } from "./logical-line.js";
import type { Span } from "./source.js";
import { wordValue } from "./words.js";

export class Word {
  readonly line: LogicalLine;
  /** Offsets into the line's text, quotes included. */
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
  #value: string | undefined;

  constructor(line: LogicalLine, start: number, end: number, isQuoted: boolean) {
    this.line = line;
    this.start = start;
    this.end = end;
    this.isQuoted = isQuoted;
  }

  /** The word without quotes and escapes. */
  get value(): string {
    this.#value ??= this.isQuoted ? this.#quotedValue() : this.#plainValue();
    return this.#value;
  }

  get span(): Span {
    return spanOf(this.line, this.start, this.end);
  }

  #plainValue(): string {
    const { base, from } = this.line;
    return wordValue(base, from + this.start, from + this.end);
  }

  #quotedValue(): string {
    const { base, from } = this.line;
    const inner = base.slice(from + this.start + 1, from + this.end);
    return inner.endsWith('"') ? inner.slice(0, -1) : inner.trimEnd();
  }
}

/** A keyword with its words, and its block if it has one. */
export interface Statement {
  readonly keyword: Word;
  readonly words: readonly Word[];
  readonly block?: readonly Statement[] | undefined;
  /** The line it stands on, and where in its text: script keywords split it a second time. */
  readonly line: LogicalLine;
  readonly start: number;
  /** Where the brace, the comment or the line ends it. */
  readonly end: number;
}
