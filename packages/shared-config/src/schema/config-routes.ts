// Addresses, routes and rules as a child gets them: for virtual and static ones alike. Every name
// is resolved to a number, every option spelt out, in the units and numbers of the kernel.

/** An address that a MASTER holds (`virtual_ipaddress`). */
export interface VirtualAddress {
  /** Canonical text. */
  readonly address: string;
  /** The length of `peer` where there is one. */
  readonly prefixLength: number;
  /** The interface that carries it. */
  readonly device: string;
  readonly label?: string | undefined;
  /** rt_scope of linux/rtnetlink.h: 0 global, 200 site, 253 link, 254 host. */
  readonly scope: number;
  readonly broadcast?: string | undefined;
  /** `peer`: the address at the other end. */
  readonly peer?: string | undefined;
  /** `home`: IFA_F_HOMEADDRESS of linux/if_addr.h, IPv6. */
  readonly homeAddress?: boolean | undefined;
  /** `-nodad`: with duplicate address detection, IPv6; absent = without (IFA_F_NODAD). */
  readonly detectDuplicates?: boolean | undefined;
  /** `mngtmpaddr`: IFA_F_MANAGETEMPADDR, IPv6. */
  readonly manageTemporaryAddresses?: boolean | undefined;
  /** `noprefixroute`: IFA_F_NOPREFIXROUTE. */
  readonly noPrefixRoute?: boolean | undefined;
  /** `autojoin`: IFA_F_MCAUTOJOIN. */
  readonly multicastAutoJoin?: boolean | undefined;
  /** `no_track`: its interface going down is no FAULT; a static address is not restored. */
  readonly noTrack?: boolean | undefined;
  /** `use_vmac`: on a virtual MAC of its own. */
  readonly useVmac?: boolean | undefined;
  /** `preferred_lft`, 0 to 4294967294; absent = forever. */
  readonly preferredLifetimeS?: number | undefined;
}

/** A line of `static_ipaddress`. */
export interface StaticAddress extends VirtualAddress {
  /** `track_group`: the group whose instances enter FAULT when it disappears. */
  readonly trackGroup?: string | undefined;
}

/** A network: every address whose first `prefixLength` bits agree. */
export interface IpPrefix {
  /** Canonical text. */
  readonly address: string;
  readonly prefixLength: number;
}

/** RTN_* of linux/rtnetlink.h. */
export type RouteType =
  | "unicast"
  | "local"
  | "broadcast"
  | "anycast"
  | "multicast"
  | "blackhole"
  | "unreachable"
  | "prohibit"
  | "throw"
  | "nat"
  | "xresolve";

/** RTAX_* of linux/rtnetlink.h under the names of ip-route(8), in the kernel's units. */
export interface RouteMetrics {
  readonly mtu?: number | undefined;
  readonly window?: number | undefined;
  /** `rtt`, in eighths of a millisecond; 200 ms to 120 s. */
  readonly rttEighthMs?: number | undefined;
  /** `rttvar`, in quarters of a millisecond; 200 ms to 120 s. */
  readonly rttvarQuarterMs?: number | undefined;
  readonly ssthresh?: number | undefined;
  readonly cwnd?: number | undefined;
  readonly advmss?: number | undefined;
  readonly reordering?: number | undefined;
  /** 0 to 255. */
  readonly hoplimit?: number | undefined;
  readonly initcwnd?: number | undefined;
  /** RTAX_FEATURE_*: bit 0 is `ecn`. */
  readonly features?: number | undefined;
  /** `rto_min`; 200 ms to 120 s. */
  readonly rtoMinMs?: number | undefined;
  readonly initrwnd?: number | undefined;
  /** 0 or 1. */
  readonly quickack?: number | undefined;
  readonly congctl?: string | undefined;
  /** 0 or 1. */
  readonly fastopenNoCookie?: number | undefined;
  /** RTAX_LOCK: bit n is set where the kernel must leave metric n alone (`lock`). */
  readonly lock: number;
}

/** LWTUNNEL_ENCAP_* of linux/lwtunnel.h (`encap`). */
export type Encapsulation = IpEncapsulation | MplsEncapsulation | IlaEncapsulation;

export interface IpEncapsulation {
  readonly kind: "ip" | "ip6";
  /** 64 bits, in decimal digits. */
  readonly id?: string | undefined;
  readonly destination?: string | undefined;
  readonly source?: string | undefined;
  /** `tos`, or `tc` of IPv6. */
  readonly trafficClass?: number | undefined;
  /** `ttl`, or `hoplimit` of IPv6. */
  readonly hopLimit?: number | undefined;
  /** 16 bits. */
  readonly flags?: number | undefined;
}

export interface MplsEncapsulation {
  readonly kind: "mpls";
  /** 20 bits each, the outermost first. */
  readonly labels: readonly number[];
}

