// Seeded programs of the lexical language: definitions of one line and several, sequences, lists,
// conditions and references nested in each other as a user might write them. Same seed, same
// text. The keywords mean nothing; what counts is how often and in which order they come.

import { nextInteger, type RandomState } from "@keepalived-ts/shared-config/base/random";

const linesMax = 14;
const nestingMax = 3;
/** Names that a program defines or runs through; some stay undefined. */
const names: readonly string[] = ["A", "B", "C", "i", "j", "v", "w"];

/** A program in which every line that counts is an unknown keyword in quotes. */
export function expansionProgram(random: RandomState): string {
  const writer = new ProgramWriter(random);
  const lines = Array.from({ length: nextInteger(random, 3, linesMax) }, () => writer.line());
  return `${writer.prologue()}${lines.join("\n")}\n"end"\n`;
}

class ProgramWriter {
  readonly #random: RandomState;
  /** Definitions of several lines so far: each may refer to those before it. */
  #blocks = 0;

  constructor(random: RandomState) {
    this.#random = random;
  }

  /** Every name is defined, by itself, so that only its value is in doubt. */
  prologue(): string {
    return names.map((name, index) => `$${name}=${index + 1}\n`).join("");
  }

  line(): string {
    const kinds = [
      () => this.#statement(),
      () => this.#form(nestingMax),
      () => `$${this.#name()}=${this.#value()}`,
      () => this.#severalLines(),
      () => `@${this.#pick(["main", "^main", "other", "^other"])} ${this.#statement()}`,
      () => `# ${this.#statement()}`,
    ];
    return this.#blanks() + this.#pick(kinds)();
  }

  #form(depth: number): string {
    const head = this.#pick([() => this.#sequence(), () => this.#list(), () => this.#tuples()])();
    const rest = [() => this.#statement(), () => `$${this.#name()}=${this.#value()}`];
    if (depth > 1) rest.push(() => this.#form(depth - 1));
    return `${head} ${this.#pick(rest)()}`;
  }

  #sequence(): string {
    const start = nextInteger(this.#random, -3, 3);
    const step = nextInteger(this.#random, 1, 2) * (nextInteger(this.#random, 0, 1) === 0 ? -1 : 1);
    const end = start + step * nextInteger(this.#random, 0, 2);
    const name = this.#name();
    const range = this.#pick([`${end}`, `${start}, ${end}`, `${start}, ${step}, ${end}`]);
    return `~SEQ(${name}, ${range})`;
  }

  #list(): string {
    const count = nextInteger(this.#random, 1, 3);
    const values = Array.from({ length: count }, () => this.#pick(["a", "b7", "", "x/y", "z-z"]));
    return `~LST(${this.#name()}, ${values.join(",")})`;
  }

  #tuples(): string {
    const count = nextInteger(this.#random, 1, 3);
    const tuple = (): string => this.#pick(["{1, 2}", "{3}", "{, 4}", "{}", "5", "{6,}"]);
    return `~LST({v, w}, ${Array.from({ length: count }, tuple).join(", ")})`;
  }

  #severalLines(): string {
    const count = nextInteger(this.#random, 1, 3);
    // keepalived takes a form on the first line for a keyword.
    const lines = Array.from(
      { length: count },
      (_, index) => this.#blanks() + (index === 0 ? this.#statement() : this.#inner()),
    );
    // A name of its own: what is defined twice could lead back to itself.
    const name = `M${++this.#blocks}`;
    return `$${name}= \\\n${lines.join(" \\\n")}\n${this.#pick(["", "~SEQ(i, 1, 2) "])}$${name}`;
  }

  #inner(): string {
    const kinds = [() => this.#statement(), () => this.#statement(), () => this.#form(1)];
    if (this.#blocks > 0) kinds.push(() => `$M${nextInteger(this.#random, 1, this.#blocks)}`);
    return this.#pick(kinds)();
  }

  /** A quoted keyword with references in it, and a bare one after it. */
  #statement(): string {
    const parts = Array.from({ length: nextInteger(this.#random, 1, 3) }, () => this.#part());
    return `"${parts.join("-")}"${this.#pick(["", ` $${this.#name()}`, " word"])}`;
  }

  #part(): string {
    const braced = `${"$"}{${this.#name()}}`;
    return this.#pick(["t", "u ", braced, braced, braced]);
  }

  /** Refers to nothing, so that nothing is endless. */
  #value(): string {
    return this.#pick(["7", "x y", "p-q", "", "$", "0x1f"]);
  }

  #name(): string {
    return this.#pick(names);
  }

  #blanks(): string {
    return this.#pick(["", "", "  ", "\t"]);
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[nextInteger(this.#random, 0, items.length - 1)];
    if (item === undefined) throw new Error("Cannot pick from an empty list");
    return item;
  }
}
