// The keywords of vrrp_sync_group. Who its members are, and what becomes of their weights, the
// linker finds out at the end of the file: members may be defined below.

import type { Statement } from "../text/ast.js";
import type { ConfigDraft } from "./draft.js";
import type { SyncGroupDraft } from "./draft-groups.js";
import { emptyReferences } from "./draft-track.js";
import { alias, boolean, flag } from "./forms.js";
import type { Keywords, Rule, Scope } from "./keyword.js";
import { quoteWord } from "./printed.js";
import { notifyScript } from "./script.js";
import { lines, lineWords, printLines, withOneName } from "./sections.js";
import { namedSection } from "./track-forms.js";
import { trackLists } from "./track-lists.js";

const trackingWeights = flag<SyncGroupDraft>("trackingWeights");

export const syncGroupKeywords: Keywords<SyncGroupDraft> = {
  group: memberList(),
  ...trackLists,
  notify_master: notifyScript("notifyMaster"),
  notify_backup: notifyScript("notifyBackup"),
  notify_fault: notifyScript("notifyFault"),
  notify_stop: notifyScript("notifyStop"),
  notify: notifyScript("notify"),
  smtp_alert: boolean("smtpAlert"),
  notify_priority_changes: boolean("notifyPriorityChanges"),
  sync_group_tracking_weight: trackingWeights,
  global_tracking: alias("sync_group_tracking_weight", trackingWeights, reportGlobalTracking),
};

export const syncGroupRule: Rule<ConfigDraft> = withOneName(
  "vrrp_sync_group",
  syncGroupSection(),
  "; the members stand in group { ... }",
);

function syncGroupSection(): Rule<ConfigDraft> {
  return namedSection<SyncGroupDraft>({
    keywords: syncGroupKeywords,
    map: (draft) => draft.groups.syncGroups,
    make: (name) => ({ ...name, track: emptyReferences() }),
    list: (config) => config.vrrp?.syncGroups ?? [],
  });
}

/** Every word of every line is a member; a second list is skipped. */
function memberList(): Rule<SyncGroupDraft> {
  const rule = lines<SyncGroupDraft>(
    "<vrrp_instance>",
    ({ draft }, line) => {
      for (const { value, span } of lineWords(line)) draft.members?.push({ value, span });
    },
    printLines("members", (name: string) => [quoteWord(name)]),
  );
  const bind = (scope: Scope<SyncGroupDraft>, statement: Statement): void => {
    if (scope.draft.members === undefined) {
      scope.draft.members = [];
      rule.bind(scope, statement);
      return;
    }
    scope.diagnostics.report(statement.keyword.span, {
      severity: "error",
      code: "REPEATED_KEYWORD",
      message: `Cannot use group twice in ${scope.owner}; this list is skipped`,
      hint: "name all members in one list",
    });
  };
  return { ...rule, bind };
}

/** Once it meant that members share what they track, which the group's own lists do today. */
function reportGlobalTracking(scope: Scope<SyncGroupDraft>, { keyword }: Statement): void {
  const what = `global_tracking in ${scope.owner}: it is read as sync_group_tracking_weight`;
  scope.diagnostics.report(keyword.span, {
    severity: "warning",
    code: "DEPRECATED_KEYWORD",
    message: `Cannot recommend ${what}`,
    hint: "for all members to track the same, use track_interface, track_script ... in the group",
  });
}
