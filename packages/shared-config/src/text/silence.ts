// Which hints of a file its comments silence: on the comment's line, in the statement that follows
// a comment on a line of its own, or in the whole file. Only hints: what keepalived reports too
// is never silenced. Asked only for files that have such a comment at all.

import { type DiagnosticCode, diagnosticCodes } from "./codes.js";
import { type ConfigDocument, type DocumentNode, parseDocument, type Token } from "./document.js";
import { type SilencedCode, silenceCommentAt, silenceMark } from "./silence-comment.js";
import { lineEnd } from "./source.js";
import { commentStart, trimBlanks } from "./words.js";

export interface UnknownCode extends SilencedCode {
  readonly line: number;
}

/** Lines of a file, first and last. */
interface Range {
  readonly from: number;
  to: number;
}

export class Silences {
  /** Codes that do not exist, where they stand. */
  readonly unknown: UnknownCode[] = [];
  readonly #forFile: Set<string> = new Set();
  /** Without overlap, in the order of the lines. */
  readonly #ranges: Map<string, Range[]> = new Map();

  constructor(text: string) {
    let statements: ReadonlyMap<number, Range> | undefined;
    let number = 0;
    for (let start = 0; start < text.length; ) {
      number++;
      const line = text.slice(start, lineEnd(text, start));
      if (line.includes(silenceMark)) {
        statements ??= followingStatements(parseDocument(text));
        this.#readLine(line, number, statements);
      }
      const newline = text.indexOf("\n", start);
      start = newline < 0 ? text.length : newline + 1;
    }
  }

  /** Whether a hint of that code is silenced on that line; line 0 means the whole file. */
  isSilenced(code: string, line: number): boolean {
    if (this.#forFile.has(code)) return true;
    const ranges = this.#ranges.get(code) ?? [];
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.to ?? 0) < line) low = middle + 1;
      else high = middle;
    }
    return (ranges[low]?.from ?? line + 1) <= line;
  }

  #readLine(line: string, number: number, statements: ReadonlyMap<number, Range>): void {
    const start = commentStart(line);
    const comment = silenceCommentAt(line, start);
    if (comment === undefined) return;
    const isAlone = trimBlanks(line.slice(0, start)) === "";
    const range = isAlone ? statements.get(number) : { from: number, to: number };
    for (const { code, start: at } of comment.codes) {
      if (!isCode(code)) this.unknown.push({ code, start: at, line: number });
      else if (comment.isForFile) this.#forFile.add(code);
      else if (range !== undefined) this.#add(code, range);
    }
  }

  #add(code: string, range: Range): void {
    const ranges = this.#ranges.get(code);
    const last = ranges?.at(-1);
    if (ranges === undefined || last === undefined) this.#ranges.set(code, [{ ...range }]);
    // Comments come in the order of their lines, and so do the statements after them.
    else if (last.to >= range.from) last.to = Math.max(last.to, range.to);
    else ranges.push({ ...range });
  }
}

function isCode(code: string): code is DiagnosticCode {
  return Object.hasOwn(diagnosticCodes, code);
}

/** For the line of each comment that stands alone, the lines of the statement after it. */
function followingStatements(document: ConfigDocument): Map<number, Range> {
  const found = new Map<number, Range>();
  let line = 1;
  /** Comments of each level that wait for their statement, innermost last. */
  const waiting: number[][] = [[]];
  const pending: Step[] = [];
  pushSteps(pending, document.nodes);
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    if (step.kind === "end") {
      waiting.pop();
      line += newlines(step.node.closing);
      settle(found, step.comments, step.from, lastLine(line, step.node.closing));
      continue;
    }
    const { node } = step;
    const from = line;
    line += newlines(node.tokens);
    if (node.kind === "comment") waiting.at(-1)?.push(from);
    if (node.kind === "comment" || node.kind === "blank") continue;
    const comments = waiting.at(-1)?.splice(0) ?? [];
    if (node.children === undefined) settle(found, comments, from, lastLine(line, node.tokens));
    else {
      pending.push({ kind: "end", node, comments, from });
      pushSteps(pending, node.children);
      waiting.push([]);
    }
  }
  return found;
}

type Step =
  | { readonly kind: "node"; readonly node: DocumentNode }
  | {
      readonly kind: "end";
      readonly node: DocumentNode;
      readonly comments: readonly number[];
      readonly from: number;
    };

function pushSteps(pending: Step[], nodes: readonly DocumentNode[]): void {
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index];
    if (node !== undefined) pending.push({ kind: "node", node });
  }
}

function settle(
  found: Map<number, Range>,
  comments: readonly number[],
  from: number,
  to: number,
): void {
  for (const comment of comments) found.set(comment, { from, to });
}

function newlines(tokens: readonly Token[]): number {
  return tokens.reduce((count, token) => count + (token.kind === "newline" ? 1 : 0), 0);
}

/** The line that `tokens` end on, when `next` is the line after them. */
function lastLine(next: number, tokens: readonly Token[]): number {
  return tokens.at(-1)?.kind === "newline" ? next - 1 : next;
}
