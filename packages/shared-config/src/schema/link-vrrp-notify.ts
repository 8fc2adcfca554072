// What an instance tells others: its scripts made ready to run, and what it inherits from
// global_defs.

import type { InstanceNotifyConfig, InstanceScripts } from "./config.js";
import { type InstanceContext, inherited } from "./link-context.js";
import { linkScript } from "./link-script.js";

const keywords: Readonly<Record<keyof InstanceScripts, string>> = {
  notifyMaster: "notify_master",
  notifyBackup: "notify_backup",
  notifyFault: "notify_fault",
  notifyStop: "notify_stop",
  notifyDeleted: "notify_deleted",
  notify: "notify",
  notifyMasterReceivedLowerPriority: "notify_master_rx_lower_pri",
};

const fields = Object.keys(keywords) as readonly (keyof InstanceScripts)[];

export function linkNotify(context: InstanceContext): InstanceNotifyConfig {
  const { draft, global, owner } = context;
  const scripts = fields.flatMap((field) => {
    const script = linkScript(context, draft[field], `${keywords[field]} in ${owner}`);
    return script === undefined ? [] : [[field, script]];
  });
  return {
    ...Object.fromEntries(scripts),
    reportDeleted: draft.reportDeleted?.value ?? false,
    smtpAlert:
      draft.smtpAlert?.value ?? global.smtpAlertVrrp?.value ?? global.smtpAlert?.value ?? false,
    notifyPriorityChanges: inherited(context, "notifyPriorityChanges") ?? false,
  };
}
