// Builds the tree from logical lines, one top-level statement at a time. Never throws: whatever the
// text, it yields a tree and diagnostics. Follows process_stream of lib/parser.c: a brace may
// stand on the keyword's line, on the next, or the whole block on one line; a block keyword
// without a brace is taken as if it had one.

import { type Statement, Word } from "./ast.js";
import { BlockPaths, type PathNode } from "./block-paths.js";
import type { Diagnostics } from "./diagnostic.js";
import { type LogicalLine, spanOf } from "./logical-line.js";
import { blockDepthMax, type Fault, faults, missingOpen } from "./parser-faults.js";
import { isSecretKeyword, opensSecrets } from "./secrets.js";
import type { Span } from "./source.js";
import {
  closingQuote,
  codes,
  commentStart,
  hasOpenQuote,
  isBlankCode,
  isCommentCharacter,
  wordEnd,
} from "./words.js";

export interface ParseOptions {
  readonly diagnostics: Diagnostics;
  /**
   * Whether the keyword at the end of `path` ("vrrp_instance/authentication") must have a block.
   */
  readonly expectsBlock: (path: string) => boolean;
  /** Told of each statement of global_defs when its line ends, before the next line is read. */
  readonly onGlobalStatement?: ((statement: Statement) => void) | undefined;
}

/** Where logical lines come from, one at a time. */
export interface LineSource {
  next(): LogicalLine | undefined;
}

/** A statement while its block may still come. */
interface OpenStatement {
  readonly keyword: Word;
  readonly words: Word[];
  readonly line: LogicalLine;
  readonly start: number;
  end: number;
  block: OpenStatement[] | undefined;
}

/** A block while it is being read. */
interface Frame {
  readonly node: PathNode;
  readonly statements: OpenStatement[];
  readonly opener: Span;
  /** A stray brace: its content belongs to the block around it. */
  readonly isStray: boolean;
  /** What stands in it may be a secret. */
  readonly isSecret: boolean;
}

/** More keywords than there are. */
const keywordsMax = 1024;

/** The top-level statements of `lines`, each as soon as it is complete. */
export function* parseStatements(lines: LineSource, options: ParseOptions): Generator<Statement> {
  const parser = new Parser(options);
  for (let line = lines.next(); line !== undefined; line = lines.next()) {
    parser.readLine(line);
    yield* parser.takeComplete();
  }
  yield* parser.finish();
}

const none: readonly Statement[] = [];

class Parser {
  readonly #options: ParseOptions;
  readonly #paths: BlockPaths;
  #root: OpenStatement[] = [];
  readonly #frames: Frame[] = [];
  /** The statement that the present line is adding words to. */
  #current: OpenStatement | undefined;
  /** The last statement, while a brace on a later line may still belong to it. */
  #awaiting: OpenStatement | undefined;
  /** Whether a secret may follow a keyword: the same few are asked about again and again. */
  readonly #secretKeywords: Map<string, boolean> = new Map();
  /** Above 0 inside blocks that are too deep to be kept. */
  #skippedDepth = 0;

  constructor(options: ParseOptions) {
    this.#options = options;
    this.#paths = new BlockPaths(options.expectsBlock);
  }

  readLine(line: LogicalLine): void {
    const { base, from } = line;
    let { to } = line;
    /** Known once a backslash stands before a quote; before it `#` starts no comment. */
    let comment = 0;
    for (let at = from; at < to; ) {
      const code = base.charCodeAt(at);
      if (isBlankCode(code)) at++;
      else if (code === codes.open) this.#open(line, at++ - from);
      else if (code === codes.close) this.#close(line, at++ - from);
      else if (code === codes.quote) {
        const close = closingQuote(base, at, to);
        if (comment === 0 && isEscapedQuote(base, from, at, close)) {
          comment = commentStart(base, from, to);
          to = comment;
          continue;
        }
        at = this.#quoted(line, at, close, comment === 0 ? to : comment, comment > 0);
      } else if (isCommentCharacter(code) && at >= comment) break;
      else {
        const end = wordEnd(base, at, to, comment);
        this.#word(new Word(line, at - from, end - from, false));
        at = end;
      }
    }
    this.#endStatement();
  }

  /** The top-level statements that nothing can be added to any more. */
  takeComplete(): readonly Statement[] {
    if (this.#frames.length > 0 || this.#root.length === 0) return none;
    const statements = this.#root;
    const waiting = this.#awaiting;
    if (waiting !== undefined && statements.length === 1) return none;
    this.#root = waiting === undefined ? [] : [waiting];
    if (waiting !== undefined) statements.pop();
    return statements;
  }

  finish(): readonly Statement[] {
    this.#insertMissingBrace();
    for (const frame of this.#frames) {
      if (!frame.isStray) this.#report(frame.opener, faults.missingClose);
    }
    this.#options.diagnostics.isInSecretBlock = false;
    return this.#root;
  }

  /** Adds a quoted word and returns where it ends. */
  #quoted(line: LogicalLine, at: number, close: number, to: number, hasEscapes: boolean): number {
    const { base, from } = line;
    const end = close < 0 ? to : close + 1;
    const isOpen = close < 0 && (!hasEscapes || hasOpenQuote(base, from, to));
    if (isOpen && this.#skippedDepth === 0) {
      this.#report(spanOf(line, at - from, end - from), faults.unterminatedQuote);
    }
    this.#word(new Word(line, at - from, end - from, true));
    return end;
  }

