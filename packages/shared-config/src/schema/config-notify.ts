// What a VRRP instance tells about itself: scripts, mail, priority changes.

import type { ScriptConfig } from "./config-script.js";

/** The scripts of an instance. `notify` gets INSTANCE, name, state and priority, others nothing. */
export interface InstanceScripts {
  readonly notifyMaster?: ScriptConfig | undefined;
  readonly notifyBackup?: ScriptConfig | undefined;
  readonly notifyFault?: ScriptConfig | undefined;
  readonly notifyStop?: ScriptConfig | undefined;
  readonly notifyDeleted?: ScriptConfig | undefined;
  readonly notify?: ScriptConfig | undefined;
  /** A MASTER heard an advert of lower priority. */
  readonly notifyMasterReceivedLowerPriority?: ScriptConfig | undefined;
}

export interface InstanceNotifyConfig extends InstanceScripts {
  /** `notify_deleted`: an instance that a reload removed is DELETED; else it is in FAULT. */
  readonly reportDeleted: boolean;
  /** `smtp_alert`, else `smtp_alert_vrrp`, else `smtp_alert` of global_defs. */
  readonly smtpAlert: boolean;
  /** `notify_priority_changes`: changes of the priority go to the FIFO too. */
  readonly notifyPriorityChanges: boolean;
}
