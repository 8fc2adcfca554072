// What the VRRP process makes of nftables, for no_accept and for virtual MACs: part of its
// configuration. The words that it comes from are global_defs' (config-global-firewall.ts).

export interface VrrpFirewallConfig {
  /** 1 to 254 characters; in families ip and ip6. */
  readonly table: string;
  /** Of the base chains. */
  readonly priority: number;
  /** Link-local addresses are matched by interface index, else by name. */
  readonly usesInterfaceIndex: boolean;
  readonly hasCounters: boolean;
}
