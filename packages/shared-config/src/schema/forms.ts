// The forms a keyword's words take: number, time, boolean, choice, address, text. Each checks its
// word, says what is used instead of a bad one, stores the value with its place in a draft, and
// knows how a configuration writes it back.

import { canonicalIp } from "../base/ip.js";
import type { Statement, Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import { firstWord, type Rule, type Scope, shorten } from "./keyword.js";
import type { Later } from "./later.js";
import { formatSeconds, type ParsedNumber, parseInteger, parseSeconds } from "./number.js";
import { type PrintedStatement, quoteWord } from "./printed.js";

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
  /** How many decimals count; 6 by default. */
  readonly decimals?: number;
}

/** The part of a rule that most keywords share. */
export const oneWord = {
  wordsMin: 1,
  wordsMax: 1,
  blockKind: "none",
  isRepeatable: false,
  missingWord: "fatal",
} as const;

/** A rule for one word of any kind. Without `print` the keyword is never written back. */
export function word<D>(
  form: string,
  bind: (scope: Scope<D>, statement: Statement) => void,
  print?: Rule<D>["print"],
): Rule<D> {
  return { ...oneWord, form, bind, print };
}

/** A whole number. */
export function integer<D>(field: Field<D, number>, limits: Limits): Rule<D> {
  const form = `<${limits.from}..${limits.to}>`;
  const bind = (scope: Scope<D>, statement: Statement): void =>
    put(scope, field, readNumber(scope, statement, parseInteger, limits, String), statement);
  return word(form, bind, printWord(field, String));
}

/** Seconds, stored in microseconds; `limits` are microseconds too. */
export function seconds<D>(field: Field<D, number>, limits: Limits): Rule<D> {
  const form = `<${formatSeconds(limits.from)}..${formatSeconds(limits.to)} seconds>`;
  const bind = (scope: Scope<D>, statement: Statement): void =>
    put(scope, field, readNumber(scope, statement, parseSeconds, limits, formatSeconds), statement);
  return word(form, bind, printWord(field, formatSeconds));
}

/** A keyword without words that sets `field` to `value`; a configuration with it prints it. */
export function flag<D>(field: Field<D, boolean>, value = true): Rule<D> {
  return {
    ...oneWord,
    wordsMin: 0,
    wordsMax: 0,
    form: "",
    bind: (scope, statement) => put(scope, field, value, statement),
    print: (keyword, config) => (config[field] === value ? [{ keyword, words: [] }] : []),
  };
}

/** A switch with an optional boolean; alone it means on. */
export function boolean<D>(field: Field<D, boolean>): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void =>
    put(scope, field, readBoolean(scope, statement), statement);
  const print = printWord(field, (value: boolean) => (value ? "on" : "off"));
  return { ...oneWord, wordsMin: 0, form: booleanForm, bind, print };
}

const booleanForm = "[on|off|true|false|yes|no]";
const offWords: readonly string[] = ["off", "false", "no"];

/** One of `words`, stored as written here. */
export function choice<D, T extends string>(
  field: Field<D, T>,
  words: readonly T[],
  options: { readonly instead?: T; readonly isCaseFree?: boolean } = {},
): Rule<D> {
  const { instead, isCaseFree } = options;
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const first = firstWord(statement);
    const written = isCaseFree ? first.value.toLowerCase() : first.value;
    const found = words.find((each) => (isCaseFree ? each.toLowerCase() : each) === written);
    if (found === undefined) {
      const then = instead === undefined ? ignored : `${instead} is used`;
      reject(scope, statement, first, words.join(", "), then);
    }
    put(scope, field, found ?? instead, statement);
  };
  return word(`{${words.join("|")}}`, bind, printWord(field, quoteWord));
}

/** An IP address of either family, stored in canonical text. */
export function address<D>(field: Field<D, string>): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const first = firstWord(statement);
    const canonical = canonicalIp(first.value);
    if (canonical !== undefined) put(scope, field, canonical, statement);
    else reject(scope, statement, first, "an IPv4 or IPv6 address", ignored);
  };
  return word("<IP address>", bind, printWord(field, String));
}

/** Any word, taken as it stands. A missing one is reported and nothing more. */
export function text<D>(field: Field<D, string>): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void =>
    put(scope, field, firstWord(statement).value, statement);
  return { ...word("<text>", bind, printWord(field, quoteWord)), missingWord: "error" };
}

/** The same rule under another name, which is never printed. `tell` says what to write today. */
export function alias<D>(
  target: string,
  rule: Rule<D>,
  tell?: (scope: Scope<D>, statement: Statement) => void,
): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    tell?.(scope, statement);
    rule.bind(scope, statement);
  };
  return { ...rule, bind, print: undefined, aliasOf: target };
}

/** For {@link alias}: keepalived takes the word and asks for another, as a warning. */
export function deprecated<D>(target: string): (scope: Scope<D>, statement: Statement) => void {
  return (scope, { keyword }) => {
    scope.diagnostics.report(keyword.span, {
      severity: "warning",
      code: "DEPRECATED_KEYWORD",
      message: `Cannot recommend ${keyword.value} in ${scope.owner}: it is an old name`,
      hint: `write ${target}`,
    });
  };
}

/** For {@link alias}: keepalived does not know the word at all, and its meaning is plain. */
export function misspelt<D>(target: string): (scope: Scope<D>, statement: Statement) => void {
  return (scope, { keyword }) => {
    const what = `${keyword.value} among the keywords of ${scope.owner}`;
    scope.diagnostics.report(keyword.span, {
      severity: "error",
      code: "MISSPELT_KEYWORD",
      message: `Cannot find ${what}; it is read as ${target}`,
      hint: `write ${target}: keepalived ignores ${keyword.value}`,
    });
  };
}

/**
 * Marks a keyword as parsed, checked and kept, and not acted on by this release. A switch that is
 * off asks for nothing.
 */
export function later<D>(rule: Rule<D>, what: Later = {}): Rule<D> {
  const exceptFor = rule.form === booleanForm ? offWords : undefined;
  return { ...rule, later: { exceptFor, ...what } };
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
    severity: scope.isLenient ? "hint" : "error",
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
  if (offWords.includes(first.value)) return false;
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
    const expected = `at most ${limits.decimals ?? 6} decimals`;
    reject(scope, statement, first, expected, `${format(parsed.value)} is used`);
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

/** Prints a field that holds one T as one word; a field that is absent prints nothing. */
export function printWord<T>(
  field: string,
  format: (value: T) => string,
): (keyword: string, config: Readonly<Record<string, unknown>>) => PrintedStatement[] {
  return printWords(field, (value: T) => [format(value)]);
}

/** Prints a field that holds one T as the words that `format` makes of it. */
export function printWords<T>(
  field: string,
  format: (value: T) => readonly string[],
): (keyword: string, config: Readonly<Record<string, unknown>>) => PrintedStatement[] {
  return (keyword, config) => {
    const value = config[field];
    // The field's type is T by the rule's own type; the printable view has lost it.
    return value === undefined ? [] : [{ keyword, words: format(value as T) }];
  };
}

/** Writes a value and its place into the draft; undefined leaves what was there. */
export function put<D>(scope: Scope<D>, field: string, value: unknown, statement: Statement): void {
  if (value === undefined) return;
  const draft = scope.draft as Record<string, Located<unknown>>;
  draft[field] = { value, span: firstWord(statement).span };
}
