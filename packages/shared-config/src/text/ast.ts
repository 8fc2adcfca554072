// The tree of a configuration: statements and blocks, each word with its place. Says how the text
// is built, not what it means; what a keyword is, only schema/ knows.

import type { LogicalLine } from "./logical-line.js";
import type { Span } from "./source.js";

export interface Word {
  readonly value: string;
  readonly isQuoted: boolean;
  readonly span: Span;
}

/** A keyword with its words, and its block if it has one. */
export interface Statement {
  readonly keyword: Word;
  readonly words: readonly Word[];
  readonly block?: readonly Statement[] | undefined;
  /** The line it stands on: script keywords split it a second time. */
  readonly line: LogicalLine;
}
