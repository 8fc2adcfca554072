// How a block's statements find their meaning: a table of keywords per block, each with the form of
// its words, a handler that writes into a draft, and the way back to text. Reports what no handler
// should have to look at: unknown keywords, missing and surplus words, blocks in the wrong place.

import { nearestWord } from "../base/edit-distance.js";
import type { Statement, Word } from "../text/ast.js";
import type { Diagnostics, Report } from "../text/diagnostic.js";
import { isSecret, isSecretBlock } from "../text/secrets.js";
import type { Span } from "../text/source.js";
import type { ConfigDraft } from "./draft.js";
import { misremembered } from "./habits.js";
import type { HostFacts } from "./host.js";
import type { Later, LaterList } from "./later.js";
import type { Printable, PrintedStatement } from "./printed.js";

/** Where a statement is bound: its block, and what it writes to. */
export interface Scope<D> {
  readonly diagnostics: Diagnostics;
  readonly host: HostFacts;
  readonly later: LaterList;
  /** All that was read so far: names must be defined above their use. */
  readonly root: ConfigDraft;
  /** Keywords from the top level down: "virtual_server/real_server". */
  readonly path: string;
  /** The object for messages: `vrrp_instance "VI_1"`. */
  readonly owner: string;
  readonly draft: D;
  /** keepalived logs a value that it cannot use here, and does not count it as an error. */
  readonly isLenient?: boolean;
}

export interface Rule<D> {
  /** The words after the keyword, for messages: "<1..255>". */
  readonly form: string;
  readonly wordsMin: number;
  readonly wordsMax: number;
  /** What follows the words: nothing, a block of keywords, or a block of free lines. */
  readonly blockKind: "none" | "keywords" | "lines";
  /** The keywords of its block, for those who walk the tables. */
  readonly inner?: Keywords<never> | undefined;
  /** May stand several times without the later one replacing the earlier. */
  readonly isRepeatable: boolean;
  /**
   * How bad a missing word is: keepalived ends with exit code 2, unless the handler counts first,
   * or only logs it.
   */
  readonly missingWord: "fatal" | "error" | "hint";
  readonly bind: (scope: Scope<D>, statement: Statement) => void;
  /**
   * What a configuration prints under this keyword; absent for a spelling that is never printed.
   */
  readonly print?:
    | ((keyword: string, config: Printable) => readonly PrintedStatement[])
    | undefined;
  /** Present while this keyword is not acted on. */
  readonly later?: Later | undefined;
  /** The keyword that this is another spelling of. */
  readonly aliasOf?: string | undefined;
}

export type Keywords<D> = Readonly<Record<string, Rule<D>>>;

/** Hands each statement to the rule of its keyword, in the order of the text. */
export function bindStatements<D>(
  scope: Scope<D>,
  statements: Iterable<Statement>,
  keywords: Keywords<D>,
): void {
  const rules = rulesOf(keywords);
  // Most blocks are small: the table of what was seen is made when there is a second line.
  let first: Word | undefined;
  let seen: Map<string, Word> | undefined;
  for (const statement of statements) {
    const { keyword } = statement;
    const name = keyword.value;
    const rule = rules.get(name);
    if (rule === undefined) reportUnknown(scope, statement, keywords);
    else if (isWellFormed(scope, statement, rule)) {
      if (!rule.isRepeatable) {
        if (first === undefined) first = keyword;
        else {
          seen ??= new Map([[first.value, first]]);
          const earlier = seen.get(name);
          if (earlier !== undefined) reportRepeated(scope, statement, earlier);
          seen.set(name, keyword);
        }
      }
      if (rule.later !== undefined && !isExcepted(rule.later, statement)) {
        scope.later.add(placeOf(scope.path, name), keyword.span, rule.later);
      }
      rule.bind(scope, statement);
    }
  }
}

const ruleMaps: WeakMap<Keywords<never>, ReadonlyMap<string, Rule<never>>> = new WeakMap();

/** The rules by keyword: looked up by every line, with words that are on the heap for once. */
function rulesOf<D>(keywords: Keywords<D>): ReadonlyMap<string, Rule<D>> {
  let rules = ruleMaps.get(keywords);
  if (rules === undefined) {
    rules = new Map(Object.entries(keywords));
    ruleMaps.set(keywords, rules);
  }
  return rules as ReadonlyMap<string, Rule<D>>;
}

/** All that a table of keywords prints of `config`, in the table's order. */
export function printBlock<D>(keywords: Keywords<D>, config: object): PrintedStatement[] {
  return Object.entries(keywords).flatMap(
    ([keyword, rule]) => rule.print?.(keyword, config as Printable) ?? [],
  );
}

/** Whether the keyword that ends `path` ("vrrp_instance/authentication") is followed by a block. */
export function expectsBlockIn<D>(keywords: Keywords<D>, path: string): boolean {
  let table: Keywords<never> | undefined = keywords;
  let rule: Rule<never> | undefined;
  for (const keyword of path.split("/")) {
    rule = table !== undefined && Object.hasOwn(table, keyword) ? table[keyword] : undefined;
    table = rule?.inner;
  }
  return rule !== undefined && rule.blockKind !== "none";
}

