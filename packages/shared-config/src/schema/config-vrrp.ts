// One VRRP instance and what belongs to instances, as the VRRP process gets it: every default
// filled in, every unit converted.

import type { RouteConfig, RuleConfig, VirtualAddress } from "./config-routes.js";
import type { TrackReferences } from "./config-track.js";

/** Gratuitous ARP behaviour (`garp_*`, `vrrp_garp_*`). A delay of 0 means: no second burst. */
export interface GarpConfig {
  readonly masterDelayUs: number;
  readonly masterRepeat: number;
  readonly masterRefreshUs: number;
  readonly masterRefreshRepeat: number;
  readonly lowerPriorityDelayUs: number;
  readonly lowerPriorityRepeat: number;
}

/** `authentication { auth_type PASS }`. */
export interface PassAuthentication {
  readonly type: "PASS";
  /**
   * The 8 bytes on the wire in hexadecimal, padded with zeros (RFC 2338 section 5.3.6). A secret:
   * never log.
   */
  readonly data: string;
}

export interface VrrpInstanceConfig {
  readonly name: string;
  /**
   * `state`: with priority 255, MASTER starts as MASTER at once; otherwise it gives no head start.
   */
  readonly wantedState: "MASTER" | "BACKUP";
  readonly interface: string;
  readonly family: 4 | 6;
  readonly version: 2 | 3;
  /** 1 to 255. */
  readonly virtualRouterId: number;
  /** 1 to 254, or 255 for the owner of the addresses. */
  readonly basePriority: number;
  /** Version 2: whole seconds, 1 to 255. Version 3: 10 ms steps, up to 40.95 s. */
  readonly advertIntervalUs: number;
  readonly preempt: boolean;
  readonly preemptDelayUs: number;
  /** Adverts that may be missed before MASTER is taken; 3 unless `down_timer_adverts` says else. */
  readonly downTimerAdverts: number;
  readonly authentication?: PassAuthentication | undefined;
  /** At most 255. */
  readonly virtualAddresses: readonly VirtualAddress[];
  /** Held by a MASTER but not in the adverts (`virtual_ipaddress_excluded`). */
  readonly excludedAddresses: readonly VirtualAddress[];
  readonly virtualRoutes: readonly RouteConfig[];
  readonly virtualRules: readonly RuleConfig[];
  /** `mcast_src_ip`; absent = the interface's first address. */
  readonly sourceAddress?: string | undefined;
  readonly multicastGroup: string;
  /** False for `dont_track_primary`: the interface going down is then no fault. */
  readonly trackPrimary: boolean;
  readonly lowerPriorityNoAdvert: boolean;
  readonly higherPrioritySendAdvert: boolean;
  readonly ownerIgnoreAdverts: boolean;
  readonly skipCheckAdvertAddresses: boolean;
  readonly garp: GarpConfig;
  readonly track: TrackReferences;
}
