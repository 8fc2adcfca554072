// Splits one line into words, braces, blanks and a comment, and loses nothing: the pieces cover the
// line from end to end. Follows keepalived's lib/parser.c: `#` and `!` start a comment anywhere
// outside double quotes, a quote starts and ends a word of its own, braces split anywhere.

export type PieceKind = "blank" | "word" | "quoted" | "comment" | "open" | "close";

export interface Piece {
  readonly kind: PieceKind;
  /** Offsets into the line; the next piece starts where this one ends. */
  readonly start: number;
  readonly end: number;
  /** The word without quotes and escapes; for other kinds the text as it stands. */
  readonly value: string;
  /** For a quoted word: whether the closing quote is there. */
  readonly isTerminated: boolean;
}

/** The pieces of `line`, in order and without gaps. Works in time linear in its length. */
export function splitWords(line: string): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  while (start < line.length) {
    const piece = pieceAt(line, start);
    pieces.push(piece);
    start = piece.end;
  }
  return pieces;
}

/** Where the comment of `line` starts, or its length; the same place as in its pieces. */
export function commentStart(line: string): number {
  let at = 0;
  while (at < line.length) {
    const character = line.charAt(at);
    if (character === "#" || character === "!") return at;
    if (character === '"') {
      const close = line.indexOf('"', at + 1);
      if (close < 0) return line.length;
      at = close + 1;
    } else {
      at += isEscapedComment(line, at) ? 2 : 1;
    }
  }
  return line.length;
}

function pieceAt(line: string, start: number): Piece {
  const first = line.charAt(start);
  if (first === "{") return plain("open", line, start, start + 1);
  if (first === "}") return plain("close", line, start, start + 1);
  if (first === "#" || first === "!") return plain("comment", line, start, line.length);
  if (first === '"') return quotedAt(line, start);
  if (isBlank(first)) return plain("blank", line, start, endOf(line, start, isBlank));
  return wordAt(line, start);
}

function plain(kind: PieceKind, line: string, start: number, end: number): Piece {
  return { kind, start, end, value: line.slice(start, end), isTerminated: true };
}

function quotedAt(line: string, start: number): Piece {
  const close = line.indexOf('"', start + 1);
  if (close >= 0) {
    const value = line.slice(start + 1, close);
    return { kind: "quoted", start, end: close + 1, value, isTerminated: true };
  }
  const value = line.slice(start + 1).trimEnd();
  return { kind: "quoted", start, end: line.length, value, isTerminated: false };
}

function wordAt(line: string, start: number): Piece {
  let end = start;
  while (end < line.length && !endsWord(line.charAt(end))) {
    end += isEscapedComment(line, end) ? 2 : 1;
  }
  const value = line.slice(start, end).replace(/\\([#!])/g, "$1");
  return { kind: "word", start, end, value, isTerminated: true };
}

/** `\#` and `\!` stand for the character itself; every other backslash stays in the word. */
function isEscapedComment(line: string, at: number): boolean {
  const next = line.charAt(at + 1);
  return line.charAt(at) === "\\" && (next === "#" || next === "!");
}

function endsWord(character: string): boolean {
  return isBlank(character) || '"#!{}'.includes(character);
}

function isBlank(character: string): boolean {
  return character === " " || character === "\t" || character === "\r";
}

function endOf(line: string, start: number, belongs: (character: string) => boolean): number {
  let end = start;
  while (end < line.length && belongs(line.charAt(end))) end++;
  return end;
}
