// One VRRP instance and what belongs to instances, as the VRRP process gets it: every default
// filled in, every unit converted.

import type { AuthenticationConfig } from "./config-authentication.js";
import type { InstanceNotifyConfig } from "./config-notify.js";
import type { RouteConfig, RuleConfig, VirtualAddress } from "./config-routes.js";
import type { TrackReferences } from "./config-track.js";
import type { UnicastConfig } from "./config-unicast.js";
import type { VirtualLinkConfig } from "./config-vmac.js";

/** Gratuitous ARP behaviour (`garp_*`, `vrrp_garp_*`). A delay of 0 means: no second burst. */
export interface GarpConfig {
  readonly masterDelayUs: number;
  readonly masterRepeat: number;
  readonly masterRefreshUs: number;
  readonly masterRefreshRepeat: number;
  readonly lowerPriorityDelayUs: number;
  readonly lowerPriorityRepeat: number;
}

export interface VrrpInstanceConfig
  extends AuthenticationConfig,
    InstanceNotifyConfig,
    UnicastConfig,
    VirtualLinkConfig {
  readonly name: string;
  /**
   * `state`: with priority 255, MASTER starts as MASTER at once; otherwise it gives no head start.
   */
  readonly wantedState: "MASTER" | "BACKUP";
  /** Empty for a unicast instance that names none: routing then chooses. */
  readonly interface: string;
  /** `vrf`, where there is no interface: the device of the VRF that adverts go out by. */
  readonly vrf?: string | undefined;
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
  /**
   * `timer_expired_backup`: a MASTER whose timers ran late steps down; the highest priority, 1 to
   * 254, that another may have tells how late is too late. Only without `preempt`.
   */
  readonly timerExpiredBackup?: number | undefined;
  /** `strict_mode`: only what the RFC allows. What follows from it stands in the other fields. */
  readonly strictMode: boolean;
  /** At most 255, and as many as an advert of the interface's MTU holds. */
  readonly virtualAddresses: readonly VirtualAddress[];
  /** Held by a MASTER but not in the adverts (`virtual_ipaddress_excluded`). */
  readonly excludedAddresses: readonly VirtualAddress[];
  readonly virtualRoutes: readonly RouteConfig[];
  readonly virtualRules: readonly RuleConfig[];
  /** `no_virtual_ipaddress`: having no address is meant. */
  readonly mayHaveNoAddress: boolean;
  /** `accept`, the RFC's Accept_Mode: packets to the addresses are taken. An owner always does. */
  readonly acceptMode: boolean;
  /** `mcast_src_ip`, `unicast_src_ip`; absent = the interface's first address. */
  readonly sourceAddress?: string | undefined;
  /** `track_src_ip`: FAULT while `sourceAddress` is not on this host. */
  readonly trackSourceAddress: boolean;
  readonly multicastGroup: string;
  /** False for `dont_track_primary`: the interface going down is then no fault. */
  readonly trackPrimary: boolean;
  /** `promote_secondaries`: set the interface's sysctl of that name. */
  readonly promoteSecondaries: boolean;
  /** `linkbeat_use_polling`: the state of the interface is polled. */
  readonly linkbeatUsePolling: boolean;
  readonly lowerPriorityNoAdvert: boolean;
  readonly higherPrioritySendAdvert: boolean;
  readonly ownerIgnoreAdverts: boolean;
  readonly skipCheckAdvertAddresses: boolean;
  /** `hand_over`, ours: a MASTER that is stopped keeps its addresses until another has them. */
  readonly handOver: boolean;
  /** `vip_repair`, ours: a MASTER puts back what others remove, and does not become BACKUP. */
  readonly vipRepair: boolean;
  /** `v3_checksum_as_v2`: version 3 over IPv4 without the pseudo-header in the checksum. */
  readonly v3ChecksumAsV2: boolean;
  /** `kernel_rx_buf_size`: 0 to 4294967295; absent = by `vrrp_rx_bufs_policy`. */
  readonly kernelReceiveBufferBytes?: number | undefined;
  readonly garp: GarpConfig;
  readonly track: TrackReferences;
  /**
   * `garp_extra_if`: how often a MASTER announces addresses on virtual MACs that no adverts leave
   * by; 0 = never, up to 86400 s.
   */
  readonly garpExtraIntervalUs: number;
  /** `garp_extra_if all`: ... on all interfaces that no adverts leave by. */
  readonly garpExtraAllInterfaces: boolean;
  /** `debug`, 0 to 4: shown and nothing more. */
  readonly debugLevel: number;
  /** Never leaves FAULT: nothing that it may do would reach the other routers. */
  readonly staysInFault: boolean;
}
