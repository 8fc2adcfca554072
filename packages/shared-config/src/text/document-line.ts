// One physical line for the document tree: what kind of line it is, whether it may be broken up,
// and its tokens. Agrees with the expander on what a definition, a sequence and an include are.

import { nameEnd } from "./definitions.js";
import type { NodeKind, Token } from "./document.js";
import { lineLengthMax } from "./limits.js";
import { sequenceName } from "./sequence.js";
import { silenceMark } from "./silence-comment.js";
import { commentStart, type Piece, splitWords, trimBlanks } from "./words.js";

/** What would be taken for more than a keyword at the start of a line. */
const lineStart = /^(?:[@~$]|include[rmwba]?$)/;

export class DocumentLine {
  readonly text: string;
  readonly ending: string;
  readonly kind: Exclude<NodeKind, "close">;
  /** Where the comment starts. */
  readonly #comment: number;

  constructor(text: string, ending: string) {
    this.text = text;
    this.ending = ending;
    this.#comment = commentStart(text);
    this.kind = this.#kind();
  }

  /** Whether a definition goes on with the next line after this one. */
  get continuesDefinition(): boolean {
    return this.kind === "comment" || this.endsInBackslash;
  }

  get endsInBackslash(): boolean {
    return trimBlanks(this.text).endsWith("\\");
  }

  /** Whether the line must stay one line as it is. */
  get isFixed(): boolean {
    const code = this.text.slice(0, this.#comment);
    if (code.includes("$") || trimBlanks(code).startsWith("@")) return true;
    // Whether a comment follows such a quote depends on the whole line.
    if (code.includes('\\"') || this.text.includes(silenceMark, this.#comment)) return true;
    const words = splitWords(this.text).filter((piece) => piece.kind !== "blank");
    return words.some((piece, index) => isLineStart(piece, words[index - 1]));
  }

  /** Blocks that the line opens, less those that it closes; a reference's braces are none. */
  get depthChange(): number {
    const plain = this.text.slice(0, this.#comment).replace(/\$\{[^{}"]*\}/g, "");
    const pieces = splitWords(plain);
    const opens = pieces.filter((piece) => piece.kind === "open").length;
    return opens - pieces.filter((piece) => piece.kind === "close").length;
  }

  tokens(): Token[] {
    const tokens: Token[] = splitWords(this.text).map(({ kind, start, end }) => ({
      kind,
      text: this.text.slice(start, end),
    }));
    return this.#withEnding(tokens);
  }

  /** The line without its blanks at both ends as one token. */
  rawTokens(): Token[] {
    const start = this.text.length - this.text.replace(/^[ \t\r]+/, "").length;
    const raw = trimBlanks(this.text);
    const parts: Token[] = [
      { kind: "blank", text: this.text.slice(0, start) },
      { kind: "raw", text: raw },
      { kind: "blank", text: this.text.slice(start + raw.length) },
    ];
    return this.#withEnding(parts.filter((token) => token.text !== ""));
  }

  #withEnding(tokens: Token[]): Token[] {
    if (this.ending !== "") tokens.push({ kind: "newline", text: this.ending });
    return tokens;
  }

  #kind(): Exclude<NodeKind, "close"> {
    if (this.text.length > lineLengthMax || this.text.includes("\0")) return "refused";
    const used = trimBlanks(this.text);
    if (used === "") return "blank";
    if (/^[#!]/.test(used)) return "comment";
    const rest = used.replace(/^@[^ \t\r]*[ \t\r]+/, "");
    if (rest.startsWith("$") && isDefinition(rest)) return "definition";
    if (sequenceName(rest) !== undefined) return "sequence";
    return /^include[rmwba]?[ \t]+[^ \t\r#!]/.test(rest) ? "include" : "statement";
  }
}

function isDefinition(text: string): boolean {
  const end = nameEnd(text, 1);
  return end > 1 && text.charAt(end) === "=";
}

/** Whether `piece` is, or would be on a line of its own, more than a keyword. */
function isLineStart(piece: Piece, before: Piece | undefined): boolean {
  const isFirst = before === undefined || before.kind === "open" || before.kind === "close";
  return isFirst && piece.kind === "word" && lineStart.test(piece.value);
}
