// What global_defs and the settings of the top level said, before defaults.

import type { Located } from "../text/source.js";

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
}

export interface GlobalDraft extends AdvertDraft {
  routerId?: Field<string>;
  multicastGroup4?: Field<string>;
  multicastGroup6?: Field<string>;
  vrrpPriority?: Field<number>;
  checkerPriority?: Field<number>;
  smtpAlert?: Field<boolean>;
  smtpAlertChecker?: Field<boolean>;
  checkerLogAllFailures?: Field<boolean>;
}