export interface IlaEncapsulation {
  readonly kind: "ila";
  /** Four groups of hexadecimal digits. */
  readonly locator: string;
}

/** One of several ways that a route shares its traffic between (`nexthop`). */
export interface NextHop {
  readonly via?: string | undefined;
  readonly device?: string | undefined;
  /** 1 to 256. */
  readonly weight: number;
  readonly onLink: boolean;
  /** As in RouteConfig. */
  readonly realms?: number | undefined;
  readonly encapsulation?: Encapsulation | undefined;
}

/** A line of `static_routes` or `virtual_routes`. */
export interface RouteConfig {
  readonly family: 4 | 6;
  readonly type: RouteType;
  readonly destination: IpPrefix;
  /** `from`, IPv6. */
  readonly source?: IpPrefix | undefined;
  readonly via?: string | undefined;
  readonly device?: string | undefined;
  /** `src`. */
  readonly preferredSource?: string | undefined;
  /** 254 is main. */
  readonly table: number;
  /** `vrf`, where the host could not be asked for its table; `table` is then of no meaning. */
  readonly vrf?: string | undefined;
  /** rt_scope of linux/rtnetlink.h; 0 is global. Of no meaning for IPv6. */
  readonly scope: number;
  /** RTPROT_*: keepalived's 18, or another with `no_track`. */
  readonly protocol: number;
  readonly tos: number;
  /** Absent = the kernel's own. */
  readonly metric?: number | undefined;
  readonly onLink: boolean;
  /** The source realm in the upper 16 bits, the destination realm in the lower; IPv4. */
  readonly realms?: number | undefined;
  readonly metrics: RouteMetrics;
  /** IPv6. */
  readonly expiresS?: number | undefined;
  /** `pref`, IPv6: 0 medium, 1 high, 3 low (RFC 4191 section 2.1). */
  readonly routerPreference?: number | undefined;
  readonly ttlPropagate?: boolean | undefined;
  readonly encapsulation?: Encapsulation | undefined;
  /** Whether it goes before or after routes like it, or fails if there is one. */
  readonly insertion: "add" | "prepend" | "append";
  /** False for `no_track`: not restored when lost, and `device` going down is no FAULT. */
  readonly isTracked: boolean;
  /** As in StaticAddress. */
  readonly trackGroup?: string | undefined;
  readonly nextHops: readonly NextHop[];
}

/** What a rule does with a packet that it fits (FR_ACT_* of linux/fib_rules.h). */
export type RuleAction =
  | { readonly kind: "table"; readonly table: number }
  | { readonly kind: "goto"; readonly preference: number }
  | { readonly kind: "l3mdev" | "nop" | "blackhole" | "unreachable" | "prohibit" };

/** From the one to the other, both included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** A line of `static_rules` or `virtual_rules`. What is absent fits everything. */
export interface RuleConfig {
  readonly family: 4 | 6;
  /** `not`: for the packets that it does not fit. */
  readonly isInverted: boolean;
  readonly from?: IpPrefix | undefined;
  readonly to?: IpPrefix | undefined;
  readonly inputInterface?: string | undefined;
  readonly outputInterface?: string | undefined;
  readonly tos: number;
  readonly firewallMark?: { readonly mark: number; readonly mask: number } | undefined;
  /** 64 bits, in decimal digits. */
  readonly tunnelId?: string | undefined;
  readonly userIds?: NumberRange | undefined;
  /** `ipproto`. */
  readonly ipProtocol?: number | undefined;
  readonly sourcePorts?: NumberRange | undefined;
  readonly destinationPorts?: NumberRange | undefined;
  /** Smaller ones come first. */
  readonly preference: number;
  /** RTPROT_*: keepalived's 18, or another with `no_track`. */
  readonly protocol: number;
  /** As in RouteConfig. */
  readonly realms?: number | undefined;
  readonly suppressPrefixLength?: number | undefined;
  readonly suppressInterfaceGroup?: number | undefined;
  readonly action: RuleAction;
  /** False for `no_track`: not restored when lost. */
  readonly isTracked: boolean;
  /** As in StaticAddress. */
  readonly trackGroup?: string | undefined;
}

/** `track_group`: instances that enter FAULT when something static disappears. */
export interface TrackGroupConfig {
  readonly name: string;
  /** Names of instances. */
  readonly members: readonly string[];
}

/**
 * `static_ipaddress`, `static_routes`, `static_rules`: held from start to stop, whoever is MASTER.
 */
export interface StaticConfig {
  readonly trackGroups: readonly TrackGroupConfig[];
  readonly addresses: readonly StaticAddress[];
  readonly routes: readonly RouteConfig[];
  readonly rules: readonly RuleConfig[];
}
