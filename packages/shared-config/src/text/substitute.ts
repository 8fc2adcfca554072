// Replaces the references of one line (lib/parser.c, replace_param) and keeps track of what came
// from where. Bounded, where keepalived's own loop over `$A=$A` never ends.

import type { Definition, Definitions, Reference } from "./definitions.js";
import { findReference } from "./definitions.js";
import type { Allowance } from "./limits.js";
import { lineLengthMax, replacementsPerLineMax } from "./limits.js";
import { LogicalLine, placeOf, type Segment, segmentAt, spanOf } from "./logical-line.js";
import type { Cause, Span } from "./source.js";
import { escapeComments, hasOpenQuote } from "./words.js";

/** Why a reference could not be resolved. `name` is what the user wrote. */
export interface Unresolved {
  readonly reason: "undefined" | "undefinedInQuotes" | "endless" | "tooLong" | "limit";
  readonly name: string;
  readonly span: Span;
}

/** The further lines of a definition of several, and the place that asked for them. */
export interface FurtherLines {
  readonly definition: Definition;
  /** The place of the reference, for every character of these lines. */
  readonly column: number;
  readonly width: number;
  readonly outer: Cause | undefined;
}

export interface Substituted {
  readonly line: LogicalLine;
  readonly isChanged: boolean;
  /** Outermost first; those of the last come next. */
  readonly further: readonly FurtherLines[];
  readonly unresolved: readonly Unresolved[];
}

/** `line`, which must not have a comment any more, with its references replaced. */
export function substitute(
  line: LogicalLine,
  definitions: Definitions,
  allowance: Allowance,
): Substituted {
  const work = new Substitution(line, definitions, allowance);
  while (work.pass());
  return work.result();
}

class Substitution {
  readonly #line: LogicalLine;
  readonly #definitions: Definitions;
  readonly #allowance: Allowance;
  #text: string;
  #segments: Segment[];
  #replacements = 0;
  readonly #further: FurtherLines[] = [];
  #unresolved: Unresolved[] = [];
  /** Nothing more is to be replaced. */
  #isOver = false;

  constructor(line: LogicalLine, definitions: Definitions, allowance: Allowance) {
    this.#line = line;
    this.#definitions = definitions;
    this.#allowance = allowance;
    this.#text = line.text;
    const { column, cause } = line;
    this.#segments =
      line.segments === undefined ? [{ start: 0, column, cause }] : [...line.segments];
  }

  result(): Substituted {
    const isChanged = this.#replacements > 0;
    return {
      line: isChanged ? this.#present() : this.#line,
      isChanged,
      further: this.#further,
      unresolved: this.#unresolved,
    };
  }

