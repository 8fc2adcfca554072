// The forms a keyword's words take: number, time, boolean, choice, address, text, block. Each
// checks its word, says what is used instead of a bad one, and stores the value with its place in
// a draft.

import { canonicalIp } from "../base/ip.js";
import type { Statement, Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import { firstWord, type Rule, type Scope, shorten } from "./keyword.js";
import { formatSeconds, type ParsedNumber, parseInteger, parseSeconds } from "./number.js";

/** The fields of a draft that can take a located T. */
export type Field<D, T> = {
  [K in keyof D]-?: Located<T> | undefined extends D[K] ? K : never;
}[keyof D] &
  string;

/** A range, and what a value outside it becomes; without `instead` the line is ignored. */
export interface Limits {
  readonly from: number;
  readonly to: number;
  readonly instead?: number;
}

const oneWord = {
  wordsMin: 1,
  wordsMax: 1,
  hasBlock: false,
  isRepeatable: false,
  isMissingFatal: true,
} as const;

/** A rule for one word of any kind. */
export function word<D>(
  form: string,
  bind: (scope: Scope<D>, statement: Statement) => void,
): Rule<D> {
  return { ...oneWord, form, bind };
}

/** A whole number. */
export function integer<D>(field: Field<D, number>, limits: Limits): Rule<D> {
  const form = `<${limits.from}..${limits.to}>`;
  return word(form, (scope, statement) => {
    put(scope, field, readNumber(scope, statement, parseInteger, limits, String), statement);
  });
}

/** Seconds, stored in microseconds; `limits` are microseconds too. */
export function seconds<D>(field: Field<D, number>, limits: Limits): Rule<D> {
  const form = `<${formatSeconds(limits.from)}..${formatSeconds(limits.to)} seconds>`;
  return word(form, (scope, statement) => {
    put(scope, field, readNumber(scope, statement, parseSeconds, limits, formatSeconds), statement);
  });
}

/** A keyword without words that switches something on. */
export function flag<D>(field: Field<D, boolean>, value = true): Rule<D> {
  return {
    ...oneWord,
    wordsMin: 0,
    wordsMax: 0,
    form: "",
    bind: (scope, statement) => put(scope, field, value, statement),
  };
}

/** A switch with an optional boolean; alone it means on. */
export function boolean<D>(field: Field<D, boolean>): Rule<D> {
  const form = "[on|off|true|false|yes|no]";
  const bind = (scope: Scope<D>, statement: Statement): void =>
    put(scope, field, readBoolean(scope, statement), statement);
  return { ...oneWord, wordsMin: 0, form, bind };
}

/** An IP address of either family, stored in canonical text. */
export function address<D>(field: Field<D, string>): Rule<D> {
  return word("<IP address>", (scope, statement) => {
    const first = firstWord(statement);
    const canonical = canonicalIp(first.value);
    if (canonical !== undefined) put(scope, field, canonical, statement);
    else reject(scope, statement, first, "an IPv4 or IPv6 address", ignored);
  });
}

/** Any word, taken as it stands. A missing one is reported and nothing more. */
export function text<D>(field: Field<D, string>): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void =>
    put(scope, field, firstWord(statement).value, statement);
  return { ...word("<text>", bind), isMissingFatal: false };
}

/** A block whose statements `bind` looks at. */
export function block<D>(
  form: string,
  words: { readonly min: number; readonly max: number },
  bind: (scope: Scope<D>, statement: Statement) => void,
): Rule<D> {
  const counts = { wordsMin: words.min, wordsMax: words.max };
  return { ...oneWord, ...counts, form, hasBlock: true, isRepeatable: true, bind };
}

/** What happens to a line whose word cannot be used. */
export const ignored = "the line is ignored";

/** Reports a word that cannot be used and says what happens instead. */
export function reject<D>(
  scope: Scope<D>,
  statement: Statement,
  bad: Word,
  expected: string,
  instead: string,
): void {
  const keyword = statement.keyword.value;
  scope.diagnostics.report(bad.span, {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot use ${keyword} "${shorten(bad.value)}" in ${scope.owner}; ${instead}`,
    expected,
  });
}

/** The statement's boolean, true when it has no word, undefined when the word is none. */
export function readBoolean<D>(scope: Scope<D>, statement: Statement): boolean | undefined {
  const [first] = statement.words;
  if (first === undefined) return true;
  if (["on", "true", "yes"].includes(first.value)) return true;
  if (["off", "false", "no"].includes(first.value)) return false;
  reject(scope, statement, first, "on, off, true, false, yes or no", ignored);
  return undefined;
}

/** The statement's number, already within `limits`, or undefined when the line does not count. */
export function readNumber<D>(
  scope: Scope<D>,
  statement: Statement,
  parse: (text: string) => ParsedNumber | undefined,
  limits: Limits,
  format: (value: number) => string,
): number | undefined {
  const first = firstWord(statement);
  const parsed = parse(first.value);
  if (parsed === undefined || parsed.value < limits.from || parsed.value > limits.to) {
    const expected = `${format(limits.from)} to ${format(limits.to)}`;
    const { instead } = limits;
    const used = instead === undefined ? ignored : `${format(instead)} is used`;
    reject(scope, statement, first, expected, used);
    return instead;
  }
  if (parsed.rest !== "") {
    reject(scope, statement, first, "a number and nothing after it", `${parsed.used} is used`);
  } else if (parsed.isRounded) {
    reject(scope, statement, first, "at most 6 decimals", `${format(parsed.value)} is used`);
  }
  return parsed.value;
}

/** What a located field of a draft holds. */
export type FieldValue<D, K extends keyof D> = D[K] extends Located<infer T> | undefined
  ? T
  : never;

/** Writes a value and its place into the draft; undefined leaves what was there. */
export function store<D, K extends keyof D & string>(
  scope: Scope<D>,
  field: K,
  value: FieldValue<D, K> | undefined,
  statement: Statement,
): void {
  put(scope, field, value, statement);
}

function put<D>(scope: Scope<D>, field: string, value: unknown, statement: Statement): void {
  if (value === undefined) return;
  const located: Located<unknown> = { value, span: (statement.words[0] ?? statement.keyword).span };
  Object.assign(scope.draft as object, { [field]: located });
}