/** "track_bfd in vrrp_instance": a keyword and its block for messages. */
export function placeOf(path: string, keyword: string): string {
  return path === "" ? keyword : `${keyword} in ${path.slice(path.lastIndexOf("/") + 1)}`;
}

/** The scope of a block within that of `outer`; quicker than a spread, and there are many. */
export function innerScope<D>(
  outer: Scope<unknown>,
  path: string,
  owner: string,
  draft: D,
): Scope<D> {
  const { diagnostics, host, later, root } = outer;
  return { diagnostics, host, later, root, path, owner, draft };
}

/** The name of an object for messages; an object without a name is named by its keyword alone. */
export function ownerName({ keyword, words }: Statement): string {
  const [first, ...others] = words;
  if (first === undefined) return keyword.value;
  let name = first.value;
  for (const each of others) name += ` ${each.value}`;
  return `${keyword.value} "${name}"`;
}

/** The statement's first word; only for rules that demand one. */
export function firstWord(statement: Statement): Word {
  return statement.words[0] ?? statement.keyword;
}

function isExcepted({ exceptFor = [] }: Later, { words: [first] }: Statement): boolean {
  return first !== undefined && exceptFor.includes(first.value);
}

function isWellFormed<D>(scope: Scope<D>, statement: Statement, rule: Rule<D>): boolean {
  const { keyword, words, block } = statement;
  if (block !== undefined && rule.blockKind === "none") {
    tell(scope, keyword.span, {
      severity: "error",
      code: "UNEXPECTED_BLOCK",
      message: `Cannot use a block after ${keyword.value} in ${scope.owner}; the block is skipped`,
      expected: written(keyword, rule),
    });
  }
  if (words.length < rule.wordsMin) {
    tell(scope, keyword.span, {
      severity: rule.missingWord,
      code: "MISSING_WORD",
      message: `Cannot use ${keyword.value} in ${scope.owner}: a word is missing`,
      expected: written(keyword, rule),
    });
    return false;
  }
  const surplus = words[rule.wordsMax];
  if (surplus !== undefined) {
    tell(scope, surplus.span, {
      // keepalived complains of words before a block of lines, and of no others.
      severity: rule.blockKind === "lines" ? "error" : "hint",
      code: "SURPLUS_WORD",
      message: `Cannot use what follows ${keyword.value} in ${scope.owner}: it is ignored`,
      expected: written(keyword, rule),
    });
  }
  return true;
}

function written<D>(keyword: Word, rule: Rule<D>): string {
  return rule.form === "" ? keyword.value : `${keyword.value} ${rule.form}`;
}

function reportRepeated<D>(scope: Scope<D>, statement: Statement, earlier: Word): void {
  const { keyword } = statement;
  const place = `${earlier.span.file.path}:${earlier.span.line}`;
  tell(scope, keyword.span, {
    severity: "hint",
    code: "REPEATED_KEYWORD",
    message: `Cannot use ${keyword.value} twice in ${scope.owner}: this replaces ${place}`,
  });
}

function reportUnknown<D>(scope: Scope<D>, statement: Statement, keywords: Keywords<D>): void {
  const { keyword, block } = statement;
  // The nearest of hundreds of words is not looked for when nobody will read it.
  if (!scope.diagnostics.hasRoom("error")) {
    scope.diagnostics.leaveOut("error");
    return;
  }
  const isHidden = isSecretBlock(scope.path);
  const quoted = isHidden || isSecret(keyword.value) ? "" : ` "${shorten(keyword.value)}"`;
  const skipped = block === undefined ? "the line is ignored" : "the whole block is skipped";
  const habit = misremembered(scope.path, keyword.value);
  tell(scope, keyword.span, {
    severity: "error",
    code: "UNKNOWN_KEYWORD",
    message: `Cannot understand the keyword${quoted} in ${scope.owner}; ${skipped}`,
    nearest: habit?.nearest ?? nearestWord(keyword.value, Object.keys(keywords)),
    hint: habit?.hint ?? strayHint(scope, keyword.value),
  });
}

/** A keyword of the top level deep in a block mostly means a brace that was forgotten. */
function strayHint<D>(scope: Scope<D>, keyword: string): string | undefined {
  if (scope.path === "" || !scope.root.topKeywords.has(keyword)) return undefined;
  return `${keyword} stands at the top level: is a } missing above`;
}

/** Reports; lines of a block that holds secrets are not shown. */
function tell<D>(scope: Scope<D>, span: Span, report: Report): void {
  scope.diagnostics.report(span, { ...report, isSecret: isSecretBlock(scope.path) });
}

/** Enough of a word to find it again. */
export function shorten(word: string): string {
  return word.length <= 60 ? word : `${word.slice(0, 60)}...`;
}
