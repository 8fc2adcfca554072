// A document in its canonical form: four blanks a level, one statement a line, `keyword words {`,
// the closing brace alone, at most one blank line in a row. Comments stay where they are, words
// and quotes are not touched, and a line whose meaning depends on being one line stays one. What
// it loads to does not change; formatting twice is the same as once.

import type { ConfigDocument, DocumentNode, Token } from "./document.js";
import { lineLengthMax } from "./limits.js";
import { blockDepthMax } from "./parser-faults.js";
import { trimBlanks } from "./words.js";

const indentWidth = 4;

/** The canonical text of `document`, ending in a newline unless it is empty. */
export function formatDocument(document: ConfigDocument): string {
  const writer = new Writer();
  const pending: Task[] = [];
  schedule(pending, document.nodes, 0);
  for (let task = pending.pop(); task !== undefined; task = pending.pop()) {
    if (task.isClosing) writer.closing(task.node, task.level);
    else {
      writer.node(task.node, task.level);
      if (task.node.children === undefined) continue;
      pending.push({ ...task, isClosing: true });
      schedule(pending, task.node.children, task.level + 1);
    }
  }
  return writer.text();
}

/** A node whose head, or whose end, is to be written. Kept in a list: depth is the text's. */
interface Task {
  readonly node: DocumentNode;
  readonly level: number;
  readonly isClosing: boolean;
}

function schedule(pending: Task[], nodes: readonly DocumentNode[], level: number): void {
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index];
    if (node !== undefined) pending.push({ node, level, isClosing: false });
  }
}

class Writer {
  readonly #lines: string[] = [];

  text(): string {
    while (this.#lines.at(-1) === "") this.#lines.pop();
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  node(node: DocumentNode, level: number): void {
    if (node.kind === "blank") this.#blank();
    else if (node.kind === "refused") this.#lines.push(rawText(node.tokens));
    else if (node.kind === "definition") this.#definition(node, level);
    else if (node.isFixed) this.#line(trimBlanks(rawText(node.tokens)), level);
    else this.#statement(node, level);
  }

  closing(node: DocumentNode, level: number): void {
    if (node.closing.length === 0) return;
    const isRaw = node.closing.some((token) => token.kind === "raw");
    this.#line(isRaw ? trimBlanks(rawText(node.closing)) : joined(node.closing), level);
  }

  #blank(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== "") this.#lines.push("");
  }

  #line(text: string, level: number): void {
    if (text === "") return;
    // The line buffer is keepalived's: blanks must not make a line too long.
    const wanted = Math.min(level, blockDepthMax) * indentWidth;
    const indent = Math.max(0, Math.min(wanted, lineLengthMax - text.length));
    this.#lines.push(" ".repeat(indent) + text);
  }

  /** The first line moves to its level; those that follow stay as they are. */
  #definition(node: DocumentNode, level: number): void {
    const [first = "", ...others] = rawText(node.tokens).split("\n");
    this.#line(trimBlanks(first), level);
    for (const other of others) if (other !== "") this.#lines.push(endTrimmed(other));
  }

  /** A statement, a comment or a stray brace; with a block, up to its {. */
  #statement(node: DocumentNode, level: number): void {
    const [first, ...others] = linesOf(node.tokens);
    if (first === undefined) return;
    const open = node.tokens.find((token) => token.kind === "open");
    const isApart = open !== undefined && !first.includes(open);
    const head = isApart ? withBrace(first, open) : first;
    const isTooLong = joined(head).length > lineLengthMax;
    this.#line(joined(isTooLong ? first : head), level);
    for (const line of others) {
      const rest = isApart && !isTooLong ? line.filter((token) => token !== open) : line;
      const isComment = rest.every((token) => token.kind !== "open");
      this.#line(joined(rest), isComment && open !== undefined ? level + 1 : level);
    }
  }
}

/** The tokens of each line, newlines left out. */
function linesOf(tokens: readonly Token[]): Token[][] {
  const lines: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "newline") lines.push([]);
    else lines.at(-1)?.push(token);
  }
  return lines;
}

/** `line` with a brace after its words and before its comment. */
function withBrace(line: readonly Token[], open: Token): Token[] {
  const comment = line.findIndex((token) => token.kind === "comment");
  const at = comment < 0 ? line.length : comment;
  return [...line.slice(0, at), { kind: "blank", text: " " }, open, ...line.slice(at)];
}

/** A line's tokens with one blank where there are some, and around a brace or comment. */
function joined(tokens: readonly Token[]): string {
  const words = tokens.filter(({ kind }) => kind !== "comment" && kind !== "newline");
  const code = words.map((token) => token.text).join("");
  // Single quotes and escapes may hold blanks that count.
  const keepsBlanks = /['\\]/.test(code);
  let text = "";
  for (const { kind, text: part } of tokens) {
    if (kind === "newline") continue;
    if (kind === "blank") text += keepsBlanks ? part : " ";
    else if (kind === "open" || kind === "close") text = `${spaced(text)}${part} `;
    else if (kind === "comment") text = spaced(text) + endTrimmed(part);
    else text += part;
  }
  return trimBlanks(text);
}

/** `text` with exactly one blank at its end, unless it is empty. */
function spaced(text: string): string {
  const trimmed = endTrimmed(text);
  return trimmed === "" ? "" : `${trimmed} `;
}

function endTrimmed(text: string): string {
  return text.replace(/[ \t\r]+$/, "");
}

function rawText(tokens: readonly Token[]): string {
  const text = tokens.map((token) => token.text).join("");
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
