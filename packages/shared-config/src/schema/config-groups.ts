// What stands beside instances and concerns several of them: sync groups, the pacing of gratuitous
// ARPs, the debounce and polling of interfaces, the wait at the start.

import type { ScriptConfig } from "./config-script.js";
import type { TrackReferences } from "./config-track.js";

/** The scripts of a group: `notify_master` and so on. */
export interface SyncGroupScripts {
  readonly notifyMaster?: ScriptConfig | undefined;
  readonly notifyBackup?: ScriptConfig | undefined;
  readonly notifyFault?: ScriptConfig | undefined;
  readonly notifyStop?: ScriptConfig | undefined;
  /** On every change; it gets four words more: GROUP, name, state, 0. */
  readonly notify?: ScriptConfig | undefined;
}

/** A `vrrp_sync_group`. */
export interface SyncGroupConfig extends SyncGroupScripts {
  readonly name: string;
  /** Names of instances, at least one, each in one group only. */
  readonly members: readonly string[];
  /** For every member, beside what it tracks itself. */
  readonly track: TrackReferences;
  /** `smtp_alert`, else the global one for VRRP, else the global one, else false. */
  readonly smtpAlert: boolean;
  /** `notify_priority_changes`, else the global one. */
  readonly notifyPriorityChanges: boolean;
  /** Members keep the weights of what they track themselves (`sync_group_tracking_weight`). */
  readonly trackingWeights: boolean;
}

/** A `garp_group`: interfaces that share one pace. At least one interval is given. */
export interface GarpGroupConfig {
  /** At least one; each in one group only. */
  readonly interfaces: readonly string[];
  /** Between gratuitous ARPs, up to 4294.967295 s; absent = this group does not say. */
  readonly garpIntervalUs?: number | undefined;
  /** Between unsolicited neighbour advertisements, as above. */
  readonly gnaIntervalUs?: number | undefined;
}

/** A line of `interface_up_down_delays`: how long a state must last to count. */
export interface InterfaceDelayConfig {
  readonly interface: string;
  /** Up to 255 s, and less than the instances of the interface wait for adverts. */
  readonly downDelayUs: number;
  /** As above; 0 by default. */
  readonly upDelayUs: number;
}

/** A line of `linkbeat_interfaces`: an interface whose state is polled. */
export interface LinkbeatConfig {
  readonly interface: string;
  /** Absent: whatever the interface answers to. */
  readonly method?: "MII" | "ETHTOOL" | "IOCTL" | undefined;
}

/** No instance becomes MASTER before both have passed; 0 = no wait. */
export interface StartupConfig {
  /** `vrrp_startup_delay`: since the VRRP process was started. */
  readonly startupDelayUs: number;
  /** `vrrp_delay_after_boot`: since the host was. */
  readonly delayAfterBootUs: number;
}

/** `vrrp_rx_bufs_policy` with `vrrp_rx_bufs_multiplier`: for each instance that listens. */
export interface ReceiveBuffersConfig {
  /** Bytes, the interface's MTU, or what an advert of the instance needs. */
  readonly unit: "bytes" | "MTU" | "ADVERT";
  readonly count: number;
}

/** Between two packets on an interface that is in no garp_group; 0 = no pause. */
export interface PacingConfig {
  /** `vrrp_garp_interval`. */
  readonly garpIntervalUs: number;
  /** `vrrp_gna_interval`. */
  readonly gnaIntervalUs: number;
}
