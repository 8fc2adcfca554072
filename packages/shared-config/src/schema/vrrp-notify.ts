// The keywords of vrrp_instance that tell others of its state: scripts and mail. When they run, the
// parent decides; whether they can, the linker.

import type { Statement } from "../text/ast.js";
import type { InstanceDraft } from "./draft.js";
import { boolean, store } from "./forms.js";
import type { Keywords, Rule, Scope } from "./keyword.js";
import type { Printable, PrintedStatement } from "./printed.js";
import { notifyScript, printScript } from "./script.js";

const deletedScript: Rule<InstanceDraft> = notifyScript<InstanceDraft>("notifyDeleted");

export const notifyKeywords: Keywords<InstanceDraft> = {
  notify_master: notifyScript("notifyMaster"),
  notify_backup: notifyScript("notifyBackup"),
  notify_fault: notifyScript("notifyFault"),
  notify_stop: notifyScript("notifyStop"),
  notify_deleted: {
    ...deletedScript,
    form: `[${deletedScript.form}]`,
    wordsMin: 0,
    bind: bindDeleted,
    print: printDeleted,
  },
  notify: notifyScript("notify"),
  notify_master_rx_lower_pri: notifyScript("notifyMasterReceivedLowerPriority"),
  smtp_alert: boolean("smtpAlert"),
  notify_priority_changes: boolean("notifyPriorityChanges"),
};

/** Alone it changes the state that a removed instance is reported to have. */
function bindDeleted(scope: Scope<InstanceDraft>, statement: Statement): void {
  const earlier = scope.draft.reportDeleted;
  if (earlier === undefined) {
    store(scope, "reportDeleted", true, statement);
    if (statement.words.length > 0) deletedScript.bind(scope, statement);
    return;
  }
  scope.diagnostics.report(statement.keyword.span, {
    severity: "error",
    code: "REPEATED_KEYWORD",
    message: `Cannot use notify_deleted twice in ${scope.owner}; this line is ignored`,
    hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}`,
  });
}

function printDeleted(keyword: string, config: Printable): readonly PrintedStatement[] {
  if (config["reportDeleted"] !== true) return [];
  const printed = printScript("notifyDeleted")(keyword, config);
  return printed.length === 0 ? [{ keyword, words: [] }] : printed;
}
