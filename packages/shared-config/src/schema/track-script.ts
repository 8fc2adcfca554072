// The keywords of vrrp_script. Ranges and what a bad value becomes follow keepalived's
// vrrp/vrrp_parser.c; whether the command can be run the linker asks.

import type { Statement } from "../text/ast.js";
import type { ScriptConfig } from "./config-script.js";
import type { TrackedScriptDraft } from "./draft-track.js";
import { flag, integer, oneWord } from "./forms.js";
import type { Keywords, Rule, Scope } from "./keyword.js";
import { quoteWord } from "./printed.js";
import { quoteCommand, readScript } from "./script.js";
import { scriptTime, weight } from "./track-forms.js";

const repeats = { from: 1, to: 2147483647, instead: 1 };

export const scriptKeywords: Keywords<TrackedScriptDraft> = {
  script: {
    ...oneWord,
    wordsMax: Number.POSITIVE_INFINITY,
    form: '"<command> [<argument>...]"',
    bind: bindScript,
    print: (keyword, config) => {
      const { argv } = config["script"] as ScriptConfig;
      return [{ keyword, words: [quoteCommand(argv)] }];
    },
  },
  user: {
    ...oneWord,
    wordsMax: 2,
    form: "<user> [<group>]",
    bind: bindUser,
    print: (keyword, config) => {
      const { user, group } = config["script"] as ScriptConfig;
      const names = group === undefined ? [user] : [user, group];
      return [{ keyword, words: names.map(quoteWord) }];
    },
  },
  interval: scriptTime("intervalUs"),
  timeout: scriptTime("timeoutUs"),
  // keepalived reports a weight out of range and stores it all the same. The priority ends at 1
  // and 254 anyway, so the nearest weight that can be does what was meant.
  weight: weight({ max: 253, beyond: "nearest", isOnce: false }),
  rise: integer("rise", repeats),
  fall: integer("fall", repeats),
  init_fail: initFail(),
};

function bindScript(scope: Scope<TrackedScriptDraft>, statement: Statement): void {
  const { argv, span, user: surplus } = readScript(statement);
  scope.draft.script = { value: { argv, span }, span };
  if (surplus === undefined) return;
  scope.diagnostics.report(surplus.span, {
    severity: "hint",
    code: "SURPLUS_WORD",
    message: `Cannot use what follows the command of script in ${scope.owner}: it is ignored`,
    expected: 'script "<command> [<argument>...]"',
    hint: "arguments stand within the quotes of the command; the user has a line of its own, user",
  });
}

function bindUser({ draft }: Scope<TrackedScriptDraft>, { words }: Statement): void {
  const [user, group] = words;
  if (user !== undefined) draft.user = { value: user.value, span: user.span };
  draft.group = group === undefined ? undefined : { value: group.value, span: group.span };
}

/** What init_fail says and keepalived has not done since 2.0.0 (vrrp/vrrp_track.c). */
function initFail(): Rule<TrackedScriptDraft> {
  const rule = flag<TrackedScriptDraft>("initFail");
  const bind = (scope: Scope<TrackedScriptDraft>, statement: Statement): void => {
    rule.bind(scope, statement);
    scope.diagnostics.report(statement.keyword.span, {
      severity: "hint",
      code: "DIFFERS_FROM_KEEPALIVED",
      message: `Cannot follow keepalived in ${scope.owner}: it does nothing for init_fail`,
      hint: "it is taken at its word; leave the line out to mean the same to both",
    });
  };
  return { ...rule, bind };
}
