// Patterns of PCRE2 as JavaScript's RegExp understands them, byte for byte: the subject is a string
// whose character codes are bytes, as PCRE2 sees it without its option utf. What has another
// meaning there, or none, is refused with the reason. Never throws. Specification: pcre2pattern(3).

import {
  addAll,
  type ByteSet,
  byteClass,
  byteSet,
  byteText,
  escapedClasses,
  inverted,
  notNewline,
  posixClasses,
  withBothCases,
} from "./byte-set.js";
import { KeepalivedError } from "./error.js";

export type PcreResult =
  | { readonly ok: true; readonly source: string }
  | { readonly ok: false; readonly reason: string };

/** Options that change nothing about whether a pattern matches, or only what is refused anyway. */
const idleOptions: ReadonlySet<string> = new Set([
  ...["auto_callout", "dupnames", "match_unset_backref", "never_ucp", "never_utf"],
  ...["no_auto_capture", "no_auto_possess", "no_dotstar_anchor", "no_start_optimize"],
  ...["never_backslash_c", "alt_verbnames", "use_offset_limit"],
]);

const actedOnOptions = [
  "caseless",
  "dollar_endonly",
  "dotall",
  "extended",
  "multiline",
  "ungreedy",
];

/** PCRE2's letters for the options that may stand at the start of a pattern: `(?i)`. */
const optionLetters: Readonly<Record<string, string>> = {
  i: "caseless",
  m: "multiline",
  s: "dotall",
  x: "extended",
  U: "ungreedy",
};

const repeatMax = 65535;
const end = "(?![^])";
const lastNewlineOrEnd = `(?=\\n?${end})`;

/** The source of a RegExp without flags; `options` are names as `regex_options` has them. */
export function translatePcre(pattern: string, options: readonly string[]): PcreResult {
  try {
    const source = new Translation(pattern, options).run();
    new RegExp(source);
    return { ok: true, source };
  } catch (thrown) {
    const isOurs = thrown instanceof KeepalivedError;
    return { ok: false, reason: isOurs ? thrown.message : "it is not a valid pattern" };
  }
}

/** Caught by translatePcre(). */
function refuse(what: string): never {
  throw new KeepalivedError("PCRE_REFUSED", what);
}

class Translation {
  readonly #text: string;
  readonly #options: Set<string>;
  #at = 0;
  #out: string[] = [];
  /** Where in #out the atom begins that a quantifier would repeat; -1 = there is none. */
  #atom = -1;
  /** Of every group that is open: where it begins in #out, and what closes it. */
  readonly #open: { readonly atom: number; readonly closing: string }[] = [];
  #atomicGroups = 0;

  constructor(pattern: string, options: readonly string[]) {
    this.#text = Buffer.from(pattern, "utf8").toString("latin1");
    this.#options = new Set(options);
    for (const option of options) {
      if (idleOptions.has(option) || actedOnOptions.includes(option)) continue;
      refuse(`the option ${option} is not known here`);
    }
  }

  run(): string {
    this.#readStartOptions();
    while (this.#at < this.#text.length) this.#readOne();
    if (this.#open.length > 0) refuse("a group is not closed");
    return this.#out.join("");
  }

  #has(option: string): boolean {
    return this.#options.has(option);
  }

  /** Takes what `expression`, which is sticky, matches here. */
  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  #readStartOptions(): void {
    const letters = this.#take(/\(\?([imsxU]+)\)/y)?.[1] ?? "";
    for (const letter of letters) this.#options.add(optionLetters[letter] ?? "");
  }

  #readOne(): void {
    if (this.#take(/\\Q/y)) {
      const literal = this.#take(/[\s\S]*?(?=\\E|$)/y)?.[0] ?? "";
      this.#take(/\\E/y);
      for (const character of literal) this.#literal(character.charCodeAt(0));
      return;
    }
    if (this.#has("extended") && this.#take(/[ \t-\r]+|#[^\n]*/y)) return;
    const character = this.#text[this.#at] ?? "";
    this.#at++;
    switch (character) {
      case "\\":
        this.#escape();
        break;
      case "[":
        this.#emitSet(this.#class());
        break;
      case "(":
        this.#openGroup();
        break;
      case ")":
        this.#closeGroup();
        break;
      case "|":
        this.#emit("|", false);
        break;
      case ".":
        this.#emitSet(this.#has("dotall") ? byteSet([0, 255]) : notNewline);
        break;
      case "^":
        this.#emit(this.#has("multiline") ? "(?:^|(?<=\\n)(?=[^]))" : "^", false);
        break;
      case "$":
        this.#emit(this.#dollar(), false);
        break;
      case "*":
      case "+":
      case "?":
        this.#repeat(character);
        break;
      case "{":
        this.#brace();
        break;
      default:
        this.#literal(character.charCodeAt(0));
    }
  }

