// Forms of words that several keywords of global_defs share: whole seconds, numbers that are drawn
// to the nearest limit, lines of which the first one counts, rules for a part of the settings.

import { canonicalIp, ipFamily, isMulticast, parseIp } from "../base/ip.js";
import { usPerSecond } from "../base/units.js";
import type { Statement, Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import {
  type Field,
  ignored,
  type Limits,
  later,
  oneWord,
  printWord,
  put,
  readNumber,
  reject,
  word,
} from "./forms.js";
import { firstWord, type Keywords, type Rule, type Scope } from "./keyword.js";
import type { Later } from "./later.js";
import { type ParsedNumber, parseInteger } from "./number.js";
import { type Printable, quoteWord } from "./printed.js";

/** The largest number of whole seconds that fits keepalived's 32-bit microseconds. */
export const delaySecondsMax = 4294;
export const unsignedMax = 4294967295;

/** A line is no longer (lib/parser.c). */
const textBytesMax = 1023;

type NumberField<D> = Field<D, number>;

/** Whole seconds, stored in microseconds; `limits` are seconds. */
export function wholeSeconds<D>(
  field: NumberField<D>,
  limits: Limits,
  parse: typeof parseInteger = parseInteger,
): Rule<D> {
  return stored(field, `<${limits.from}..${limits.to} seconds>`, usPerSecond, (scope, statement) =>
    readNumber(scope, statement, parse, limits, String),
  );
}

/** A whole number with nothing after it: "10x" is no number here. */
export function exactInteger<D>(field: NumberField<D>, limits: Limits): Rule<D> {
  return stored(field, `<${limits.from}..${limits.to}>`, 1, (scope, statement) =>
    readNumber(scope, statement, parseExact, limits, String),
  );
}

/** A whole number; one beyond a limit becomes that limit. */
export function clampedInteger<D>(
  field: NumberField<D>,
  { from, to }: Pick<Limits, "from" | "to">,
): Rule<D> {
  return stored(field, `<${from}..${to}>`, 1, (scope, statement) => {
    const value = parseInteger(firstWord(statement).value)?.value ?? from;
    const instead = value > to ? to : from;
    const isNumber = parseInteger(firstWord(statement).value) !== undefined;
    const limits = isNumber ? { from, to, instead } : { from, to };
    return readNumber(scope, statement, parseInteger, limits, String);
  });
}

/** A count of packets or seconds: 0 becomes 1, any other word that is no number is ignored. */
export function fromOne<D>(field: NumberField<D>, to: number, unit = 1): Rule<D> {
  return stored(field, `<1..${to}${unit === 1 ? "" : " seconds"}>`, unit, (scope, statement) => {
    const isZero = parseInteger(firstWord(statement).value)?.value === 0;
    const limits = { from: 1, to, ...(isZero ? { instead: 1 } : {}) };
    return readNumber(scope, statement, parseInteger, limits, String);
  });
}

/** A count of packets: 0 becomes 1, since a burst of none would leave the switches uninformed. */
export function positive<D>(field: NumberField<D>): Rule<D> {
  return fromOne(field, unsignedMax);
}

/** The size of a socket's receive buffer; 0 is the same as no line. */
export function bufferBytes<D>(field: NumberField<D>): Rule<D> {
  const limits = { from: 0, to: unsignedMax };
  const rule = stored(field, `<${limits.from}..${limits.to}>`, 1, (scope, statement) => {
    const value = readNumber(scope, statement, parseExact, limits, String);
    return value === 0 ? undefined : value;
  });
  return mendable(rule);
}

/** A word of `from` to `to` bytes. */
export function named<D>(
  field: Field<D, string>,
  { from = 1, to = textBytesMax }: { readonly from?: number; readonly to?: number } = {},
): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const first = firstWord(statement);
    if (isNameOf(first, from, to)) put(scope, field, first.value, statement);
    else reject(scope, statement, first, `${from} to ${to} characters`, ignored);
  };
  return word("<name>", bind, printWord(field, quoteWord));
}

/** Exactly one word that is not empty; with more of them the line does not count. */
export function onlyWord<D>(form: string, field: Field<D, string>): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const [first, surplus] = statement.words;
    if (surplus !== undefined) reject(scope, statement, surplus, "one word", ignored);
    else if (first?.value === "") reject(scope, statement, first, "a word", ignored);
    else put(scope, field, firstWord(statement).value, statement);
  };
  const rule = word(form, bind, printWord(field, quoteWord));
  return { ...rule, wordsMax: wordsUnlimited, missingWord: "error" };
}

