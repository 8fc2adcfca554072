// What global_defs and the settings of the top level said, before defaults.

import type { Located } from "../text/source.js";
import type { GlobalSettings, IpsetNames, IptablesChains } from "./config-global.js";
import type { LvsSyncDaemonConfig } from "./config-global-lvs.js";
import type { ProcessConfig } from "./config-process.js";
import type { Drafted } from "./drafted.js";
import type { ScriptDraft } from "./script.js";

type Field<T> = Located<T> | undefined;

/** The `garp_*` keywords of an instance, and `vrrp_garp_*` of global_defs. */
export interface GarpDraft {
  garpMasterDelayUs?: Field<number>;
  garpMasterRepeat?: Field<number>;
  garpMasterRefreshUs?: Field<number>;
  garpMasterRefreshRepeat?: Field<number>;
  garpLowerPriorityDelayUs?: Field<number>;
  garpLowerPriorityRepeat?: Field<number>;
}

/** What both global_defs and an instance can say. */
export interface AdvertDraft extends GarpDraft {
  version?: Field<number>;
  downTimerAdverts?: Field<number>;
  lowerPriorityNoAdvert?: Field<boolean>;
  higherPrioritySendAdvert?: Field<boolean>;
  ownerIgnoreAdverts?: Field<boolean>;
  skipCheckAdvertAddresses?: Field<boolean>;
  checkUnicastSource?: Field<boolean>;
  garpExtraAllInterfaces?: Field<boolean>;
  garpExtraIntervalUs?: Field<number>;
  notifyPriorityChanges?: Field<boolean>;
  smtpAlert?: Field<boolean>;
  strictMode?: Field<boolean>;
  v3ChecksumAsV2?: Field<boolean>;
  handOver?: Field<boolean>;
  vipRepair?: Field<boolean>;
}

/** A `*_notify_fifo` line and its script. */
export interface FifoDraft {
  fifo?: Field<FifoWords>;
  script?: Field<ScriptDraft>;
}

export interface FifoWords {
  readonly path: string;
  readonly user?: Field<string>;
  readonly group?: Field<string>;
}

/** `lvs_sync_daemon`; the id is missing where the instance's VRID is meant. */
export interface SyncDaemonDraft extends Omit<LvsSyncDaemonConfig, "instance" | "syncId"> {
  readonly instance?: Field<string>;
  readonly syncId?: number | undefined;
}

export interface GlobalDraft extends AdvertDraft, Drafted<GlobalSettings> {
  readonly processes: Readonly<Record<"vrrp" | "checker" | "bfd", Drafted<ProcessConfig>>>;
  readonly scripts: { startup?: Field<ScriptDraft>; shutdown?: Field<ScriptDraft> };
  readonly notificationEmails: string[];
  readonly fifos: Readonly<Record<"global" | "vrrp" | "lvs", FifoDraft>>;
  readonly firewall: {
    iptables?: Field<IptablesChains>;
    ipsets?: Field<IpsetNames | "off">;
  };
  readonly lvs: { syncDaemon?: Field<SyncDaemonDraft> };
}

export function emptyGlobalDraft(): GlobalDraft {
  return {
    processes: { vrrp: {}, checker: {}, bfd: {} },
    scripts: {},
    notificationEmails: [],
    fifos: { global: {}, vrrp: {}, lvs: {} },
    firewall: {},
    lvs: {},
  };
}
