// `$NAME=text` definitions and their use, as lib/parser.c has them (check_definition,
// find_definition, replace_param): resolved at use and not when defined, `${NAME}` anywhere,
// `$NAME` before a blank, comma, `)` or the end. Bounded, where keepalived's own loop over
// `$A=$A` never ends.

import { posix } from "node:path";
import { type LogicalLine, spanOf } from "./logical-line.js";
import type { Span } from "./source.js";
import { commentStart } from "./words.js";

/** Replacements in one line, and in a whole configuration. */
export const replacementsPerLineMax = 128;
export const replacementsMax = 100_000;
/** keepalived's line buffer (lib/parser.h MAXBUF) holds 1024 bytes with the final NUL. */
export const lineLengthMax = 1023;

/** Why a line's references could not be resolved. `name` is what the user wrote. */
export interface Unresolved {
  readonly reason: "undefined" | "notYet" | "endless" | "tooLong";
  readonly name: string;
  readonly span: Span;
}

export interface Substituted {
  readonly lines: readonly LogicalLine[];
  readonly unresolved: readonly Unresolved[];
}

interface Reference {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly parameters: string;
  readonly isBraced: boolean;
}

interface Work {
  readonly pending: LogicalLine[];
  readonly done: LogicalLine[];
  readonly unresolved: Unresolved[];
  replacementsLeft: number;
}

export class Definitions {
  readonly #configId: string;
  readonly #texts: Map<string, readonly string[]> = new Map();
  /** Names found to refer to themselves, so that the next line need not find out again. */
  readonly #endless: Set<string> = new Set();
  #replacementsLeft = replacementsMax;

  constructor(configId: string) {
    this.#configId = configId;
  }

  define(name: string, lines: readonly string[]): void {
    this.#texts.set(name, lines);
    this.#endless.clear();
  }

  /** `line` with all references replaced; several lines if a definition has several. */
  substitute(line: LogicalLine): Substituted {
    const work: Work = {
      pending: [line],
      done: [],
      unresolved: [],
      replacementsLeft: Math.min(replacementsPerLineMax, this.#replacementsLeft),
    };
    for (let next = work.pending.shift(); next !== undefined; next = work.pending.shift()) {
      work.done.push(this.#resolve(next, work));
    }
    return { lines: work.done, unresolved: work.unresolved };
  }

  #resolve(line: LogicalLine, work: Work): LogicalLine {
    let current = line;
    let from = 0;
    for (;;) {
      const reference = findReference(current.text, from);
      if (reference === undefined) return current;
      const texts = this.#textsOf(reference, current, work);
      if (texts === undefined || !canTake(texts, reference, current.text)) {
        from = reference.start + 1;
        continue;
      }
      work.replacementsLeft--;
      this.#replacementsLeft--;
      if (work.replacementsLeft < 0 || this.#endless.has(reference.name)) {
        this.#endless.add(reference.name);
        fail(work, "endless", reference, current);
        return current;
      }
      if (current.text.length + (texts[0] ?? "").length > lineLengthMax) {
        fail(work, "tooLong", reference, current);
        return current;
      }
      work.pending.unshift(
        ...texts.slice(1).map((text) => replacedWhole(current, reference, text)),
      );
      current = replaced(current, reference, texts[0] ?? "");
      // A literal must not be looked at again; a definition's text may refer to others.
      from = reference.name === "_HASH" || reference.name === "_BANG" ? reference.start + 1 : from;
    }
  }

  /** What the reference stands for; undefined = it stays as it is. */
  #textsOf(reference: Reference, line: LogicalLine, work: Work): readonly string[] | undefined {
    const { name, parameters, isBraced } = reference;
    if (name === "_RANDOM" || name === "_ENV") {
      fail(work, "notYet", reference, line);
      return [""];
    }
    const own = parameters === "" ? this.#texts.get(name) : undefined;
    if (own !== undefined) return own;
    if (name === "_HASH") return [literal("#", line.text, reference.start)];
    if (name === "_BANG") return [literal("!", line.text, reference.start)];
    if (name === "_PWD") return [posix.dirname(line.source.path)];
    if (name === "_INSTANCE") return [this.#configId];
    if (!isBraced) return undefined;
    fail(work, "undefined", reference, line);
    return [""];
  }
}

/** Several lines fit only where the reference is the last thing on its line. */
function canTake(texts: readonly string[], reference: Reference, text: string): boolean {
  return texts.length <= 1 || text.slice(reference.end).trim() === "";
}

function fail(work: Work, reason: Unresolved["reason"], at: Reference, line: LogicalLine): void {
  work.unresolved.push({ reason, name: at.name, span: spanOf(line, at.start, at.end) });
}

function findReference(text: string, from: number): Reference | undefined {
  const end = commentStart(text);
  const pattern = /\$(?:\{([A-Za-z_]\w*)([^{}"]*)\}|([A-Za-z_]\w*)(?=[ \t\r,)]|$))/g;
  pattern.lastIndex = from;
  const match = pattern.exec(text.slice(0, end));
  if (match === null) return undefined;
  const [whole, braced, parameters = "", bare = ""] = match;
  return {
    start: match.index,
    end: match.index + whole.length,
    name: braced ?? bare,
    parameters: parameters.trim(),
    isBraced: braced !== undefined,
  };
}

/** A `#` or `!` that starts no comment; inside quotes none is started anyway. */
function literal(character: string, text: string, at: number): string {
  const quotes = text.slice(0, at).split('"').length - 1;
  return quotes % 2 === 1 ? character : `\\${character}`;
}

function replaced(line: LogicalLine, reference: Reference, value: string): LogicalLine {
  const { start, end } = reference;
  const columns = line.columns ?? Array.from({ length: line.text.length + 1 }, (_, i) => i);
  const column = columns[start] ?? start;
  return {
    ...line,
    text: line.text.slice(0, start) + value + line.text.slice(end),
    // concat, not spread: this runs once a reference, and hostile text has many.
    columns: columns
      .slice(0, start)
      .concat(new Array<number>(value.length).fill(column), columns.slice(end)),
  };
}

function replacedWhole(line: LogicalLine, reference: Reference, value: string): LogicalLine {
  const column = line.columns?.[reference.start] ?? reference.start;
  return { ...line, text: value, columns: Array.from({ length: value.length + 1 }, () => column) };
}
