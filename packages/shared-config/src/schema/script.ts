// Keywords that name a command: `notify_master "/path arg" [user [group]]` and the like. The
// command with all its arguments is one word, split a second time (keepalived core/notify.c).
// Whether it is there and who may change it, the linker asks.

import type { Statement } from "../text/ast.js";
import { scriptWords, splitCommand } from "../text/script-words.js";
import type { Located, Span } from "../text/source.js";
import type { ScriptConfig } from "./config-script.js";
import { type Field, oneWord, printWords } from "./forms.js";
import type { Rule, Scope } from "./keyword.js";
import { escapeScript, quoteScriptWord } from "./printed.js";

/** A command as written. */
export interface ScriptDraft {
  readonly argv: readonly string[];
  readonly span: Span;
  readonly user?: Located<string> | undefined;
  readonly group?: Located<string> | undefined;
  /** The first word after all that. */
  readonly surplus?: Span | undefined;
}

/** A notify-type script: the first occurrence counts, later ones are reported. */
export function notifyScript<D>(field: Field<D, ScriptDraft>): Rule<D> {
  const bind = (scope: Scope<D>, statement: Statement): void => {
    const draft = scope.draft as Record<string, Located<ScriptDraft> | undefined>;
    const earlier = draft[field];
    if (earlier !== undefined) {
      reportSecond(scope, statement, earlier);
      return;
    }
    const value = readScript(statement);
    draft[field] = { value, span: value.span };
    if (value.surplus !== undefined) reportSurplus(scope, statement, value.surplus);
  };
  return { ...scriptRule, form, bind, print: printScript(field) };
}

const form = '"<command> [<argument>...]" [<user> [<group>]]';

/** What script keywords have in common: only the script's own words can be counted. */
export const scriptRule: Omit<Rule<never>, "form" | "bind"> = {
  ...oneWord,
  wordsMax: Number.MAX_SAFE_INTEGER,
  isRepeatable: true,
};

/** The command of a statement, with the user and group words after it. */
export function readScript(statement: Statement): ScriptDraft {
  const [command, user, group, surplus] = scriptWords(statement);
  const encoding = statement.line.source.encoding;
  return {
    argv: command === undefined ? [] : splitCommand(command.value, encoding).argv,
    span: (command ?? statement.keyword).span,
    ...(user === undefined ? {} : { user: { value: user.value, span: user.span } }),
    ...(group === undefined ? {} : { group: { value: group.value, span: group.span } }),
    ...(surplus === undefined ? {} : { surplus: surplus.span }),
  };
}

/** Prints a ScriptConfig: the command as one quoted word, then user and group. */
export function printScript(field: string): NonNullable<Rule<never>["print"]> {
  return printWords(field, (script: ScriptConfig) => [
    quoteCommand(script.argv),
    quoteAccount(script.user),
    ...(script.group === undefined ? [] : [quoteAccount(script.group)]),
  ]);
}

/** A command line as one word that is split into the same `argv` again. */
export function quoteCommand(argv: readonly string[]): string {
  return quoteScriptWord(argv.map(quoteArgument).join(" "));
}

function quoteAccount(name: string): string {
  return /^[\w.:@-]+$/.test(name) ? name : quoteScriptWord(name);
}

function quoteArgument(argument: string): string {
  if (/^[\w/.,:=@%+-]+$/.test(argument)) return argument;
  return `'${escapeScript(argument)}'`;
}

function reportSurplus<D>(scope: Scope<D>, { keyword }: Statement, span: Span): void {
  scope.diagnostics.report(span, {
    severity: "hint",
    code: "SURPLUS_WORD",
    message: `Cannot use what follows ${keyword.value} in ${scope.owner}: it is ignored`,
    expected: `${keyword.value} ${form}`,
    hint: "arguments stand within the quotes of the command",
  });
}

function reportSecond<D>(
  scope: Scope<D>,
  { keyword }: Statement,
  earlier: Located<ScriptDraft>,
): void {
  scope.diagnostics.report(keyword.span, {
    severity: "error",
    code: "REPEATED_KEYWORD",
    message: `Cannot use ${keyword.value} twice in ${scope.owner}; this line is ignored`,
    hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
  });
}
