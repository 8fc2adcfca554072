// How strict an include is about files that are not there: four checks that can be on or off, set
// by the letter after `include`, by `include_check` in global_defs and by -e (lib/parser.c,
// lib/global_parser.c).

import type { Statement, Word } from "./ast.js";

/** Bits; a set of checks is their sum. */
export const includeChecks = {
  /** A matched file must be readable. */
  read: 1,
  /** A name without wildcards must exist. */
  match: 2,
  /** A pattern with wildcards must match something. */
  wildcard_match: 4,
  /** Every brace alternative must match. */
  brace_match: 8,
} as const;

export const allIncludeChecks = 15;

const { read, match, wildcard_match: wildcard } = includeChecks;

/** What the letter after `include` asks for. */
export const letterChecks: Readonly<Record<string, number>> = {
  "": 0,
  r: read,
  m: read + match,
  w: read + match + wildcard,
  b: allIncludeChecks,
  a: allIncludeChecks,
};

export interface IncludeCheckResult {
  readonly checks: number;
  /** Words that are ignored. */
  readonly bad: readonly Word[];
}

/**
 * The checks that `include_check` leaves in force: all without a word; `+` and `-` change one; a
 * bare word may only stand first, and brings `read` with it.
 */
export function readIncludeCheck(statement: Statement, before: number): IncludeCheckResult {
  if (statement.words.length === 0) return { checks: allIncludeChecks, bad: [] };
  const bad: Word[] = [];
  let checks = before;
  statement.words.forEach((word, index) => {
    const [, sign, name] = /^([+-]?)(.*)$/.exec(word.value) ?? [];
    const bit = Object.entries(includeChecks).find(([each]) => each === name)?.[1];
    if (bit === undefined || (sign === "" && index > 0)) bad.push(word);
    else if (sign === "-") checks &= ~bit;
    else checks = sign === "+" ? checks | bit : read | bit;
  });
  return { checks, bad };
}
