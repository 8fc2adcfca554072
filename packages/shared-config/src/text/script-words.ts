// How script keywords and `regex` read their line: both kinds of quotes, backslash escapes inside
// and outside of them, neighbours without a blank joined. A command word is split a second time
// by the same rules to become the arguments of a program (lib/parser.c,
// alloc_strvec_quoted_escaped; keepalived/core/notify.c, set_script_params_array).

import type { Statement } from "./ast.js";
import { spanOf } from "./logical-line.js";
import type { Span, TextEncoding } from "./source.js";

export interface ScriptWord {
  /** The word without quotes and with its escapes resolved. */
  readonly value: string;
  readonly span: Span;
  /** Whether each quote in it is closed. */
  readonly isTerminated: boolean;
}

export interface Command {
  /** Program and arguments. */
  readonly argv: readonly string[];
  readonly isTerminated: boolean;
}

/** The words of `statement` after its keyword, as a script keyword reads them. */
export function scriptWords(statement: Statement): ScriptWord[] {
  const { line, keyword, end } = statement;
  const words = new ScriptScanner(line.text.slice(0, end), line.source.encoding).words(keyword.end);
  return words.map(({ value, start, end: wordEnd, isTerminated }) => ({
    value,
    span: spanOf(line, start, wordEnd),
    isTerminated,
  }));
}

/** The program and arguments that the word of a script keyword stands for. */
export function splitCommand(text: string, encoding: TextEncoding = "utf8"): Command {
  const words = new ScriptScanner(text, encoding).words(0);
  return {
    argv: words.map((word) => word.value),
    isTerminated: words.every((word) => word.isTerminated),
  };
}

interface ScannedWord {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  readonly isTerminated: boolean;
}

/** What a letter after a backslash stands for. */
const letters: Readonly<Record<string, number>> = {
  ...{ a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, E: 27 },
};

class ScriptScanner {
  readonly #text: string;
  readonly #encoding: TextEncoding;
  #at = 0;
  #value = "";
  /** Bytes of escapes that belong together: a character may need several. */
  #bytes: number[] = [];

  constructor(text: string, encoding: TextEncoding) {
    this.#text = text;
    this.#encoding = encoding;
  }

  words(from: number): ScannedWord[] {
    const words: ScannedWord[] = [];
    this.#at = from;
    for (this.#skipBlanks(); this.#at < this.#text.length; this.#skipBlanks()) {
      words.push(this.#word());
    }
    return words;
  }

  #skipBlanks(): void {
    while (this.#at < this.#text.length && isSpace(this.#text.charAt(this.#at))) this.#at++;
  }

  #word(): ScannedWord {
    const start = this.#at;
    this.#value = "";
    let quote = "";
    let opened = start;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (quote === "" && isSpace(character)) break;
      if (character === "\\") this.#escape();
      else if (character === quote) {
        quote = "";
        this.#at++;
      } else if (quote === "" && (character === '"' || character === "'")) {
        quote = character;
        opened = this.#at++;
      } else this.#plain(character);
    }
    this.#flush();
    // A quote with nothing after it is let pass, as keepalived does.
    const isTerminated = quote === "" || opened === this.#text.length - 1;
    return { value: untilNul(this.#value), start, end: this.#at, isTerminated };
  }

  #plain(character: string): void {
    this.#flush();
    this.#value += character;
    this.#at++;
  }

  #escape(): void {
    const match = /\\(?:x([0-9a-fA-F]+)|([0-7]{1,3})|c([@-_a-z?]))/y;
    match.lastIndex = this.#at;
    const [whole, hex, octal, control] = match.exec(this.#text) ?? [];
    const next = this.#text.charAt(this.#at + 1);
    if (whole !== undefined) {
      this.#at += whole.length;
      if (hex !== undefined) this.#bytes.push(Number.parseInt(hex.slice(-2), 16));
      else if (octal !== undefined) this.#bytes.push(Number.parseInt(octal, 8) & 255);
      else this.#bytes.push((control ?? "").charCodeAt(0) & 31);
    } else if (Object.hasOwn(letters, next)) {
      this.#at += 2;
      this.#bytes.push(letters[next] ?? 0);
    } else {
      if (next !== "") this.#at++;
      this.#plain(next === "" ? "\\" : next);
    }
  }

  #flush(): void {
    if (this.#bytes.length === 0) return;
    this.#value += Buffer.from(this.#bytes).toString(this.#encoding);
    this.#bytes = [];
  }
}

function isSpace(character: string): boolean {
  return " \t\r\n\v\f".includes(character);
}

/** A NUL ends a word for every program that could get it. */
function untilNul(value: string): string {
  const nul = value.indexOf("\0");
  return nul < 0 ? value : value.slice(0, nul);
}
