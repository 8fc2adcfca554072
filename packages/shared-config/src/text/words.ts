// Splits one line into words, braces, blanks and a comment, and loses nothing: the pieces cover the
// line from end to end. Follows keepalived's lib/parser.c: `#` and `!` start a comment anywhere
// outside double quotes, a quote starts and ends a word of its own, braces split anywhere. A
// backslash protects the character after it from starting a comment or a quote that hides one,
// but not from splitting words.

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

export const codes = {
  tab: 9,
  return: 13,
  space: 32,
  bang: 33,
  quote: 34,
  hash: 35,
  backslash: 92,
  open: 123,
  close: 125,
} as const;

/** 1 for a blank, 2 for what else ends a word, 3 for a backslash; indexed by character code. */
export const charClass: Uint8Array = new Uint8Array(128);
for (const code of [codes.tab, codes.return, codes.space]) charClass[code] = 1;
for (const code of [codes.bang, codes.quote, codes.hash, codes.open, codes.close]) {
  charClass[code] = 2;
}
charClass[codes.backslash] = 3;

/** The pieces of `line`, in order and without gaps. Works in time linear in its length. */
export function splitWords(line: string): Piece[] {
  const pieces: Piece[] = [];
  const comment = commentStart(line);
  let start = 0;
  while (start < line.length) {
    const piece = pieceAt(line, start, comment);
    pieces.push(piece);
    start = piece.end;
  }
  return pieces;
}

/** Where the comment of `text` between `from` and `to` starts, or `to`. */
export function commentStart(text: string, from = 0, to: number = text.length): number {
  let isQuoted = false;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === codes.backslash) at++;
    else if (code === codes.quote) isQuoted = !isQuoted;
    else if (!isQuoted && (code === codes.hash || code === codes.bang)) return at;
  }
  return to;
}

/** Whether a quote of `text` between `from` and `to` is open at the end; `\\"` is none. */
export function hasOpenQuote(text: string, from: number, to: number): boolean {
  let isQuoted = false;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === codes.backslash) at++;
    else if (code === codes.quote) isQuoted = !isQuoted;
  }
  return isQuoted;
}

/**
 * Where the word at `at` ends. `comment` is where the line's comment starts, if that is known:
 * before it `#` and `!` are characters like others.
 */
export function wordEnd(text: string, at: number, to: number, comment: number): number {
  let end = at;
  while (end < to) {
    const code = text.charCodeAt(end);
    const kind = code < 128 ? charClass[code] : 0;
    if (kind === 0) end++;
    else if (kind === 3) end += isEscapable(text.charCodeAt(end + 1)) ? 2 : 1;
    else if (isCommentCharacter(code) && end < comment) end++;
    else break;
  }
  return Math.min(end, to);
}

/** The value of the word between `start` and `end`: `\#` and `\!` stand for the character. */
export function wordValue(text: string, start: number, end: number): string {
  const raw = text.slice(start, end);
  return raw.includes("\\") ? raw.replace(/\\([#!])/g, "$1") : raw;
}

/** `text` with each `\\#` and `\\!` outside quotes as the character alone. */
export function unescapeComments(text: string): string {
  return mapOutsideQuotes(text, false, (code, next) =>
    code === codes.backslash && isCommentCharacter(next) ? "" : undefined,
  );
}

/** `text` with a backslash before each `#` and `!` that would start a comment. */
export function escapeComments(text: string, isQuoted: boolean): string {
  return mapOutsideQuotes(text, isQuoted, (code) =>
    isCommentCharacter(code) ? `\\${String.fromCharCode(code)}` : undefined,
  );
}

/** `text` with characters outside quotes replaced; one after a backslash is not asked about. */
function mapOutsideQuotes(
  text: string,
  isQuotedBefore: boolean,
  replace: (code: number, next: number) => string | undefined,
): string {
  if (!/[#!]/.test(text)) return text;
  let isQuoted = isQuotedBefore;
  let result = "";
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const replacement = isQuoted ? undefined : replace(code, text.charCodeAt(at + 1));
    result += replacement ?? text.charAt(at);
    if (code === codes.backslash) result += text.charAt(++at);
    else if (code === codes.quote) isQuoted = !isQuoted;
  }
  return result;
}

/** Where the quote that opens at `at` closes, or -1. */
export function closingQuote(text: string, at: number, to: number): number {
  const close = text.indexOf('"', at + 1);
  return close < to ? close : -1;
}

export function isCommentCharacter(code: number): boolean {
  return code === codes.hash || code === codes.bang;
}

/** A backslash takes these with it; before others it is a character of the word. */
function isEscapable(code: number): boolean {
  return code === codes.backslash || isCommentCharacter(code);
}

export function isBlankCode(code: number): boolean {
  return code === codes.space || code === codes.tab || code === codes.return;
}

function pieceAt(line: string, start: number, comment: number): Piece {
  if (start === comment) return plain("comment", line, start, line.length);
  const code = line.charCodeAt(start);
  if (code === codes.open) return plain("open", line, start, start + 1);
  if (code === codes.close) return plain("close", line, start, start + 1);
  if (code === codes.quote) return quotedAt(line, start, comment);
  if (isBlankCode(code)) return plain("blank", line, start, blankEnd(line, start));
  const end = wordEnd(line, start, comment, comment);
  return { kind: "word", start, end, value: wordValue(line, start, end), isTerminated: true };
}

function plain(kind: PieceKind, line: string, start: number, end: number): Piece {
  return { kind, start, end, value: line.slice(start, end), isTerminated: true };
}

function quotedAt(line: string, start: number, comment: number): Piece {
  const close = closingQuote(line, start, comment);
  if (close >= 0) {
    const value = line.slice(start + 1, close);
    return { kind: "quoted", start, end: close + 1, value, isTerminated: true };
  }
  const value = line.slice(start + 1, comment).trimEnd();
  return { kind: "quoted", start, end: comment, value, isTerminated: false };
}

function blankEnd(line: string, start: number): number {
  let end = start;
  while (end < line.length && isBlankCode(line.charCodeAt(end))) end++;
  return end;
}

/** `text` without the blanks at both ends; other white space is a character like others. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlankCode(text.charCodeAt(start))) start++;
  while (end > start && isBlankCode(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
