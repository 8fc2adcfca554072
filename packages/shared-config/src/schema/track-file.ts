// The keywords of track_file, and of vrrp_track_file, its older name. Ranges and what a bad value
// becomes follow keepalived's vrrp/vrrp_parser.c and core/track_file.c.

import type { Statement, Word } from "../text/ast.js";
import type { InitFileConfig } from "./config-track.js";
import type { TrackedFileDraft } from "./draft-track.js";
import { oneWord, printWord, printWords, reject, text } from "./forms.js";
import { firstWord, type Keywords, type Scope, shorten } from "./keyword.js";
import { parseInteger } from "./number.js";
import { quoteWord } from "./printed.js";
import { reportOption, reportSecond, weight } from "./track-forms.js";

const integerMax = 2147483647;
/** Beyond this a file's number does no more. */
const sensibleMax = 254;

export const fileKeywords: Keywords<TrackedFileDraft> = {
  file: {
    ...text("path"),
    isRepeatable: true,
    bind: bindPath,
    print: printWord("path", quoteWord),
  },
  weight: weight({ max: 254, beyond: "ignored", isOnce: true }),
  init_file: {
    ...oneWord,
    wordsMin: 0,
    wordsMax: Number.POSITIVE_INFINITY,
    form: "[<n>] [overwrite]",
    bind: bindInitFile,
    print: printWords("initFile", ({ value, overwrite }: InitFileConfig) => [
      String(value),
      ...(overwrite ? ["overwrite"] : []),
    ]),
  },
};

function bindPath(scope: Scope<TrackedFileDraft>, statement: Statement): void {
  const { value, span } = firstWord(statement);
  const { path } = scope.draft;
  if (path === undefined) scope.draft.path = { value, span };
  else reportSecond(scope, statement, path);
}

/** The words in any order; the last number counts. */
function bindInitFile(scope: Scope<TrackedFileDraft>, statement: Statement): void {
  let value = 0;
  let overwrite = false;
  for (const option of statement.words) {
    if (option.value === "overwrite") overwrite = true;
    else if (/^[+-]?\d/.test(option.value)) value = readValue(scope, statement, option);
    else reportOption(scope, option, "init_file", "[<n>] [overwrite]");
  }
  scope.draft.initFile = { value: { value, overwrite }, span: firstWord(statement).span };
}

function readValue(scope: Scope<TrackedFileDraft>, statement: Statement, option: Word): number {
  const parsed = parseInteger(option.value);
  const value = parsed?.value ?? 0;
  if (parsed?.rest !== "" || Math.abs(value) > integerMax) {
    reject(scope, statement, option, `a number up to ${integerMax}`, "0 is used");
    return 0;
  }
  if (Math.abs(value) > sensibleMax) {
    scope.diagnostics.report(option.span, {
      severity: "warning",
      code: "INVALID_VALUE",
      message: `Cannot see a sense in init_file "${shorten(option.value)}" of ${scope.owner}`,
      expected: `-${sensibleMax} to ${sensibleMax}: no priority changes by more`,
    });
  }
  return value;
}
