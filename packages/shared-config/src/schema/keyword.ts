// How a block's statements find their meaning: a table of keywords per block, each with the form of
// its words and a handler that writes into a draft. Reports what no handler should have to look at:
// unknown keywords, keywords not built yet, missing and surplus words, blocks in the wrong place.

import { nearestWord } from "../base/edit-distance.js";
import type { Statement, Word } from "../text/ast.js";
import type { Diagnostics, Report } from "../text/diagnostic.js";
import { isSecret, isSecretBlock } from "../text/secrets.js";
import type { Span } from "../text/source.js";
import { isKnownKeyword, keywordsOf } from "./known-keywords.js";
import { consequenceOf, dangerOf, misremembered } from "./not-built.js";

/** Where a statement is bound: its block, and what it writes to. */
export interface Scope<D> {
  readonly diagnostics: Diagnostics;
  /** Keywords from the top level down: "virtual_server/real_server". */
  readonly path: string;
  /** The object for messages: `vrrp_instance "VI_1"`. */
  readonly owner: string;
  readonly draft: D;
}

export interface Rule<D> {
  /** The words after the keyword, for messages: "<1..255>". */
  readonly form: string;
  readonly wordsMin: number;
  readonly wordsMax: number;
  readonly hasBlock: boolean;
  /** May stand several times without the later one replacing the earlier. */
  readonly isRepeatable: boolean;
  /** keepalived ends with exit code 2 when a word is missing, unless the handler counts first. */
  readonly isMissingFatal: boolean;
  readonly bind: (scope: Scope<D>, statement: Statement) => void;
}

export type Keywords<D> = Readonly<Record<string, Rule<D>>>;

/** Hands each statement to the rule of its keyword, in the order of the text. */
export function bindStatements<D>(
  scope: Scope<D>,
  statements: Iterable<Statement>,
  keywords: Keywords<D>,
): void {
  const seen = new Map<string, Word>();
  for (const statement of statements) {
    const name = statement.keyword.value;
    const rule = Object.hasOwn(keywords, name) ? keywords[name] : undefined;
    if (rule === undefined) reportUnbound(scope, statement, keywords);
    else if (isWellFormed(scope, statement, rule)) {
      const earlier = seen.get(name);
      if (earlier !== undefined && !rule.isRepeatable) reportRepeated(scope, statement, earlier);
      seen.set(name, statement.keyword);
      rule.bind(scope, statement);
    }
  }
}

/** The name of an object for messages; an object without a name is named by its keyword alone. */
export function ownerName(statement: Statement): string {
  const words = statement.words.map((word) => word.value);
  if (words.length === 0) return statement.keyword.value;
  return `${statement.keyword.value} "${words.join(" ")}"`;
}

/** The statement's first word; only for rules that demand one. */
export function firstWord(statement: Statement): Word {
  return statement.words[0] ?? statement.keyword;
}

function isWellFormed<D>(scope: Scope<D>, statement: Statement, rule: Rule<D>): boolean {
  const { keyword, words, block } = statement;
  const written = rule.form === "" ? keyword.value : `${keyword.value} ${rule.form}`;
  if (block !== undefined && !rule.hasBlock) {
    tell(scope, keyword.span, {
      severity: "error",
      code: "UNEXPECTED_BLOCK",
      message: `Cannot use a block after ${keyword.value} in ${scope.owner}; the block is skipped`,
      expected: written,
    });
  }
  if (words.length < rule.wordsMin) {
    tell(scope, keyword.span, {
      severity: rule.isMissingFatal ? "fatal" : "error",
      code: "MISSING_WORD",
      message: `Cannot use ${keyword.value} in ${scope.owner}: a word is missing`,
      expected: written,
    });
    return false;
  }
  const surplus = words[rule.wordsMax];
  if (surplus !== undefined) {
    tell(scope, surplus.span, {
      severity: "hint",
      code: "SURPLUS_WORD",
      message: `Cannot use what follows ${keyword.value} in ${scope.owner}: it is ignored`,
      expected: written,
    });
  }
  return true;
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

function reportUnbound<D>(scope: Scope<D>, statement: Statement, keywords: Keywords<D>): void {
  if (isKnownKeyword(scope.path, statement.keyword.value)) reportNotBuilt(scope, statement);
  else reportUnknown(scope, statement, keywords);
}

function reportNotBuilt<D>(scope: Scope<D>, statement: Statement): void {
  const { keyword } = statement;
  const danger = dangerOf(scope.path, keyword.value);
  const what = `Cannot act on ${keyword.value} in ${scope.owner} yet`;
  tell(scope, keyword.span, {
    severity: danger === undefined ? "warning" : "fatal",
    code: "NOT_SUPPORTED_YET",
    message: `${what}: ${danger ?? consequenceOf(scope.path, keyword.value)}`,
  });
}

function reportUnknown<D>(scope: Scope<D>, statement: Statement, keywords: Keywords<D>): void {
  const { keyword, block } = statement;
  // The nearest of hundreds of words is not looked for when nobody will read it.
  if (!scope.diagnostics.hasRoom) {
    scope.diagnostics.leaveOut();
    return;
  }
  const isHidden = isSecretBlock(scope.path);
  const quoted = isHidden || isSecret(keyword.value) ? "" : ` "${shorten(keyword.value)}"`;
  const skipped = block === undefined ? "the line is ignored" : "the whole block is skipped";
  const known = [...Object.keys(keywords), ...keywordsOf(scope.path)];
  tell(scope, keyword.span, {
    severity: "error",
    code: "UNKNOWN_KEYWORD",
    message: `Cannot understand the keyword${quoted} in ${scope.owner}; ${skipped}`,
    nearest: misremembered(scope.path, keyword.value) ?? nearestWord(keyword.value, known),
    hint: strayHint(scope.path, keyword.value),
  });
}

/** A keyword of the top level deep in a block mostly means a brace that was forgotten. */
function strayHint(path: string, keyword: string): string | undefined {
  if (path === "") return undefined;
  if (isKnownKeyword("", keyword))
    return `${keyword} stands at the top level: is a } missing above`;
  return undefined;
}

/** Reports; lines of a block that holds secrets are not shown. */
function tell<D>(scope: Scope<D>, span: Span, report: Report): void {
  scope.diagnostics.report(span, { ...report, isSecret: isSecretBlock(scope.path) });
}

/** Enough of a word to find it again. */
export function shorten(word: string): string {
  return word.length <= 60 ? word : `${word.slice(0, 60)}...`;
}
