// Builds the tree from logical lines. Never throws: whatever the text, it yields a tree and
// diagnostics. Follows process_stream of lib/parser.c: a brace may stand on the keyword's line,
// on the next, or the whole block on one line; a block keyword without a brace is taken as if it
// had one.

import type { Statement, Word } from "./ast.js";
import type { DiagnosticCode } from "./codes.js";
import type { Diagnostics } from "./diagnostic.js";
import { type LogicalLine, spanOf } from "./logical-line.js";
import { isSecretBlock } from "./secrets.js";
import type { Span } from "./source.js";
import { type Piece, splitWords } from "./words.js";

/** keepalived.conf needs 5 levels. */
export const blockDepthMax = 32;

export interface ParseOptions {
  readonly diagnostics: Diagnostics;
  /**
   * Whether the keyword at the end of `path` ("vrrp_instance/authentication") must have a block.
   */
  readonly expectsBlock: (path: string) => boolean;
}

/** A statement while its block may still come. */
interface OpenStatement {
  readonly keyword: Word;
  readonly words: Word[];
  readonly line: LogicalLine;
  block?: OpenStatement[] | undefined;
}

/** A block while it is being read. */
interface Frame {
  readonly path: string;
  readonly statements: OpenStatement[];
  readonly opener: Span;
  /** A stray brace: its content belongs to the block around it. */
  readonly isStray: boolean;
}

/** Reads logical lines into statements. */
export function parseStatements(
  lines: readonly LogicalLine[],
  options: ParseOptions,
): readonly Statement[] {
  const parser = new Parser(options);
  for (const line of lines) parser.readLine(line);
  return parser.finish();
}

class Parser {
  readonly #options: ParseOptions;
  readonly #root: OpenStatement[] = [];
  readonly #frames: Frame[] = [];
  /** The statement that the present line is adding words to. */
  #current: OpenStatement | undefined;
  /** The last statement, while a brace on a later line may still belong to it. */
  #awaiting: OpenStatement | undefined;
  /** Above 0 inside blocks that are too deep to be kept. */
  #skippedDepth = 0;

  constructor(options: ParseOptions) {
    this.#options = options;
  }

  readLine(line: LogicalLine): void {
    for (const piece of splitWords(line.text)) {
      if (piece.kind === "word" || piece.kind === "quoted") this.#word(line, piece);
      else if (piece.kind === "open") this.#open(spanOf(line, piece.start, piece.end));
      else if (piece.kind === "close") this.#close(spanOf(line, piece.start, piece.end));
    }
    this.#endStatement();
  }

  finish(): readonly Statement[] {
    this.#insertMissingBrace();
    for (const frame of this.#frames) {
      if (!frame.isStray) this.#report(frame.opener, missingClose);
    }
    return this.#root;
  }

  #word(line: LogicalLine, piece: Piece): void {
    if (this.#skippedDepth > 0) return;
    const span = spanOf(line, piece.start, piece.end);
    if (!piece.isTerminated) this.#report(span, unterminatedQuote);
    const word: Word = { value: piece.value, isQuoted: piece.kind === "quoted", span };
    if (this.#current !== undefined) {
      this.#current.words.push(word);
      return;
    }
    this.#insertMissingBrace();
    this.#awaiting = undefined;
    this.#current = { keyword: word, words: [], line };
    this.#statements().push(this.#current);
  }

  #open(span: Span): void {
    if (this.#skippedDepth > 0 || this.#frames.length >= blockDepthMax) {
      if (this.#skippedDepth === 0) this.#report(span, tooDeep);
      this.#skippedDepth++;
      return;
    }
    this.#endStatement();
    const owner = this.#awaiting;
    this.#awaiting = undefined;
    if (owner === undefined) this.#pushStray(span);
    else this.#pushBlock(owner, span);
  }

  #close(span: Span): void {
    if (this.#skippedDepth > 0) {
      this.#skippedDepth--;
      return;
    }
    this.#endStatement();
    this.#insertMissingBrace();
    this.#awaiting = undefined;
    if (this.#frames.pop() === undefined) this.#report(span, extraClose);
  }

  #endStatement(): void {
    if (this.#current !== undefined) this.#awaiting = this.#current;
    this.#current = undefined;
  }

  /** Opens the block that the statement before should have opened itself. */
  #insertMissingBrace(): void {
    const owner = this.#awaiting;
    if (owner === undefined || !this.#options.expectsBlock(this.#pathOf(owner))) return;
    this.#report(owner.keyword.span, missingOpen(owner.keyword.value));
    this.#awaiting = undefined;
    this.#pushBlock(owner, owner.keyword.span);
  }

  #pushBlock(owner: OpenStatement, opener: Span): void {
    const path = this.#pathOf(owner);
    owner.block = [];
    this.#frames.push({ path, statements: owner.block, opener, isStray: false });
  }

  #pushStray(span: Span): void {
    this.#report(span, unexpectedOpen);
    const path = this.#path();
    this.#frames.push({ path, statements: this.#statements(), opener: span, isStray: true });
  }

  #statements(): OpenStatement[] {
    return this.#frames.at(-1)?.statements ?? this.#root;
  }

  #path(): string {
    return this.#frames.at(-1)?.path ?? "";
  }

  #pathOf(statement: OpenStatement): string {
    const path = this.#path();
    return path === "" ? statement.keyword.value : `${path}/${statement.keyword.value}`;
  }

  #report(span: Span, fault: Fault): void {
    const isSecret = isSecretBlock(this.#path());
    this.#options.diagnostics.report(span, { severity: "error", ...fault, isSecret });
  }
}

interface Fault {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
}

const unterminatedQuote: Fault = {
  code: "UNTERMINATED_QUOTE",
  message: "Cannot find the closing quote; the word is taken to end with the line",
  hint: 'add the closing "',
};

const unexpectedOpen: Fault = {
  code: "UNEXPECTED_OPEN_BRACE",
  message: "Cannot tell which keyword this { belongs to; the brace is ignored",
};

const extraClose: Fault = {
  code: "EXTRA_CLOSE_BRACE",
  message: "Cannot match this } with a {; the brace is ignored",
};

const missingClose: Fault = {
  code: "MISSING_CLOSE_BRACE",
  message: "Cannot find the } of this block; it is taken to end with the file",
};

const tooDeep: Fault = {
  code: "BLOCK_TOO_DEEP",
  message: `Cannot use blocks nested deeper than ${blockDepthMax}; the block is skipped`,
};

function missingOpen(keyword: string): Fault {
  return {
    code: "MISSING_OPEN_BRACE",
    message: `Cannot find the { of "${keyword}"; it is read as if it were there`,
    hint: `write "${keyword} ... {"`,
  };
}
