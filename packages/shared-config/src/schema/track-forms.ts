// What the blocks of tracked objects have in common: a block with a name of its own, the keyword
// `weight <n> [reverse]`, times and delays, keywords of which only the first occurrence counts.

import { usPerSecond } from "../base/units.js";
import type { Statement, Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import type { Config } from "./config.js";
import type { ConfigDraft } from "./draft.js";
import type { NamedDraft } from "./draft-track.js";
import { type Field, oneWord, printWord, readNumber, reject, word } from "./forms.js";
import { delaySecondsMax } from "./global-defs.js";
import { firstWord, type Keywords, printBlock, type Rule, type Scope, shorten } from "./keyword.js";
import { formatSeconds, type ParsedNumber, parseInteger, parseSeconds } from "./number.js";
import { quoteWord } from "./printed.js";
import { section } from "./sections.js";

export const skipped = "the block is skipped";

export interface NamedOptions<I extends NamedDraft> {
  readonly keywords: Keywords<I>;
  /** Where the objects of this kind are kept. */
  readonly map: (draft: ConfigDraft) => Map<string, I>;
  readonly make: (name: NamedDraft) => I;
  readonly nameBytesMax?: number;
  readonly list: (config: Config) => readonly { readonly name: string }[];
}

/** A block with a name that no other block of its kind has. */
export function namedSection<I extends NamedDraft>(options: NamedOptions<I>): Rule<ConfigDraft> {
  const rule = section<ConfigDraft, I>({
    form: "<name>",
    words: { min: 1, max: 1 },
    keywords: options.keywords,
    open: (scope, statement) => openNamed(scope, statement, options),
    close: (scope, { draft }) => options.map(scope.draft).set(draft.name, draft),
    print: (keyword, config) =>
      options.list(config as unknown as Config).map((each) => ({
        keyword,
        words: [quoteWord(each.name)],
        block: printBlock(options.keywords, each),
      })),
  });
  return { ...rule, missingWord: "fatal" };
}

function openNamed<I extends NamedDraft>(
  scope: Scope<ConfigDraft>,
  statement: Statement,
  options: NamedOptions<I>,
): Scope<I> | undefined {
  const { value: name, span } = firstWord(statement);
  const keyword = statement.keyword.value;
  const { nameBytesMax } = options;
  if (name === "" || Buffer.byteLength(name) > (nameBytesMax ?? Number.POSITIVE_INFINITY)) {
    const expected = nameBytesMax === undefined ? "a name" : `1 to ${nameBytesMax} characters`;
    reject(scope, statement, firstWord(statement), expected, skipped);
    return undefined;
  }
  const earlier = options.map(scope.draft).get(name);
  if (earlier !== undefined) {
    scope.diagnostics.report(span, {
      severity: "error",
      code: "DUPLICATE_NAME",
      message: `Cannot define ${keyword} "${shorten(name)}" twice; this block is skipped`,
      hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
    });
    return undefined;
  }
  const draft = options.make({ name, span });
  return { ...scope, path: keyword, owner: `${keyword} "${shorten(name)}"`, draft };
}

/** The fields that `weight <n> [reverse]` writes. */
export interface WeightDraft {
  weight?: Located<number> | undefined;
  reverse?: Located<boolean> | undefined;
}

export interface WeightOptions {
  readonly max: number;
  /** What becomes of a number out of range: the line is ignored, or the nearest limit is used. */
  readonly beyond: "ignored" | "nearest";
  /** Only the first counts; a missing number is then reported and nothing more. */
  readonly isOnce: boolean;
}

/** `weight <n> [reverse]`. */
export function weight<D extends WeightDraft>(options: WeightOptions): Rule<D> {
  const { max, isOnce } = options;
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const { draft } = scope;
    if (isOnce && draft.weight !== undefined) {
      reportSecond(scope, statement, draft.weight);
      return;
    }
    const read = readWeight(scope, statement, options);
    if (read === undefined) return;
    draft.weight = { value: read, span: firstWord(statement).span };
    const option = statement.words[1];
    if (option?.value === "reverse") draft.reverse = { value: true, span: option.span };
    else if (option !== undefined) reportOption(scope, option, "weight", "reverse");
  };
  return {
    ...oneWord,
    wordsMax: 2,
    form: `<-${max}..${max}> [reverse]`,
    isRepeatable: isOnce,
    missingWord: isOnce ? "error" : "fatal",
    bind,
    print: (keyword, config) => {
      const reverse = config["reverse"] === true ? ["reverse"] : [];
      return [{ keyword, words: [String(config["weight"]), ...reverse] }];
    },
  };
}

