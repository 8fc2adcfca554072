// MISC_CHECK. Follows keepalived's check/check_misc.c: user and group stand in a keyword of their
// own, and whatever follows misc_path's one word does not count.

import { usPerSecond } from "../base/units.js";
import type { Statement } from "../text/ast.js";
import { timedKeywords } from "./check-options.js";
import type { MiscCheckConfig } from "./config-checks.js";
import type { MiscCheckDraft } from "./draft-checker.js";
import { flag, oneWord, printWords, readNumber, store, word } from "./forms.js";
import { delaySecondsMax } from "./global-defs.js";
import { firstWord, type Keywords, type Scope } from "./keyword.js";
import { parseInteger } from "./number.js";
import { type Printable, type PrintedStatement, quoteWord } from "./printed.js";
import { quoteCommand, readScript } from "./script.js";

type Script = MiscCheckConfig["script"];

export const miscKeywords: Keywords<MiscCheckDraft> = {
  ...timedKeywords,
  misc_path: {
    ...oneWord,
    missingWord: "error",
    form: '"<command> [<argument>...]"',
    bind: bindPath,
    print: printWords("script", ({ argv }: Script) => [quoteCommand(argv)]),
  },
  misc_timeout: word(`<0..${delaySecondsMax} seconds>`, bindTimeout, printTimeout),
  misc_dynamic: flag("isDynamic"),
  user: {
    ...oneWord,
    wordsMax: 2,
    missingWord: "error",
    form: "<user> [<group>]",
    bind: bindUser,
    print: printWords("script", ({ user, group }: Script) =>
      [user, ...(group === undefined ? [] : [group])].map(quoteWord),
    ),
  },
};

function bindPath(scope: Scope<MiscCheckDraft>, statement: Statement): void {
  const { argv, span } = readScript(statement);
  scope.draft.script = { value: { argv, span }, span };
}

/** Whole seconds; 0 is as if absent. */
function bindTimeout(scope: Scope<MiscCheckDraft>, statement: Statement): void {
  const limits = { from: 0, to: delaySecondsMax };
  const value = readNumber(scope, statement, parseInteger, limits, String);
  if (value !== undefined) store(scope, "timeoutUs", value * usPerSecond, statement);
}

/** A time that is no such number came from the virtual server's delay_loop, and will again. */
function printTimeout(keyword: string, config: Printable): PrintedStatement[] {
  const { timeoutUs } = config as unknown as MiscCheckConfig;
  const timeoutS = timeoutUs / usPerSecond;
  if (!Number.isInteger(timeoutS) || timeoutS > delaySecondsMax) return [];
  return [{ keyword, words: [String(timeoutS)] }];
}

function bindUser(scope: Scope<MiscCheckDraft>, statement: Statement): void {
  const first = firstWord(statement);
  const [, group] = statement.words;
  scope.draft.user = { value: first.value, span: first.span };
  scope.draft.group = group === undefined ? undefined : { value: group.value, span: group.span };
}
