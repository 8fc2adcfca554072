// What the expander has to say: the message, severity and way out for each line that it refuses.

import { nearestWord } from "../base/edit-distance.js";
import { diagnosticCodes } from "./codes.js";
import type { Report } from "./diagnostic.js";
import { definitionsMax, depthMax, lineLengthMax } from "./limits.js";
import type { Unresolved } from "./substitute.js";

const lineLength = `at most ${lineLengthMax} characters`;

export const containsNul: Report = {
  severity: "error",
  code: "LINE_HAS_NUL",
  message: "Cannot use a line with a NUL character; the line is ignored",
};

export const tooMuchText: Report = {
  severity: "fatal",
  code: "EXPANSION_LIMIT",
  message: "Cannot read further: definitions and sequences make too much text",
};

export const tooManyNames: Report = {
  severity: "fatal",
  code: "EXPANSION_LIMIT",
  message: "Cannot read further: too many names are defined",
  expected: `at most ${definitionsMax} names`,
};

export const tooDeep: Report = {
  severity: "error",
  code: "ENDLESS_DEFINITION",
  message: "Cannot expand this line: it leads back to itself, or too deep; it is ignored",
  expected: `at most ${depthMax} files, sequences and definitions in each other`,
};

export const quotedInclude: Report = {
  severity: "hint",
  code: "DIFFERS_FROM_KEEPALIVED",
  message: "Cannot tell whether the quotes belong to the name: keepalived looks for them in it",
  hint: "write the name without quotes; it may have blanks",
};

export function tooLong(length: number): Report {
  return {
    severity: "error",
    code: "LINE_TOO_LONG",
    message: `Cannot use a line of ${length} characters; the line is ignored`,
    expected: lineLength,
  };
}

export function tooManyLines(limit: number): Report {
  return {
    severity: "fatal",
    code: "TOO_MANY_LINES",
    message: `Cannot read further: the configuration has more than ${limit} lines`,
  };
}

export function tooManySteps(limit: number): Report {
  return {
    severity: "fatal",
    code: "EXPANSION_LIMIT",
    message: "Cannot read further: the sequences and lists take too many values",
    expected: `at most ${limit} values in all`,
  };
}

export function includeLoop(path: string): Report {
  return {
    severity: "error",
    code: "INCLUDE_LOOP",
    message: `Cannot include "${path}": it includes itself; the include is ignored`,
  };
}

export function includeLimit(pattern: string, expected: string): Report {
  const message = `Cannot include "${pattern}": includes bring in too much`;
  return { severity: "fatal", code: "INCLUDE_LIMIT", message, expected };
}

export function unknownCode(code: string): Report {
  return {
    severity: "hint",
    code: "UNKNOWN_CODE",
    message: `Cannot silence "${code}": there is no such code`,
    nearest: nearestWord(code, Object.keys(diagnosticCodes)),
  };
}

export function badSeed(word: string): Report {
  return {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot use random_seed "${word}"; the line is ignored`,
    expected: "0 to 4294967295",
  };
}

export function badIncludeCheck(word: string): Report {
  return {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot use include_check "${word}"; the word is ignored`,
    expected: "read, match, wildcard_match or brace_match, after the first word with + or -",
  };
}

/** A `~` form that cannot be read; as in keepalived its line is ignored. */
export function sequenceReport(why: string, expected: string): Report {
  const message = `Cannot expand this line: ${why}; the line is ignored`;
  return { severity: "error", code: "INVALID_SEQUENCE", message, expected };
}

export const unresolvedReports: Readonly<Record<Unresolved["reason"], (name: string) => Report>> = {
  undefined: (name) => ({
    severity: "error",
    code: "UNDEFINED_NAME",
    message: `Cannot find a definition of \${${name}}; nothing is put in its place`,
    hint: name.startsWith("_ENV ")
      ? "the daemon's environment has no such name"
      : `write "$${name}=..." on a line above`,
  }),
  undefinedInQuotes: (name) => ({
    severity: "hint",
    code: "UNDEFINED_NAME",
    message: `Cannot find a definition of \${${name}}; it stays in the text as it is`,
  }),
  tooLong: (name) => ({
    severity: "error",
    code: "LINE_TOO_LONG",
    message: `Cannot expand $${name}: the line would grow too long; the line is ignored`,
    expected: lineLength,
  }),
  endless: (name) => ({
    severity: "error",
    code: "ENDLESS_DEFINITION",
    message: `Cannot expand $${name}: its definition has no end; the line is ignored`,
    hint: "a definition must not refer to itself",
  }),
  limit: (name) => ({
    severity: "fatal",
    code: "EXPANSION_LIMIT",
    message: `Cannot expand $${name}: definitions and sequences have made too much text`,
  }),
};
