// `$NAME=text` definitions and what a reference to one stands for, as lib/parser.c has them
// (check_definition, find_definition, set_std_definitions): resolved at use and not when defined,
// `${NAME}` anywhere, `$NAME` before a blank, comma, `)` or the end. Knows the predefined names.

import { posix } from "node:path";
import { nextInteger, type RandomState } from "../base/random.js";
import { definitionsMax } from "./limits.js";
import type { Cause } from "./source.js";
import { codes, isBlankCode } from "./words.js";

/** One line of a definition's text, and where it stands. */
export interface DefinedLine {
  readonly text: string;
  readonly number: number;
}

export interface Definition {
  /** The name alone, as a {@link Cause} wants it. */
  readonly names: readonly string[];
  readonly path: string;
  /** At least one. */
  readonly lines: readonly DefinedLine[];
  /** For the variable of a sequence or list: the step that gave it its value. */
  readonly step?: Cause | undefined;
}

/** A place in a line that may refer to a definition. */
export interface Reference {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly parameters: string;
  readonly isBraced: boolean;
}

export interface DefinitionOptions {
  readonly configId: string;
  readonly random: RandomState;
  readonly environment: (name: string) => string | undefined;
}

/** What `${_RANDOM}` ends with when nothing else is said. */
const randomMax = 32767;

export class Definitions {
  readonly #options: DefinitionOptions;
  readonly #table: Map<string, Definition> = new Map();
  /** Names found to refer to themselves, so that the next line need not find out again. */
  readonly #endless: Set<string> = new Set();

  constructor(options: DefinitionOptions) {
    this.#options = options;
  }

  define(name: string, path: string, lines: readonly DefinedLine[]): boolean {
    return this.#set(name, { names: [name], path, lines });
  }

  /** Gives a variable of a sequence or list its present value. */
  setVariable(name: string, value: string, step: Cause): boolean {
    const lines = [{ text: value, number: step.line }];
    return this.#set(name, { names: [name], path: step.path, lines, step });
  }

  /** False when there are too many names. */
  #set(name: string, definition: Definition): boolean {
    if (this.#table.size >= definitionsMax && !this.#table.has(name)) return false;
    this.#table.set(name, definition);
    if (this.#endless.size > 0) this.#endless.clear();
    return true;
  }

  /** The user's definition that `reference` names. */
  find(reference: Reference): Definition | undefined {
    return reference.parameters === "" ? this.#table.get(reference.name) : undefined;
  }

  markEndless(name: string): void {
    this.#endless.add(name);
  }

  isEndless(name: string): boolean {
    return this.#endless.has(name);
  }

  /** What a predefined name stands for in the file at `path`; undefined when it is none. */
  predefined(reference: Reference, path: string): string | undefined {
    const { name, parameters } = reference;
    if (name === "_RANDOM") return this.#random(parameters);
    if (name === "_ENV") return this.#options.environment(parameters);
    if (parameters !== "") return undefined;
    if (name === "_HASH") return "#";
    if (name === "_BANG") return "!";
    // Absolute, or a file that is named by it would be looked for below its folder again.
    if (name === "_PWD") return posix.resolve(posix.dirname(path));
    return name === "_INSTANCE" ? this.#options.configId : undefined;
  }

  /** `[min [max]]`; a min above max changes places with it. */
  #random(parameters: string): string | undefined {
    if (!/^(\d{1,10}( +\d{1,10})?)?$/.test(parameters)) return undefined;
    const [min = 0, max = randomMax] = parameters.match(/\d+/g)?.map(Number) ?? [];
    const [low, high] = min <= max ? [min, max] : [max, min];
    return String(nextInteger(this.#options.random, low, high));
  }
}

/** The first thing in `text` from `from` on that has the form of a reference. */
export function findReference(text: string, from: number): Reference | undefined {
  for (let at = text.indexOf("$", from); at >= 0; at = text.indexOf("$", at + 1)) {
    const isBraced = text.charCodeAt(at + 1) === codes.open;
    const reference = isBraced ? bracedAt(text, at) : bareAt(text, at);
    if (reference !== undefined) return reference;
  }
  return undefined;
}

function bareAt(text: string, start: number): Reference | undefined {
  const end = nameEnd(text, start + 1);
  if (end === start + 1 || !endsBareName(text, end)) return undefined;
  return { start, end, name: text.slice(start + 1, end), parameters: "", isBraced: false };
}

function bracedAt(text: string, start: number): Reference | undefined {
  const end = nameEnd(text, start + 2);
  if (end === start + 2) return undefined;
  const close = text.indexOf("}", end);
  if (close < 0) return undefined;
  const name = text.slice(start + 2, end);
  const isPlain = close === end;
  const parameters = isPlain ? "" : text.slice(end, close);
  if (!isPlain && (!isBlankCode(text.charCodeAt(end)) || /["{$]/.test(parameters))) {
    return undefined;
  }
  return { start, end: close + 1, name, parameters: parameters.trim(), isBraced: true };
}

/** Where the name that starts at `at` ends; `at` itself when none does. */
export function nameEnd(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    const isLetter = (code | 32) >= 97 && (code | 32) <= 122;
    const isDigit = code >= 48 && code <= 57;
    if (!isLetter && code !== 95 && !(isDigit && end > at)) break;
  }
  return end;
}

function endsBareName(text: string, at: number): boolean {
  if (at >= text.length) return true;
  const code = text.charCodeAt(at);
  return isBlankCode(code) || code === 44 || code === 41;
}
