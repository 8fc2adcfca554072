// The keywords of vrrp_track_process. Ranges and what a bad value becomes follow keepalived's
// vrrp/vrrp_parser.c, the order of quorum and quorum_max included.

import type { Statement } from "../text/ast.js";
import type { TrackedProcessDraft } from "./draft-track.js";
import { flag, ignored, oneWord, readNumber, reject, store, word } from "./forms.js";
import { firstWord, type Keywords, type Scope } from "./keyword.js";
import { parseInteger } from "./number.js";
import { type Printable, type PrintedStatement, quoteWord } from "./printed.js";
import { delay, reportSecond, weight } from "./track-forms.js";

const processesMax = 65535;
const fullCommand = flag<TrackedProcessDraft>("fullCommand");

export const processKeywords: Keywords<TrackedProcessDraft> = {
  process: {
    ...oneWord,
    wordsMax: Number.POSITIVE_INFINITY,
    form: "<path> [<argument>...]",
    isRepeatable: true,
    bind: bindProcess,
    print: (keyword, config) => {
      const words = [config["process"] as string, ...(config["arguments"] as readonly string[])];
      return [{ keyword, words: words.map(quoteWord) }];
    },
  },
  param_match: {
    ...oneWord,
    wordsMin: 0,
    form: "[{initial|partial}]",
    bind: bindMatch,
    print: printMatch,
  },
  full_command: fullCommand,
  weight: weight({ max: 254, beyond: "ignored", isOnce: true }),
  quorum: word(`<1..${processesMax}>`, bindQuorum, (keyword, config) =>
    config["quorum"] === 0 ? [] : [{ keyword, words: [String(config["quorum"])] }],
  ),
  quorum_max: word(`<0..${processesMax}>`, bindQuorumMax, (keyword, config) =>
    config["quorumMax"] === undefined ? [] : [{ keyword, words: [String(config["quorumMax"])] }],
  ),
  fork_delay: delay("forkDelayUs"),
  terminate_delay: delay("terminateDelayUs"),
  delay: delay("forkDelayUs", "terminateDelayUs"),
};

function bindProcess(scope: Scope<TrackedProcessDraft>, statement: Statement): void {
  const { draft } = scope;
  if (draft.process !== undefined) {
    reportSecond(scope, statement, draft.process);
    return;
  }
  const [process = firstWord(statement), ...rest] = statement.words;
  draft.process = { value: process.value, span: process.span };
  draft.arguments = { value: rest.map(({ value }) => value), span: process.span };
}

function bindMatch(scope: Scope<TrackedProcessDraft>, statement: Statement): void {
  const [first] = statement.words;
  if (first === undefined) store(scope, "parameterMatch", "exact", statement);
  else if (first.value === "initial" || first.value === "partial") {
    store(scope, "parameterMatch", first.value, statement);
  } else reject(scope, statement, first, "initial, partial or nothing", ignored);
}

function printMatch(keyword: string, config: Printable): PrintedStatement[] {
  const match = config["parameterMatch"] as string;
  if (match === "none") return [];
  return [{ keyword, words: match === "exact" ? [] : [match] }];
}

function bindQuorum(scope: Scope<TrackedProcessDraft>, statement: Statement): void {
  const limits = { from: 1, to: processesMax };
  const quorum = readNumber(scope, statement, parseInteger, limits, String);
  const { quorumMax } = scope.draft;
  if (quorum === undefined) return;
  if (quorumMax !== undefined && quorum > quorumMax.value) {
    reject(
      scope,
      statement,
      firstWord(statement),
      `at most quorum_max, ${quorumMax.value}`,
      ignored,
    );
  } else store(scope, "quorum", quorum, statement);
}

/** With quorum_max 0 the quorum is 0 too, unless another one than 1 was asked for. */
function bindQuorumMax(scope: Scope<TrackedProcessDraft>, statement: Statement): void {
  const limits = { from: 0, to: processesMax };
  const quorumMax = readNumber(scope, statement, parseInteger, limits, String);
  const quorum = scope.draft.quorum?.value ?? 1;
  if (quorumMax === undefined) return;
  if (quorumMax < quorum && !(quorumMax === 0 && quorum === 1)) {
    reject(scope, statement, firstWord(statement), `at least quorum, ${quorum}`, ignored);
  } else store(scope, "quorumMax", quorumMax, statement);
}
