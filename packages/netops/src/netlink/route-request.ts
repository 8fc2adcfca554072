// Routes and rules as this package is asked to set them: the fields of keepalived.conf, in the
// units and numbers of the kernel, interfaces by name. The typed configuration fits these types as
// it is. Types only, and the numbers behind the names.

import type { IpPrefix } from "./ip-attributes.js";

export type { IpPrefix } from "./ip-attributes.js";

/** Of what a request names; undefined = it is not there now. */
export interface RouteNames {
  interfaceIndex(name: string): number | undefined;
  /** The table of a VRF; only asked for a request with `vrf`. */
  vrfTable(name: string): number | undefined;
}

/** RTN_* of linux/rtnetlink.h, each at its number. */
export const routeTypes = [
  "unspecified",
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
  "xresolve",
] as const;

export type RouteType = Exclude<(typeof routeTypes)[number], "unspecified">;

/** RTAX_* of linux/rtnetlink.h, in the kernel's units. */
export interface RouteMetrics {
  readonly mtu?: number | undefined;
  readonly window?: number | undefined;
  readonly rttEighthMs?: number | undefined;
  readonly rttvarQuarterMs?: number | undefined;
  readonly ssthresh?: number | undefined;
  readonly cwnd?: number | undefined;
  readonly advmss?: number | undefined;
  readonly reordering?: number | undefined;
  readonly hoplimit?: number | undefined;
  readonly initcwnd?: number | undefined;
  /** RTAX_FEATURE_*. */
  readonly features?: number | undefined;
  readonly rtoMinMs?: number | undefined;
  readonly initrwnd?: number | undefined;
  readonly quickack?: number | undefined;
  /** The algorithm's name. */
  readonly congctl?: string | undefined;
  readonly fastopenNoCookie?: number | undefined;
  /** Bit n is set where the kernel must leave RTAX_* metric n alone. */
  readonly lock: number;
}

/** LWTUNNEL_ENCAP_* of linux/lwtunnel.h. */
export type Encapsulation = IpEncapsulation | MplsEncapsulation | IlaEncapsulation;

export interface IpEncapsulation {
  readonly kind: "ip" | "ip6";
  /** 64 bits, in decimal digits. */
  readonly id?: string | undefined;
  readonly destination?: string | undefined;
  readonly source?: string | undefined;
  readonly trafficClass?: number | undefined;
  readonly hopLimit?: number | undefined;
  /** 16 bits in the machine's byte order, as keepalived writes them; the kernel's TUNNEL_*. */
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

export interface NextHopRequest {
  readonly via?: string | undefined;
  readonly device?: string | undefined;
  /** 1 to 256. */
  readonly weight: number;
  readonly onLink: boolean;
  readonly realms?: number | undefined;
  readonly encapsulation?: Encapsulation | undefined;
}

export interface RouteRequest {
  readonly family: 4 | 6;
  readonly type: RouteType;
  readonly destination: IpPrefix;
  /** IPv6 only: for packets from there. */
  readonly source?: IpPrefix | undefined;
  /** Of the other family too: IPv4 by way of an IPv6 neighbour (RFC 5549). */
  readonly via?: string | undefined;
  readonly device?: string | undefined;
  readonly preferredSource?: string | undefined;
  readonly table: number;
  /** Its table then counts, not `table`. */
  readonly vrf?: string | undefined;
  readonly scope: number;
  /** RTPROT_*. */
  readonly protocol: number;
  readonly tos: number;
  /** Absent = the kernel's own: 0, and 1024 for IPv6. */
  readonly metric?: number | undefined;
  readonly onLink: boolean;
  /** The source realm in the upper 16 bits, the destination realm in the lower. */
  readonly realms?: number | undefined;
  readonly metrics: RouteMetrics;
  readonly expiresS?: number | undefined;
  /** ICMPV6_ROUTER_PREF_* of linux/icmpv6.h: 0 medium, 1 high, 3 low. */
  readonly routerPreference?: number | undefined;
  readonly ttlPropagate?: boolean | undefined;
  readonly encapsulation?: Encapsulation | undefined;
  /** Before or after routes of the same key, or EEXIST if there is one. */
  readonly insertion: "add" | "prepend" | "append";
  readonly nextHops: readonly NextHopRequest[];
}

/** FR_ACT_* of linux/fib_rules.h. */
export type RuleAction =
  | { readonly kind: "table"; readonly table: number }
  | { readonly kind: "goto"; readonly preference: number }
  | { readonly kind: "l3mdev" | "nop" | "blackhole" | "unreachable" | "prohibit" };

/** From the one to the other, both included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** What is absent fits every packet. */
export interface RuleRequest {
  readonly family: 4 | 6;
  /** For the packets that it does not fit. */
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
  readonly ipProtocol?: number | undefined;
  readonly sourcePorts?: NumberRange | undefined;
  readonly destinationPorts?: NumberRange | undefined;
  readonly preference: number;
  /** RTPROT_*. */
  readonly protocol: number;
  readonly realms?: number | undefined;
  readonly suppressPrefixLength?: number | undefined;
  readonly suppressInterfaceGroup?: number | undefined;
  readonly action: RuleAction;
}