  #dollar(): string {
    if (this.#has("multiline")) return `(?=\\n|${end})`;
    return this.#has("dollar_endonly") ? end : lastNewlineOrEnd;
  }

  #emit(text: string, isAtom: boolean): void {
    this.#atom = isAtom ? this.#out.length : -1;
    this.#out.push(text);
  }

  #literal(byte: number): void {
    const set = byteSet([byte, byte]);
    const both = this.#has("caseless") ? withBothCases(set) : set;
    const isOne = both.every((isIn, at) => !isIn || at === byte);
    this.#emit(isOne ? byteText(byte) : byteClass(both), true);
  }

  #emitSet(set: ByteSet): void {
    this.#emit(byteClass(set), true);
  }

  #escape(): void {
    const character = this.#text[this.#at] ?? refuse("it ends in a backslash");
    const set = escapedClasses.get(character);
    const special = this.#specialEscape(character);
    if (set !== undefined || special !== undefined) this.#at++;
    if (set !== undefined) this.#emitSet(set);
    else if (special !== undefined) this.#emit(special.text, special.isAtom);
    else this.#literal(this.#byteEscape(false));
  }

  #specialEscape(
    character: string,
  ): { readonly text: string; readonly isAtom: boolean } | undefined {
    switch (character) {
      case "b":
      case "B":
        return { text: `\\${character}`, isAtom: false };
      case "A":
        return { text: "(?<![^])", isAtom: false };
      case "Z":
        return { text: lastNewlineOrEnd, isAtom: false };
      case "z":
        return { text: end, isAtom: false };
      case "N":
        return { text: byteClass(notNewline), isAtom: true };
      case "R":
        return { text: "(?:\\r\\n|[\\n\\v\\f\\x85]|\\r(?!\\n))", isAtom: true };
      case "E":
        return { text: "", isAtom: false };
      default:
        return undefined;
    }
  }

  /** The byte that an escape stands for; the backslash is behind us. */
  #byteEscape(isInClass: boolean): number {
    const hex = this.#take(/x(?:\{([0-9a-fA-F]{1,2})\}|([0-9a-fA-F]{0,2})(?!\{))/y);
    if (hex !== null) return Number.parseInt(hex[1] ?? (hex[2] || "0"), 16);
    const octal =
      this.#take(/o\{([0-7]{1,3})\}|(0[0-7]{0,2})/y) ??
      (isInClass ? this.#take(/()([0-7]{1,3})/y) : null);
    if (octal !== null) return this.#byte(Number.parseInt(octal[1] || (octal[2] ?? "0"), 8));
    const control = this.#take(/c([ -~])/y)?.[1];
    if (control !== undefined) return control.toUpperCase().charCodeAt(0) ^ 0x40;
    const character = this.#text[this.#at] ?? refuse("it ends in a backslash");
    this.#at++;
    const named = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 }[character];
    if (named !== undefined) return named;
    if (isInClass && character === "b") return 8;
    if (/[0-9]/.test(character)) refuse("a reference to a group is not known here");
    if (/[a-zA-Z]/.test(character)) refuse(`\\${character} is not known here`);
    return character.charCodeAt(0);
  }

  #byte(value: number): number {
    return value > 255 ? refuse("a character beyond 255 needs the option utf") : value;
  }

  /** From behind its opening bracket. */
  #class(): ByteSet {
    const set = byteSet();
    const isInverted = this.#take(/\^/y) !== null;
    for (let isFirst = true; isFirst || this.#text[this.#at] !== "]"; isFirst = false) {
      if (this.#at >= this.#text.length) refuse("a class is not closed");
      addAll(set, this.#classItem());
    }
    this.#at++;
    const both = this.#has("caseless") ? withBothCases(set) : set;
    return isInverted ? inverted(both) : both;
  }

  #classItem(): ByteSet {
    const posix = this.#take(/\[:(\^?)([a-z]+):\]/y);
    if (posix !== null) {
      const [, sign, name = ""] = posix;
      const set = posixClasses.get(name) ?? refuse(`[:${name}:] is not known`);
      return sign === "^" ? inverted(set) : set;
    }
    if (/^\[[.=]/.test(this.#text.slice(this.#at, this.#at + 2))) refuse("[. and [= are not known");
    const from = this.#classByte();
    if (typeof from !== "number") return from;
    if (!this.#take(/-(?!\])/y)) return byteSet([from, from]);
    const to = this.#classByte();
    if (typeof to !== "number" || to < from) refuse("a range of a class is not one");
    return byteSet([from, to]);
  }

  #classByte(): number | ByteSet {
    const character = this.#text[this.#at] ?? refuse("a class is not closed");
    this.#at++;
    if (character !== "\\") return character.charCodeAt(0);
    const set = escapedClasses.get(this.#text[this.#at] ?? "");
    if (set === undefined) {
      if (/[QENRXBpP]/.test(this.#text[this.#at] ?? "")) refuse("such an escape in a class");
      return this.#byteEscape(true);
    }
    this.#at++;
    if (/^-(?!\])/.test(this.#text.slice(this.#at, this.#at + 2))) refuse("a range of a class");
    return set;
  }

  #openGroup(): void {
    if (this.#take(/\?#[^)]*\)/y)) return;
    const atom = this.#out.length;
    const isAtomic = this.#take(/\?>/y) !== null;
    const look = isAtomic ? null : this.#take(/\?(?:<?[=!])/y);
    if (isAtomic) this.#openAtomic(atom);
    else if (look !== null) {
      this.#out.push(`(${look[0]}`);
      this.#open.push({ atom: -1, closing: ")" });
    } else {
      this.#take(/\?:|\?P?<[A-Za-z_]\w*>|\?'[A-Za-z_]\w*'/y);
      if (/^[?*]/.test(this.#text.slice(this.#at))) refuse("such a group is not known here");
      this.#out.push("(?:");
      this.#open.push({ atom, closing: ")" });
    }
    this.#atom = -1;
  }

  /** What it has matched once is not tried otherwise: a look-ahead never goes back into itself. */
  #openAtomic(atom: number): void {
    const name = `a${++this.#atomicGroups}`;
    this.#out.push(`(?:(?=(?<${name}>`);
    this.#open.push({ atom, closing: `))\\k<${name}>)` });
  }

  #closeGroup(): void {
    const group = this.#open.pop() ?? refuse("a group is closed that is not open");
    this.#out.push(group.closing);
    this.#atom = group.atom;
  }

  #brace(): void {
    const counts = this.#take(/(\d+)(?:(,)(\d*))?\}/y);
    if (counts === null) {
      // Newer releases of PCRE2 take this for a quantifier, older ones for itself.
      if (this.#take(/ *,? *\d+ *\}/y)) refuse("{,n} is not known here");
      this.#literal(0x7b);
      return;
    }
    const [whole, low = "", , high = ""] = counts;
    if (Number(low) > repeatMax || Number(high) > repeatMax) refuse(`more than ${repeatMax} times`);
    if (high !== "" && Number(high) < Number(low)) refuse("a quantifier goes down");
    this.#repeat(`{${whole}`);
  }

  #repeat(quantifier: string): void {
    if (this.#atom < 0) refuse("there is nothing to repeat");
    const suffix = this.#take(/[?+]/y)?.[0];
    if (suffix === "+") {
      const name = `a${++this.#atomicGroups}`;
      const atom = this.#out.splice(this.#atom).join("");
      this.#out.push(`(?:(?=(?<${name}>${atom}${quantifier}))\\k<${name}>)`);
      this.#atom = -1;
      return;
    }
    const isLazy = (suffix === "?") !== this.#has("ungreedy");
    this.#out.push(quantifier, isLazy ? "?" : "");
    this.#atom = -1;
  }
}