  #word(word: Word): void {
    if (this.#skippedDepth > 0) return;
    const current = this.#current;
    if (current !== undefined) {
      current.words.push(word);
      current.end = word.end;
      return;
    }
    this.#insertMissingBrace();
    this.#awaiting = undefined;
    const { line, start, end } = word;
    this.#current = { keyword: word, words: [], line, start, end, block: undefined };
    this.#statements().push(this.#current);
  }

  #open(line: LogicalLine, at: number): void {
    if (this.#skippedDepth > 0 || this.#frames.length >= blockDepthMax) {
      if (this.#skippedDepth === 0) this.#report(spanOf(line, at, at + 1), faults.tooDeep);
      this.#skippedDepth++;
      return;
    }
    this.#endStatement();
    const owner = this.#awaiting;
    this.#awaiting = undefined;
    const span = spanOf(line, at, at + 1);
    if (owner === undefined) this.#pushStray(span);
    else this.#pushBlock(owner, span);
  }

  #close(line: LogicalLine, at: number): void {
    if (this.#skippedDepth > 0) {
      this.#skippedDepth--;
      return;
    }
    this.#endStatement();
    this.#insertMissingBrace();
    this.#awaiting = undefined;
    if (this.#frames.pop() === undefined) {
      this.#report(spanOf(line, at, at + 1), faults.extraClose);
    }
    this.#options.diagnostics.isInSecretBlock = this.#isSecret();
  }

  #endStatement(): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#awaiting = current;
    this.#current = undefined;
    this.#concealIn(current);
    const listener = this.#options.onGlobalStatement;
    if (listener !== undefined && this.#node().path === "global_defs") listener(current);
  }

  /** What the line itself does not show: that its block, or what a name stood for, is a secret. */
  #concealIn({ keyword, words, line, end }: OpenStatement): void {
    const { diagnostics } = this.#options;
    // What should be a keyword may be a password that lost its own.
    const start = isSecretKeyword(keyword.value) ? keyword.end : keyword.start;
    if (this.#isSecret() && start < end) diagnostics.conceal(line, start, end);
    if (line.segments === undefined) return;
    // A keyword that lost its line is one word of many.
    const opener = this.#takesSecret(keyword.value)
      ? keyword
      : words.find(({ value }) => isSecretKeyword(value));
    if (opener !== undefined && opener.end < end) diagnostics.conceal(line, opener.end, end);
  }

  #takesSecret(keyword: string): boolean {
    const known = this.#secretKeywords.get(keyword);
    if (known !== undefined) return known;
    const takes = opensSecrets(keyword);
    if (this.#secretKeywords.size < keywordsMax) this.#secretKeywords.set(keyword, takes);
    return takes;
  }

  #isSecret(): boolean {
    return this.#frames.at(-1)?.isSecret ?? false;
  }

  /** Opens the block that the statement before should have opened itself. */
  #insertMissingBrace(): void {
    const owner = this.#awaiting;
    if (owner === undefined) return;
    if (!this.#paths.child(this.#node(), owner.keyword.value).isBlock) return;
    this.#report(owner.keyword.span, missingOpen(owner.keyword.value));
    this.#awaiting = undefined;
    this.#pushBlock(owner, owner.keyword.span);
  }

  #pushBlock(owner: OpenStatement, opener: Span): void {
    const node = this.#paths.child(this.#node(), owner.keyword.value);
    owner.block = [];
    const isSecret = this.#isSecret() || this.#takesSecret(owner.keyword.value);
    this.#frames.push({ node, statements: owner.block, opener, isStray: false, isSecret });
    this.#options.diagnostics.isInSecretBlock = isSecret;
  }

  #pushStray(span: Span): void {
    this.#report(span, faults.unexpectedOpen);
    const statements = this.#statements();
    const isSecret = this.#isSecret();
    this.#frames.push({ node: this.#node(), statements, opener: span, isStray: true, isSecret });
  }

  #statements(): OpenStatement[] {
    return this.#frames.at(-1)?.statements ?? this.#root;
  }

  #node(): PathNode {
    return this.#frames.at(-1)?.node ?? this.#paths.root;
  }

  #report(span: Span, fault: Fault): void {
    this.#options.diagnostics.report(span, {
      severity: "error",
      ...fault,
      isSecret: this.#isSecret(),
    });
  }
}

/** Whether a backslash stands before the quote that opens at `at` or the one that closes it. */
function isEscapedQuote(text: string, from: number, at: number, close: number): boolean {
  if (at > from && text.charCodeAt(at - 1) === codes.backslash) return true;
  return close > at + 1 && text.charCodeAt(close - 1) === codes.backslash;
}