function readWeight<D>(
  scope: Scope<D>,
  statement: Statement,
  { max, beyond }: WeightOptions,
): number | undefined {
  const limits = { from: -max, to: max };
  if (beyond === "ignored") return readNumber(scope, statement, parseInteger, limits, String);
  const parsed = parseInteger(firstWord(statement).value);
  const instead = Math.max(-max, Math.min(max, parsed?.value ?? 0));
  return readNumber(scope, statement, parseInteger, { ...limits, instead }, String);
}

/** A word after a weight that is none of `expected`; the word is ignored. */
export function reportOption<D>(
  scope: Scope<D>,
  option: Word,
  keyword: string,
  expected: string,
): void {
  const what = `"${shorten(option.value)}" after ${keyword} in ${scope.owner}`;
  scope.diagnostics.report(option.span, {
    severity: "error",
    code: "UNKNOWN_OPTION",
    message: `Cannot use ${what}; the word is ignored`,
    expected,
  });
}

/** A keyword of which the first occurrence counts. */
export function reportSecond<D>(
  scope: Scope<D>,
  { keyword }: Statement,
  earlier: Located<unknown>,
): void {
  scope.diagnostics.report(keyword.span, {
    severity: "error",
    code: "REPEATED_KEYWORD",
    message: `Cannot use ${keyword.value} twice in ${scope.owner}; this line is ignored`,
    hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
  });
}

const usPerMillisecond = 1000;

/**
 * A time in milliseconds with up to three decimals, stored in microseconds, as `limits` are.
 * `check` may have something to say of a value that is taken.
 */
export function milliseconds<D>(
  field: Field<D, number>,
  limits: { readonly from: number; readonly to: number },
  check: (scope: Scope<D>, statement: Statement, valueUs: number) => void,
): Rule<D> {
  const bounds = { ...limits, decimals: 3 };
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const value = readNumber(scope, statement, parseMilliseconds, bounds, formatMilliseconds);
    putNumber(scope, field, value, statement);
    if (value !== undefined) check(scope, statement, value);
  };
  const form = `<${formatMilliseconds(limits.from)}..${formatMilliseconds(limits.to)} ms>`;
  return word(form, bind, printWord(field, formatMilliseconds));
}

/**
 * Seconds in steps of a millisecond, stored in microseconds: up to 4294, and 0 becomes 1 as
 * keepalived has it for scripts.
 */
export function scriptTime<D>(field: Field<D, number>): Rule<D> {
  const limits = { from: 0, to: delaySecondsMax * usPerSecond, decimals: 3 };
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const value = readNumber(scope, statement, parseSecondsInMs, limits, formatSeconds);
    if (value === 0) reject(scope, statement, firstWord(statement), "more than 0", "1 is used");
    putNumber(scope, field, value === 0 ? usPerSecond : value, statement);
  };
  return word(`<0..${delaySecondsMax} seconds>`, bind, printWord(field, formatSeconds));
}

function parseMilliseconds(text: string): ParsedNumber | undefined {
  return scaled(parseSeconds(text), 1 / usPerMillisecond, 1);
}

/** Seconds in steps of a millisecond, in microseconds. */
function parseSecondsInMs(text: string): ParsedNumber | undefined {
  return scaled(parseSeconds(text), 1, usPerMillisecond);
}

function scaled(
  parsed: ParsedNumber | undefined,
  factor: number,
  step: number,
): ParsedNumber | undefined {
  if (parsed === undefined) return undefined;
  const exact = (parsed.value * factor) / step;
  const value = Math.round(exact) * step + 0;
  return { ...parsed, value, isRounded: parsed.isRounded || Math.round(exact) !== exact };
}

function formatMilliseconds(valueUs: number): string {
  return String(valueUs / usPerMillisecond);
}

/** A delay of processes, in microseconds. */
const processDelay = { from: 1, to: 3600 * usPerSecond };

/** A delay, written to all `fields`. Its default 0 cannot be written; one field is printed. */
export function delay<D>(...fields: readonly Field<D, number>[]): Rule<D> {
  const { from, to } = processDelay;
  const form = `<${formatSeconds(from)}..${formatSeconds(to)} seconds>`;
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const value = readNumber(scope, statement, parseSeconds, processDelay, formatSeconds);
    for (const field of fields) putNumber(scope, field, value, statement);
  };
  const [only, second] = fields;
  if (only === undefined || second !== undefined) return word(form, bind);
  return word(form, bind, (keyword, config) => {
    const value = config[only] as number;
    return value === 0 ? [] : [{ keyword, words: [formatSeconds(value)] }];
  });
}

function putNumber<D>(
  scope: Scope<D>,
  field: Field<D, number>,
  value: number | undefined,
  statement: Statement,
): void {
  if (value === undefined) return;
  const located: Located<number> = { value, span: firstWord(statement).span };
  Object.assign(scope.draft as object, { [field]: located });
}