  /** Replaces what it finds from left to right; true if what it left may have become more. */
  pass(): boolean {
    const before = this.#replacements;
    // What stays in the text is found again; what was taken out is not.
    this.#unresolved = this.#unresolved.filter(({ reason }) => reason !== "undefinedInQuotes");
    let reference = findReference(this.#text, 0);
    while (reference !== undefined && !this.#isOver) {
      const next = this.#resolve(reference);
      reference = findReference(this.#text, next);
    }
    const isProgress = this.#replacements > before && !this.#isOver;
    return isProgress && this.#text.includes("$");
  }

  /** Replaces `reference` if it can, and returns where to look on. */
  #resolve(reference: Reference): number {
    const definition = this.#definitions.find(reference);
    if (definition === undefined) return this.#resolvePredefined(reference);
    const [first] = definition.lines;
    if (first === undefined || !this.#canTake(definition, reference)) return reference.start + 1;
    const cause = this.#causeOf(definition, reference);
    if (definition.lines.length > 1) this.#further.push(this.#furtherLines(definition, reference));
    const text = this.#literal(first.text, reference);
    this.#replace(reference, text, cause);
    return text.includes("$") ? reference.start : reference.start + text.length;
  }

  #resolvePredefined(reference: Reference): number {
    const { path } = this.#line.source;
    const value = this.#definitions.predefined(reference, path);
    if (value === undefined) return this.#leave(reference);
    const text = this.#literal(value, reference);
    this.#replace(reference, text, this.#outer(reference));
    return reference.start + text.length;
  }

  /** `value` so that nothing in it starts a comment. */
  #literal(value: string, reference: Reference): string {
    if (!/[#!]/.test(value)) return value;
    // Only now is it worth to know whether a quote is open.
    return escapeComments(value, hasOpenQuote(this.#text, 0, reference.start));
  }

  /** A name that nothing defines stays; in braces outside quotes it would split the line. */
  #leave(reference: Reference): number {
    if (!reference.isBraced) return reference.start + 1;
    const isQuoted = hasOpenQuote(this.#text, 0, reference.start);
    this.#fail(isQuoted ? "undefinedInQuotes" : "undefined", reference);
    if (!isQuoted) this.#replace(reference, "", this.#outer(reference));
    return isQuoted ? reference.end : reference.start;
  }

  /** Several lines fit only where the reference is the last thing on its line. */
  #canTake(definition: Definition, reference: Reference): boolean {
    return definition.lines.length <= 1 || this.#text.slice(reference.end).trim() === "";
  }

  #replace(reference: Reference, value: string, cause: Cause | undefined): void {
    const { start, end } = reference;
    const length = this.#text.length - (end - start) + value.length;
    const refusal = this.#refusal(reference, length, cause);
    if (refusal !== undefined) {
      this.#fail(refusal, reference);
      this.#isOver = true;
      return;
    }
    const { column, width } = this.#place(start, end);
    const inserted = { start, column, width, cause };
    this.#segments = spliced(this.#segments, start, end, inserted, value.length);
    this.#text = this.#text.slice(0, start) + value + this.#text.slice(end);
    // What a sequence's text refers to is to be looked up at each of its steps.
    if (start === 0 && value.startsWith("~")) this.#isOver = true;
  }

  /** Why the replacement must not be made, if so; counts it. */
  #refusal(
    { name }: Reference,
    length: number,
    cause: Cause | undefined,
  ): Unresolved["reason"] | undefined {
    if (length > lineLengthMax) return "tooLong";
    if (!this.#allowance.spend(length + this.#segments.length)) return "limit";
    const isEndless = this.#definitions.isEndless(name) || leadsBack(cause);
    if (++this.#replacements <= replacementsPerLineMax && !isEndless) return undefined;
    this.#definitions.markEndless(name);
    return "endless";
  }

  #fail(reason: Unresolved["reason"], reference: Reference): void {
    const { start, end, parameters } = reference;
    const name = parameters === "" ? reference.name : `${reference.name} ${parameters}`;
    this.#unresolved.push({ reason, name, span: spanOf(this.#present(), start, end) });
  }

  #present(): LogicalLine {
    const { source, number, column, cause } = this.#line;
    const origin = { source, number, column, cause, segments: this.#segments };
    return new LogicalLine(this.#text, 0, this.#text.length, origin);
  }

  #furtherLines(definition: Definition, { start, end }: Reference): FurtherLines {
    return { definition, ...this.#place(start, end), outer: this.#outerAt(start) };
  }

  #causeOf(definition: Definition, reference: Reference): Cause | undefined {
    const outer = this.#outer(reference);
    const { step } = definition;
    if (step !== undefined) return includesStep(outer, step) ? outer : step;
    const [first] = definition.lines;
    const { names, path } = definition;
    return { kind: "definition", names, values: [], path, line: first?.number ?? 0, outer };
  }

  #outer(reference: Reference): Cause | undefined {
    return this.#outerAt(reference.start);
  }

  #outerAt(offset: number): Cause | undefined {
    return this.#segments[segmentAt(this.#segments, offset)]?.cause;
  }

  #place(start: number, end: number): { readonly column: number; readonly width: number } {
    return placeOf(this.#segments, start, end);
  }
}

/** Whether `step` is already among what led to a place. */
function includesStep(cause: Cause | undefined, step: Cause): boolean {
  for (let at = cause; at !== undefined; at = at.outer) if (at === step) return true;
  return false;
}

/** Whether a definition came out of its own text. */
function leadsBack(cause: Cause | undefined): boolean {
  if (cause?.kind !== "definition") return false;
  for (let at = cause.outer; at !== undefined; at = at.outer) {
    if (at.kind === "definition" && at.names === cause.names) return true;
  }
  return false;
}

/** `segments` with `length` characters from `inserted` in the place of those up to `end`. */
function spliced(
  segments: readonly Segment[],
  start: number,
  end: number,
  inserted: Segment,
  length: number,
): Segment[] {
  const result: Segment[] = [];
  const shift = length - (end - start);
  let isInserted = false;
  segments.forEach((segment, index) => {
    const next = segments[index + 1]?.start ?? Number.POSITIVE_INFINITY;
    if (segment.start < start) result.push(segment);
    if (next <= end) return;
    if (!isInserted && length > 0) result.push(inserted);
    isInserted = true;
    result.push(movedTo(segment, Math.max(segment.start, end), shift));
  });
  return result;
}

/** The part of `segment` from `offset` on, moved by `shift`. */
function movedTo(segment: Segment, offset: number, shift: number): Segment {
  const { width, cause } = segment;
  const column = segment.column + (width === undefined ? offset - segment.start : 0);
  return { start: offset + shift, column, width, cause };
}
