// The typed configuration that the parent hands to its children: every default filled in, every
// unit converted, every reference resolved. Decides what a child can be told; knows nothing of
// keepalived.conf's spelling. The schemas that check it on receipt stand in config-schema.ts.

/** How a child process is to run. Absent = leave as inherited. */
export interface ProcessConfig {
  /** nice value, -20 to 19 (`vrrp_priority`, `checker_priority`). */
  readonly nicePriority?: number | undefined;
}

/** An address that a MASTER holds (`virtual_ipaddress`). */
export interface VirtualAddress {
  /** Canonical text. */
  readonly address: string;
  readonly prefixLength: number;
  /** The interface that carries it. */
  readonly device: string;
  readonly label?: string | undefined;
  /** rt_scope of linux/rtnetlink.h: 0 global, 200 site, 253 link, 254 host. */
  readonly scope: number;
  readonly broadcast?: string | undefined;
}

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
}

export interface VrrpConfig {
  readonly process: ProcessConfig;
  readonly instances: readonly VrrpInstanceConfig[];
}

/** What identifies an IPVS service. */
export type ServiceKey =
  | {
      readonly kind: "address";
      readonly address: string;
      readonly port: number;
      readonly protocol: "TCP" | "UDP" | "SCTP";
    }
  | { readonly kind: "fwmark"; readonly mark: number; readonly family: 4 | 6 };

export type ForwardingMethod = "NAT" | "DR" | "TUN";

/** One TCP_CHECK of a real server. */
export interface TcpCheckConfig {
  readonly kind: "TCP_CHECK";
  readonly connectAddress: string;
  readonly connectPort: number;
  /** Source of the probe (`bindto`, `bind_port`). */
  readonly bindAddress?: string | undefined;
  readonly bindPort?: number | undefined;
  readonly connectTimeoutUs: number;
  /** Further failures after the first before the server counts as failed. */
  readonly retry: number;
  readonly delayBeforeRetryUs: number;
  readonly delayLoopUs: number;
  /** The first probe starts at a random instant within this time. */
  readonly warmupUs: number;
}

export interface RealServerConfig {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly forwarding: ForwardingMethod;
  readonly checks: readonly TcpCheckConfig[];
}

export interface VirtualServerConfig {
  /** As keepalived writes it in logs: `[192.0.2.1]:tcp:80` or `FWM 7`. */
  readonly name: string;
  readonly key: ServiceKey;
  readonly scheduler: string;
  /** Absent: not persistent. */
  readonly persistenceTimeoutS?: number | undefined;
  /** Prefix length of the client mask; absent = 32 or 128. */
  readonly persistenceGranularity?: number | undefined;
  readonly realServers: readonly RealServerConfig[];
}

export interface CheckerConfig {
  readonly process: ProcessConfig;
  readonly virtualServers: readonly VirtualServerConfig[];
}

/** What the parent keeps for itself. */
export interface ParentConfig {
  /** `router_id`, else the host name. */
  readonly routerId: string;
}

/** A whole configuration. A child's part is absent when nothing in the file needs that child. */
export interface Config {
  readonly parent: ParentConfig;
  readonly vrrp: VrrpConfig | undefined;
  readonly checker: CheckerConfig | undefined;
}
