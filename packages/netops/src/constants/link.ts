// Numbers for making and configuring links: linux/if_link.h, linux/ip.h.

// linux/if_link.h
export const IFLA_AF_SPEC = 26 as const;
export const IFLA_GROUP = 27 as const;
/** Inside IFLA_AF_SPEC, AF_INET. */
export const IFLA_INET_CONF = 1 as const;
/** Inside IFLA_AF_SPEC, AF_INET6. */
export const IFLA_INET6_ADDR_GEN_MODE = 8 as const;
export const IN6_ADDR_GEN_MODE_EUI64 = 0 as const;
export const IN6_ADDR_GEN_MODE_NONE = 1 as const;

export const IFLA_MACVLAN_MODE = 1 as const;
export const MACVLAN_MODE_PRIVATE = 1 as const;
export const MACVLAN_MODE_VEPA = 2 as const;
export const MACVLAN_MODE_BRIDGE = 4 as const;
export const MACVLAN_MODE_PASSTHRU = 8 as const;
export const MACVLAN_MODE_SOURCE = 16 as const;

export const IFLA_IPVLAN_MODE = 1 as const;
export const IFLA_IPVLAN_FLAGS = 2 as const;
export const IPVLAN_MODE_L2 = 0 as const;
export const IPVLAN_F_PRIVATE = 1 as const;
export const IPVLAN_F_VEPA = 2 as const;

// linux/ip.h
export const IPV4_DEVCONF_FORWARDING = 1 as const;
export const IPV4_DEVCONF_RP_FILTER = 8 as const;
export const IPV4_DEVCONF_ARPFILTER = 13 as const;
export const IPV4_DEVCONF_ARP_ANNOUNCE = 18 as const;
export const IPV4_DEVCONF_ARP_IGNORE = 19 as const;
export const IPV4_DEVCONF_PROMOTE_SECONDARIES = 20 as const;
export const IPV4_DEVCONF_ARP_ACCEPT = 21 as const;
export const IPV4_DEVCONF_ACCEPT_LOCAL = 23 as const;
