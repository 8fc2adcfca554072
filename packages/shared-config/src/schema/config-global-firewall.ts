// Settings of the packet filter: how no_accept, VMACs and firewall marks are put into the kernel.

/** The chains that rules are added to. They must be there. */
export interface IptablesChains {
  /** 1 to 27 characters. */
  readonly input: string;
  /** Absent: nothing is filtered on the way out. */
  readonly output?: string | undefined;
}

/** Names of ipsets, 1 to 30 characters, all different. */
export interface IpsetNames {
  readonly ipv4: string;
  readonly ipv6: string;
  /** IPv6 link-local addresses with their interface. */
  readonly ipv6Interface: string;
  readonly igmp: string;
  readonly mld: string;
  readonly neighbourDiscovery: string;
}

export interface FirewallSettings {
  /** 1 to 254 characters; absent = used only where something needs it (`nftables`). */
  readonly nftablesTable?: string | undefined;
  /** Priority of the chains, 32 bits with sign; -1 by default (`nftables_priority`). */
  readonly nftablesPriority: number;
  /** Match link-local addresses by interface index, not name (`nftables_ifindex`). */
  readonly nftablesInterfaceIndex: boolean;
  readonly nftablesCounters: boolean;
  /** Map virtual server groups to one firewall mark in this table (`nftables_ipvs`). */
  readonly nftablesIpvsTable?: string | undefined;
  /** -1 by default (`nftables_ipvs_priority`). */
  readonly nftablesIpvsPriority: number;
  /** The first firewall mark to use, 1 to 4294967295; 1000 by default. */
  readonly nftablesIpvsStartFwmark: number;
}
