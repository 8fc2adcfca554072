// The regex_* keywords of a url. Follows keepalived's check/check_http.c, which says in its log
// what it cannot use. The pattern is PCRE2's: only the checker can tell whether it compiles.

import type { Statement, Word } from "../text/ast.js";
import { scriptWords } from "../text/script-words.js";
import type { Span } from "../text/source.js";
import type { RegexConfig, UrlConfig } from "./config-checks.js";
import type { RegexDraft, UrlDraft } from "./draft-checker.js";
import {
  flag,
  ignored,
  integer,
  oneWord,
  printWord,
  printWords,
  reject,
  store,
  word,
} from "./forms.js";
import { unsignedMax } from "./global-defs.js";
import { firstWord, innerScope, type Keywords, type Rule, type Scope } from "./keyword.js";
import { parseInteger } from "./number.js";
import { type Printable, type PrintedStatement, quoteScriptWord } from "./printed.js";

const optionNames: readonly string[] = [
  ...["allow_empty_class", "alt_bsux", "auto_callout", "caseless", "dollar_endonly", "dotall"],
  ...["dupnames", "extended", "firstline", "match_unset_backref", "multiline", "never_ucp"],
  ...["never_utf", "no_auto_capture", "no_auto_possess", "no_dotstar_anchor"],
  ...["no_start_optimize", "ucp", "ungreedy", "utf", "never_backslash_c", "alt_circumflex"],
  ...["alt_verbnames", "use_offset_limit"],
];

const offset = { from: 0, to: unsignedMax };

export const regexKeywords: Keywords<UrlDraft> = {
  regex: ofRegex(word("<pattern>", bindPattern, printWord("pattern", quoteScriptWord))),
  regex_no_match: ofRegex(flag("noMatch")),
  regex_options: ofRegex({
    ...word("<name> ...", bindOptions, printOptions),
    wordsMax: Number.POSITIVE_INFINITY,
  }),
  regex_min_offset: ofRegex(integer("offsetMin", offset)),
  regex_max_offset: ofRegex(integer("offsetMax", offset)),
  regex_stack: ofRegex({
    ...oneWord,
    wordsMin: 2,
    wordsMax: 2,
    form: "<start bytes> <max bytes>",
    bind: bindStack,
    print: printWords("stack", ({ start, max }: NonNullable<RegexConfig["stack"]>) => [
      String(start),
      String(max),
    ]),
  }),
};

/** A rule for the regex of a url; keepalived goes on without a word that is missing. */
function ofRegex(rule: Rule<RegexDraft>): Rule<UrlDraft> {
  return {
    ...rule,
    missingWord: "hint",
    bind: (scope, statement) => {
      const inner = innerScope(scope, scope.path, scope.owner, scope.draft.regex);
      rule.bind({ ...inner, isLenient: true }, statement);
    },
    print: (keyword, config) => {
      const { regex } = config as unknown as UrlConfig;
      return (regex && rule.print?.(keyword, regex as unknown as Printable)) ?? [];
    },
  };
}

/** Read like a script's words: a backslash is for the configuration first, for the pattern next. */
function bindPattern(scope: Scope<RegexDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const [pattern] = scriptWords(statement);
  if (pattern === undefined || pattern.value === "") {
    reject(scope, statement, first, "a pattern", ignored);
    return;
  }
  store(scope, "pattern", pattern.value, statement);
  const { line, keyword, end } = statement;
  const [, letter] = takenBackslash.exec(line.text.slice(keyword.end, end)) ?? [];
  if (letter !== undefined) reportTaken(scope, pattern.span, letter);
}

/** One that stands alone before what has another meaning to PCRE2 with it. */
const takenBackslash = /(?<!\\)(?:\\\\)*\\([dDwWsSBAzZ.*+?()[\]{}|^$])/;

function reportTaken(scope: Scope<RegexDraft>, span: Span, letter: string): void {
  scope.diagnostics.report(span, {
    severity: "hint",
    code: "BACKSLASH_TAKEN",
    message: `Cannot see a \\${letter} in the regex of ${scope.owner}: one backslash is taken away`,
    hint: `write \\\\${letter} for a \\${letter} of the pattern`,
  });
}

/** The last line counts. */
function bindOptions(scope: Scope<RegexDraft>, statement: Statement): void {
  const options = new Set<string>();
  for (const each of statement.words) {
    if (optionNames.includes(each.value)) options.add(each.value);
    else reportOption(scope, each);
  }
  store(scope, "options", [...options], statement);
}

function reportOption(scope: Scope<RegexDraft>, option: Word): void {
  scope.diagnostics.report(option.span, {
    severity: "hint",
    code: "UNKNOWN_OPTION",
    message: `Cannot use one of the regex_options in ${scope.owner}: the word is ignored`,
    expected: optionNames.join(", "),
  });
}

function printOptions(keyword: string, config: Printable): PrintedStatement[] {
  const { options } = config as unknown as RegexConfig;
  return options.length === 0 ? [] : [{ keyword, words: options }];
}

function bindStack(scope: Scope<RegexDraft>, statement: Statement): void {
  const [startWord = statement.keyword, maxWord = statement.keyword] = statement.words;
  const start = readBytes(startWord);
  const max = readBytes(maxWord);
  if (start === undefined || max === undefined) {
    const bad = start === undefined ? startWord : maxWord;
    reject(scope, statement, bad, `1 to ${unsignedMax} bytes`, ignored);
  } else if (start > max) {
    reject(scope, statement, startWord, `at most the ${max} bytes after it`, ignored);
  } else store(scope, "stack", { start, max }, statement);
}

function readBytes({ value }: Word): number | undefined {
  const parsed = parseInteger(value);
  const isUsable = parsed?.rest === "" && parsed.value >= 1 && parsed.value <= unsignedMax;
  return isUsable ? parsed.value : undefined;
}