/** For rules that look at all words of a line themselves. */
export const wordsUnlimited: number = Number.MAX_SAFE_INTEGER;

/** The first line counts; later ones are reported and ignored. */
export function firstWins<D>(field: keyof D & string, rule: Rule<D>): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const earlier = scope.draft[field] as Located<unknown> | undefined;
    if (earlier === undefined) rule.bind(scope, statement);
    else reportSecond(scope, statement, earlier);
  };
  return { ...rule, isRepeatable: true, bind };
}

/** Reports a line that comes too late. keepalived 2.2.7 keeps some of these to itself: a hint. */
export function reportSecond<D>(
  scope: Scope<D>,
  { keyword }: Statement,
  earlier: Located<unknown>,
  severity: "error" | "hint" = "error",
): void {
  scope.diagnostics.report(keyword.span, {
    severity,
    code: "REPEATED_KEYWORD",
    message: `Cannot use ${keyword.value} twice in ${scope.owner}; this line is ignored`,
    hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
  });
}

/** For aliases: an old name that keepalived takes without counting it as an error. */
export function oldName<D>(target: string): (scope: Scope<D>, statement: Statement) => void {
  return (scope, { keyword }) => {
    scope.diagnostics.report(keyword.span, {
      severity: "hint",
      code: "DEPRECATED_KEYWORD",
      message: `Cannot recommend ${keyword.value} in ${scope.owner}: it is an old name`,
      hint: `write ${target}`,
    });
  };
}

/** A missing word is reported and nothing more. */
export function mendable<D>(rule: Rule<D>): Rule<D> {
  return { ...rule, missingWord: "error" };
}

/** A keyword without words that does more than set a flag; nothing prints it. */
export function bare<D>(bind: (scope: Scope<D>, statement: Statement) => void): Rule<D> {
  return { ...oneWord, wordsMin: 0, wordsMax: 0, form: "", bind };
}

/** A rule of a part of the settings, in the table of the whole. */
export function within<D, I>(
  field: string,
  draftOf: (draft: D) => I,
  { bind, print, ...rest }: Rule<I>,
): Rule<D> {
  return {
    ...rest,
    bind: (scope, statement) => bind({ ...scope, draft: draftOf(scope.draft) }, statement),
    print:
      print &&
      ((keyword, config) => {
        const part = config[field] as Printable | undefined;
        return part === undefined ? [] : print(keyword, part);
      }),
  };
}

/** Keywords that are all parsed, checked and kept, and not acted on by this release. */
export function allLater<D>(table: Keywords<D>, what: Later = {}): Keywords<D> {
  return Object.fromEntries(
    Object.entries(table).map(([keyword, rule]) => [
      keyword,
      rule.later === undefined ? later(rule, what) : rule,
    ]),
  );
}

/** The multicast address of `family` that the statement names, or undefined after a report. */
export function readMulticast<D>(
  scope: Scope<D>,
  statement: Statement,
  family: 4 | 6 | undefined,
): string | undefined {
  const first = firstWord(statement);
  const bytes = parseIp(first.value);
  const isUsable =
    bytes !== undefined &&
    isMulticast(bytes) &&
    (family === undefined || ipFamily(first.value) === family);
  if (isUsable) return canonicalIp(first.value);
  reject(scope, statement, first, `an IPv${family ?? "4 or IPv6"} multicast address`, ignored);
  return undefined;
}

/** Whether the kernel takes a name of `from` to `to` bytes. */
export function isNameOf({ value }: Word, from: number, to: number): boolean {
  const length = Buffer.byteLength(value);
  return length >= from && length <= to;
}

function stored<D>(
  field: NumberField<D>,
  form: string,
  unit: number,
  read: (scope: Scope<D>, statement: Statement) => number | undefined,
): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const value = read(scope, statement);
    if (value !== undefined) put(scope, field, value * unit, statement);
  };
  const print = printWord(field, (value: number) => String(value / unit));
  return { ...oneWord, form, bind, print };
}

/** A number with nothing after it. */
export function parseExact(text: string): ParsedNumber | undefined {
  const parsed = parseInteger(text);
  return parsed?.rest === "" ? parsed : undefined;
}
