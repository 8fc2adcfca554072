// The settings of global_defs and of the top level, every default filled in. The parent keeps them
// all; what a child needs of them is part of that child's configuration too.

import type { DaemonSettings } from "./config-global-daemon.js";
import type { FirewallSettings, IpsetNames, IptablesChains } from "./config-global-firewall.js";
import type { LvsSettings, LvsSyncDaemonConfig } from "./config-global-lvs.js";
import type { FifoConfig, NotifySettings } from "./config-global-notify.js";
import type { VrrpSettings } from "./config-global-vrrp.js";
import type { ProcessesConfig } from "./config-process.js";
import type { ScriptConfig } from "./config-script.js";

export type * from "./config-global-daemon.js";
export type * from "./config-global-firewall.js";
export type * from "./config-global-lvs.js";
export type * from "./config-global-notify.js";
export type * from "./config-global-vrrp.js";

/** The settings that are one value each. */
export interface GlobalSettings
  extends DaemonSettings,
    FirewallSettings,
    LvsSettings,
    NotifySettings,
    VrrpSettings {}

export interface GlobalConfig extends GlobalSettings {
  readonly processes: ProcessesConfig;
  /** Runs before the children start (`startup_script`). */
  readonly startupScript?: ScriptConfig | undefined;
  /** Runs after the children ended (`shutdown_script`). */
  readonly shutdownScript?: ScriptConfig | undefined;
  /** Who gets mail (`notification_email`), as written: "a@b.c" or "Name <a@b.c>". */
  readonly notificationEmails: readonly string[];
  /** Both processes write to it (`notify_fifo`). */
  readonly notifyFifo?: FifoConfig | undefined;
  readonly vrrpNotifyFifo?: FifoConfig | undefined;
  readonly lvsNotifyFifo?: FifoConfig | undefined;
  /** `vrrp_iptables`; absent = iptables is not used. */
  readonly iptables?: IptablesChains | undefined;
  /** `vrrp_ipsets`; "off" when it names none, absent when iptables is not used either. */
  readonly ipsets?: IpsetNames | "off" | undefined;
  /** `lvs_sync_daemon`; absent = the kernel's IPVS connection table is not synchronised. */
  readonly lvsSyncDaemon?: LvsSyncDaemonConfig | undefined;
}
