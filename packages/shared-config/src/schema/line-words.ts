// The words of one line of a list block, read from left to right by routes and rules. A word that
// cannot be used mostly costs the whole line; after that no further word is looked at.

import { nearestWord } from "../base/edit-distance.js";
import type { Statement, Word } from "../text/ast.js";
import type { Report } from "../text/diagnostic.js";
import { type Scope, shorten } from "./keyword.js";
import { parseInteger } from "./number.js";
import { lineWords } from "./sections.js";

/** 32 bits. */
export const unsignedMax = 4294967295;

const lineIgnored = "the line is ignored";

export class LineWords {
  readonly scope: Scope<unknown>;
  /** "a route", "a rule". */
  readonly what: string;
  readonly #words: readonly Word[];
  #index = 0;
  #isDropped = false;
  #isDifferent = false;

  constructor(scope: Scope<unknown>, what: string, line: Statement) {
    this.scope = scope;
    this.what = what;
    this.#words = lineWords(line);
  }

  get isDropped(): boolean {
    return this.#isDropped;
  }

  /** "a route of static_routes", for messages. */
  get place(): string {
    return `${this.what} of ${this.scope.owner}`;
  }

  /** The next word without taking it. */
  get ahead(): Word | undefined {
    return this.#isDropped ? undefined : this.#words[this.#index];
  }

  next(): Word | undefined {
    const word = this.ahead;
    this.#index++;
    return word;
  }

  /** The word that `option` needs. Without one keepalived ends (lib/parser.c null_strvec). */
  valueOf(option: Word): Word | undefined {
    const value = this.next();
    if (value === undefined && !this.#isDropped) {
      this.#isDropped = true;
      this.tell(option, {
        severity: "fatal",
        code: "MISSING_WORD",
        message: `Cannot use ${shorten(option.value)} in ${this.place}: a word is missing`,
        hint: "keepalived does not start with such a line",
      });
    }
    return value;
  }

  tell(at: Word, report: Report): void {
    this.scope.diagnostics.report(at.span, report);
  }

  /** Drops the line for a word that its option cannot use. */
  reject(option: Word, value: Word, expected: string): undefined {
    this.#isDropped = true;
    this.complain(option, value, expected, lineIgnored);
  }

  /** Says that a word cannot be used, and what happens instead. */
  complain(option: Word, value: Word, expected: string, instead: string): void {
    const what = `${option.value} "${shorten(value.value)}"`;
    this.tell(value, {
      severity: "error",
      code: "INVALID_VALUE",
      message: `Cannot use ${what} in ${this.place}; ${instead}`,
      expected,
    });
  }

  /** Drops the line for what its words come to together. */
  drop(
    at: Word,
    code: Report["code"],
    why: string,
    more: Pick<Report, "expected" | "hint" | "nearest"> = {},
  ): undefined {
    this.#isDropped = true;
    const message = `Cannot use ${this.place}: ${why}; ${lineIgnored}`;
    this.tell(at, { severity: "error", code, message, ...more });
  }

  /** Says where keepalived does something else than what the line asks for; once is enough. */
  differs(at: Word, what: string, hint: string): void {
    if (this.#isDifferent) return;
    this.#isDifferent = true;
    this.tell(at, {
      severity: "hint",
      code: "DIFFERS_FROM_KEEPALIVED",
      message: `Cannot follow keepalived in ${this.place}: it ${what}`,
      hint,
    });
  }
}

/** What is known of a line while it is read. */
export interface LineState {
  readonly words: LineWords;
}

export type LineOptions<S> = Readonly<Record<string, (state: S, option: Word) => void>>;

/** Options that may stand twice, or say themselves that they may not. */
const mayRepeat: ReadonlySet<string> = new Set(["or", "as", "to", "track_group", "features"]);

/** Reads option after option; `other` looks at a word that is none. */
export function readOptions<S extends LineState>(
  state: S,
  options: LineOptions<S>,
  other: (state: S, word: Word) => void,
): void {
  const { words } = state;
  const seen = new Set<string>();
  for (let option = words.next(); option !== undefined; option = words.next()) {
    const { value } = option;
    const read = Object.hasOwn(options, value) ? options[value] : undefined;
    if (read === undefined) other(state, option);
    else {
      if (seen.has(value) && !mayRepeat.has(value)) tellRepeated(words, option);
      seen.add(value);
      read(state, option);
    }
  }
}

export function tellRepeated(words: LineWords, option: Word): void {
  words.tell(option, {
    severity: "hint",
    code: "REPEATED_KEYWORD",
    message: `Cannot use ${shorten(option.value)} twice in ${words.place}: the last one counts`,
  });
}

/** Drops the line for a word that is no option. */
export function rejectUnknown(words: LineWords, word: Word, options: LineOptions<never>): void {
  words.drop(word, "UNKNOWN_OPTION", `nothing is known of "${shorten(word.value)}"`, {
    nearest: nearestWord(word.value, Object.keys(options)),
  });
}

/** The whole number from 0 to `max` after `option`. */
export function readNumber(words: LineWords, option: Word, max: number): number | undefined {
  return readBounded(words, option, 0, max);
}

/** The whole number after `option`. */
export function readBounded(
  words: LineWords,
  option: Word,
  min: number,
  max: number,
): number | undefined {
  const value = words.valueOf(option);
  if (value === undefined) return undefined;
  const parsed = parseInteger(value.value);
  if (parsed?.rest === "" && parsed.value >= min && parsed.value <= max) return parsed.value;
  return words.reject(option, value, `a whole number from ${min} to ${max}`);
}

/** 64 bits without sign after `option`, in decimal digits. */
export function readLongNumber(words: LineWords, option: Word): string | undefined {
  const value = words.valueOf(option);
  if (value === undefined) return undefined;
  const [, digits] = /^\+?0*(\d{1,20})$/.exec(value.value) ?? [];
  if (digits !== undefined && BigInt(digits) < 2n ** 64n) return digits;
  return words.reject(option, value, "a whole number of at most 64 bits");
}

/** A number as C's strtoul reads it with base 0: 0x for hexadecimal, 0 for octal. */
export function parseAnyBase(text: string): number | undefined {
  const [, hexadecimal, octal, decimal] =
    /^\+?(?:0x([0-9a-f]+)|0([0-7]*)|([1-9]\d*))$/i.exec(text) ?? [];
  if (hexadecimal !== undefined) return Number.parseInt(hexadecimal, 16);
  if (octal !== undefined) return octal === "" ? 0 : Number.parseInt(octal, 8);
  return decimal === undefined ? undefined : Number(decimal);
}
