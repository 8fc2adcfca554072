// Settings of the VRRP process, most of them what instances do that say nothing themselves. A field
// that an instance has too has the same name there.

export interface VrrpSettings {
  /** VRRP version of instances that do not say, 2 or 3; 2 by default. */
  readonly version: number;
  /** 224.0.0.18 by default (`vrrp_mcast_group4`). */
  readonly multicastGroup4: string;
  /** ff02::12 by default (`vrrp_mcast_group6`). */
  readonly multicastGroup6: string;
  /** One gratuitous ARP and no more, where nothing else is said (`vrrp_min_garp`). */
  readonly minGarp: boolean;
  /** Until the second burst, whole seconds, 0 = none; 5 s by default. */
  readonly garpMasterDelayUs: number;
  /** 5 by default. */
  readonly garpMasterRepeat: number;
  /** Whole seconds, 0 = none by default. */
  readonly garpMasterRefreshUs: number;
  /** 1 by default. */
  readonly garpMasterRefreshRepeat: number;
  /** `vrrp_garp_master_delay` by default. */
  readonly garpLowerPriorityDelayUs: number;
  /** `vrrp_garp_master_repeat` by default; 0 = none. */
  readonly garpLowerPriorityRepeat: number;
  /** Between gratuitous ARPs on an interface, up to 4294.967295 s; 0 = no pause by default. */
  readonly garpIntervalUs: number;
  /** The same for neighbour advertisements. */
  readonly gnaIntervalUs: number;
  /** Repeat gratuitous ARPs on the parent of a VMAC, 1 to 86400 s; absent = no. */
  readonly garpExtraIntervalUs?: number | undefined;
  /** ... on all its interfaces (`vrrp_garp_extra_if all`). */
  readonly garpExtraAllInterfaces: boolean;
  readonly lowerPriorityNoAdvert: boolean;
  readonly higherPrioritySendAdvert: boolean;
  /** Adverts that may be missed before MASTER is taken, 1 to 100; 3 by default. */
  readonly downTimerAdverts: number;
  readonly ownerIgnoreAdverts: boolean;
  readonly checkUnicastSource: boolean;
  readonly skipCheckAdvertAddresses: boolean;
  /** Default for strict_mode (`vrrp_strict`). */
  readonly strictMode: boolean;
  readonly v3ChecksumAsV2: boolean;
  /** Default for hand_over (`vrrp_hand_over`, ours); true by default. */
  readonly handOver: boolean;
  /** Default for vip_repair (`vrrp_vip_repair`, ours); false by default. */
  readonly vipRepair: boolean;

  /** Interfaces may be missing at the start (`dynamic_interfaces`). */
  readonly dynamicInterfaces: boolean;
  /** ... and may change their kind while it runs (`dynamic_interfaces allow_if_changes`). */
  readonly allowInterfaceChanges: boolean;
  /** For static addresses without dev; "eth0" by default. */
  readonly defaultInterface: string;
  readonly disableLocalIgmp: boolean;
  /** No MASTER before this time after the start, up to 4294.967295 s; 0 by default. */
  readonly startupDelayUs: number;
  /** No MASTER before this time after the boot of the host; 0 by default. */
  readonly delayAfterBootUs: number;
  readonly logUnknownVrids: boolean;
  /** Start of the names of VMAC interfaces; "vrrp" by default. */
  readonly vmacPrefix: string;
  /** ... of those made for addresses; `vmac_prefix` by default. */
  readonly vmacAddressPrefix: string;

  /** What the receive buffers of adverts are measured by; absent = the system's size. */
  readonly receiveBufferPolicy?: "MTU" | "ADVERT" | undefined;
  /** ... or their size itself. */
  readonly receiveBufferBytes?: number | undefined;
  /** How many adverts must fit, at least 1; 3 by default (`vrrp_rx_bufs_multiplier`). */
  readonly receiveBufferMultiplier: number;
  /** Receive buffers of netlink sockets in bytes; absent = the system's. */
  readonly vrrpNetlinkCommandBufferBytes?: number | undefined;
  /** May exceed the system's limit. */
  readonly vrrpNetlinkCommandBufferForce: boolean;
  readonly vrrpNetlinkMonitorBufferBytes?: number | undefined;
  readonly vrrpNetlinkMonitorBufferForce: boolean;
  /** Of the socket of vrrp_track_process. */
  readonly processMonitorBufferBytes?: number | undefined;
  readonly processMonitorBufferForce: boolean;
}
