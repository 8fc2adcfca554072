// FILE_CHECK and BFD_CHECK: what the parent watches for others too. The file or session must be
// defined above; a name that is not leaves the check without its keyword, and so out.

import type { Statement } from "../text/ast.js";
import type { FileCheckConfig } from "./config-checks.js";
import type { BfdCheckDraft, FileCheckDraft } from "./draft-checker.js";
import { boolean, ignored, oneWord, printWord, readNumber, reject, store, word } from "./forms.js";
import { firstWord, type Keywords, type Scope, shorten } from "./keyword.js";
import { parseInteger } from "./number.js";
import { type Printable, type PrintedStatement, quoteWord } from "./printed.js";

const weightMax = 2147483647;

export const fileKeywords: Keywords<FileCheckDraft> = {
  track_file: word("<name>", bindFile, printWord("file", quoteWord)),
  weight: {
    ...oneWord,
    wordsMax: 2,
    form: `<-${weightMax}..${weightMax}> [{reverse|noreverse}]`,
    bind: bindWeight,
    print: printWeight,
  },
};

export const bfdKeywords: Keywords<BfdCheckDraft> = {
  name: {
    ...word("<name>", bindSession, printWord("session", quoteWord)),
    wordsMax: Number.POSITIVE_INFINITY,
    missingWord: "error",
    isRepeatable: true,
  },
  alpha: boolean("alpha"),
};

function bindFile(scope: Scope<FileCheckDraft>, statement: Statement): void {
  const { value } = firstWord(statement);
  if (scope.root.trackers.files.has(value)) store(scope, "file", value, statement);
  else reportUndefined(scope, statement, "track_file");
}

function bindWeight(scope: Scope<FileCheckDraft>, statement: Statement): void {
  const limits = { from: -weightMax, to: weightMax };
  const weight = readNumber(scope, statement, parseInteger, limits, String);
  if (weight === undefined) return;
  store(scope, "weight", weight, statement);
  const [, direction] = statement.words;
  if (direction === undefined || direction.value === "noreverse") {
    store(scope, "isReversed", false, statement);
  } else if (direction.value === "reverse") store(scope, "isReversed", true, statement);
  else {
    scope.diagnostics.report(direction.span, {
      severity: "error",
      code: "UNKNOWN_OPTION",
      message: `Cannot use "${shorten(direction.value)}" after weight in ${scope.owner}: ignored`,
      expected: "reverse or noreverse",
    });
  }
}

function printWeight(keyword: string, config: Printable): PrintedStatement[] {
  const { weight, isReversed } = config as unknown as FileCheckConfig;
  return [{ keyword, words: [String(weight), isReversed ? "reverse" : "noreverse"] }];
}

/** Exactly one word, and once. */
function bindSession(scope: Scope<BfdCheckDraft>, statement: Statement): void {
  const { value } = firstWord(statement);
  const [, surplus] = statement.words;
  const earlier = scope.draft.session;
  if (surplus !== undefined) reject(scope, statement, surplus, "one name", ignored);
  else if (earlier !== undefined) {
    scope.diagnostics.report(statement.keyword.span, {
      severity: "error",
      code: "REPEATED_KEYWORD",
      message: `Cannot use name twice in ${scope.owner}; this line is ignored`,
      hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
    });
  } else if (scope.root.trackers.bfdInstances.has(value)) store(scope, "session", value, statement);
  else reportUndefined(scope, statement, "bfd_instance");
}

function reportUndefined<D>(scope: Scope<D>, statement: Statement, kind: string): void {
  const { value, span } = firstWord(statement);
  scope.diagnostics.report(span, {
    severity: "error",
    code: "UNDEFINED_REFERENCE",
    message: `Cannot find ${kind} "${shorten(value)}" above ${scope.owner}; ${ignored}`,
    hint: `define it with a ${kind} block further up: it is not looked for below`,
  });
}
