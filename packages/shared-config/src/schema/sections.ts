// Keywords with a block: a section of further keywords, or a list of free lines. What is inside is
// the business of the section's own table or line reader.

import type { Statement } from "../text/ast.js";
import { oneWord } from "./forms.js";
import { bindStatements, type Keywords, type Rule, type Scope } from "./keyword.js";
import type { Printable, PrintedStatement } from "./printed.js";

/** How many words stand between a block's keyword and its brace. */
export interface WordCount {
  readonly min: number;
  readonly max: number;
}

const noWords: WordCount = { min: 0, max: 0 };

export interface SectionOptions<D, I> {
  readonly form?: string;
  readonly words?: WordCount;
  readonly keywords: Keywords<I>;
  /** The scope of the block, or undefined, after a report, when the block is to be skipped. */
  readonly open: (scope: Scope<D>, statement: Statement) => Scope<I> | undefined;
  /** Called when the block was read. */
  readonly close?: (scope: Scope<D>, inner: Scope<I>, statement: Statement) => void;
  readonly print?:
    | ((keyword: string, config: Printable) => readonly PrintedStatement[])
    | undefined;
}

/** A keyword whose block has keywords of its own. */
export function section<D, I>(options: SectionOptions<D, I>): Rule<D> {
  const { keywords, words = noWords } = options;
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const inner = options.open(scope, statement);
    if (inner === undefined) return;
    const errors = scope.diagnostics.errorCount;
    bindStatements(inner, statement.block ?? [], keywords);
    options.close?.(scope, inner, statement);
    if (scope.diagnostics.errorCount > errors) scope.root.flawed.add(inner.draft as object);
  };
  return {
    ...oneWord,
    form: `${options.form ?? ""} { ... }`.trimStart(),
    wordsMin: words.min,
    wordsMax: words.max,
    blockKind: "keywords",
    inner: keywords,
    isRepeatable: true,
    missingWord: "error",
    bind,
    print: options.print,
  };
}

/** keepalived skips the block without a name, and the one with two. */
export function withOneName<D>(keyword: string, rule: Rule<D>, more = ""): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const second = statement.words[1];
    if (second === undefined) {
      rule.bind(scope, statement);
      return;
    }
    scope.diagnostics.report(second.span, {
      severity: "error",
      code: "SURPLUS_WORD",
      message: `Cannot use two names for one ${keyword}; the block is skipped`,
      hint: `a name with blanks stands in quotes${more}`,
    });
  };
  return { ...rule, wordsMax: Number.POSITIVE_INFINITY, missingWord: "error", bind };
}

/** A keyword whose block is a list of lines; `read` looks at one line, its keyword included. */
export function lines<D>(
  form: string,
  read: (scope: Scope<D>, line: Statement) => void,
  print?: (keyword: string, config: Printable) => readonly PrintedStatement[],
): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    for (const line of statement.block ?? []) {
      if (line.block !== undefined) reportBlock(scope, line);
      read(scope, line);
    }
  };
  return {
    ...oneWord,
    form: `{ ${form} ... }`,
    wordsMin: 0,
    wordsMax: 0,
    blockKind: "lines",
    isRepeatable: true,
    missingWord: "error",
    bind,
    print,
  };
}

function reportBlock<D>(scope: Scope<D>, line: Statement): void {
  scope.diagnostics.report(line.keyword.span, {
    severity: "error",
    code: "UNEXPECTED_BLOCK",
    message: `Cannot use a block in a line of ${scope.owner}; the block is skipped`,
  });
}

/** Prints a list of lines in a block; a list that is absent or empty prints nothing. */
export function printLines<T>(
  field: string,
  format: (value: T) => readonly string[],
): (keyword: string, config: Printable) => PrintedStatement[] {
  return (keyword, config) => {
    const values = (config[field] ?? []) as readonly T[];
    if (values.length === 0) return [];
    const block = values.map((value) => {
      const [first = "", ...words] = format(value);
      return { keyword: first, words };
    });
    return [{ keyword, words: [], block }];
  };
}

/** The words of a line of a list block, its first one included. */
export function lineWords(line: Statement): Statement["words"] {
  return [line.keyword, ...line.words];
}
