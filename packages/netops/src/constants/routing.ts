// Numbers of routes, rules and lightweight tunnels in rtnetlink: linux/rtnetlink.h,
// linux/fib_rules.h, linux/lwtunnel.h, linux/mpls_iptunnel.h, linux/ila.h, linux/icmpv6.h. Only
// those that this package uses.

// linux/netlink.h: of requests that make something new, and of the word of it
export const NLM_F_REPLACE = 0x100 as const;
export const NLM_F_APPEND = 0x800 as const;

// linux/rtnetlink.h
export const RTM_NEWROUTE = 24 as const;
export const RTM_DELROUTE = 25 as const;
export const RTM_GETROUTE = 26 as const;
export const RTM_NEWRULE = 32 as const;
export const RTM_DELRULE = 33 as const;
export const RTM_GETRULE = 34 as const;

export const RTNLGRP_IPV4_ROUTE = 7 as const;
export const RTNLGRP_IPV4_RULE = 8 as const;
export const RTNLGRP_IPV6_ROUTE = 11 as const;
export const RTNLGRP_IPV6_RULE = 19 as const;

export const RTM_F_CLONED = 0x200 as const;
export const RTNH_F_ONLINK = 4 as const;

export const RTA_DST = 1 as const;
export const RTA_SRC = 2 as const;
export const RTA_OIF = 4 as const;
export const RTA_GATEWAY = 5 as const;
export const RTA_PRIORITY = 6 as const;
export const RTA_PREFSRC = 7 as const;
export const RTA_METRICS = 8 as const;
export const RTA_MULTIPATH = 9 as const;
export const RTA_FLOW = 11 as const;
export const RTA_CACHEINFO = 12 as const;
export const RTA_TABLE = 15 as const;
export const RTA_VIA = 18 as const;
export const RTA_PREF = 20 as const;
export const RTA_ENCAP_TYPE = 21 as const;
export const RTA_ENCAP = 22 as const;
export const RTA_EXPIRES = 23 as const;
export const RTA_TTL_PROPAGATE = 26 as const;

export const RTAX_LOCK = 1 as const;
export const RTAX_MTU = 2 as const;
export const RTAX_WINDOW = 3 as const;
export const RTAX_RTT = 4 as const;
export const RTAX_RTTVAR = 5 as const;
export const RTAX_SSTHRESH = 6 as const;
export const RTAX_CWND = 7 as const;
export const RTAX_ADVMSS = 8 as const;
export const RTAX_REORDERING = 9 as const;
export const RTAX_HOPLIMIT = 10 as const;
export const RTAX_INITCWND = 11 as const;
export const RTAX_FEATURES = 12 as const;
export const RTAX_RTO_MIN = 13 as const;
export const RTAX_INITRWND = 14 as const;
export const RTAX_QUICKACK = 15 as const;
export const RTAX_CC_ALGO = 16 as const;
export const RTAX_FASTOPEN_NO_COOKIE = 17 as const;

// linux/fib_rules.h
export const FIB_RULE_INVERT = 0x2 as const;

export const FRA_DST = 1 as const;
export const FRA_SRC = 2 as const;
export const FRA_IIFNAME = 3 as const;
export const FRA_GOTO = 4 as const;
export const FRA_PRIORITY = 6 as const;
export const FRA_FWMARK = 10 as const;
export const FRA_FLOW = 11 as const;
export const FRA_TUN_ID = 12 as const;
export const FRA_SUPPRESS_IFGROUP = 13 as const;
export const FRA_SUPPRESS_PREFIXLEN = 14 as const;
export const FRA_TABLE = 15 as const;
export const FRA_FWMASK = 16 as const;
export const FRA_OIFNAME = 17 as const;
export const FRA_L3MDEV = 19 as const;
export const FRA_UID_RANGE = 20 as const;
export const FRA_PROTOCOL = 21 as const;
export const FRA_IP_PROTO = 22 as const;
export const FRA_SPORT_RANGE = 23 as const;
export const FRA_DPORT_RANGE = 24 as const;

export const FR_ACT_TO_TBL = 1 as const;
export const FR_ACT_GOTO = 2 as const;
export const FR_ACT_NOP = 3 as const;
export const FR_ACT_BLACKHOLE = 6 as const;
export const FR_ACT_UNREACHABLE = 7 as const;
export const FR_ACT_PROHIBIT = 8 as const;

// linux/lwtunnel.h
export const LWTUNNEL_ENCAP_MPLS = 1 as const;
export const LWTUNNEL_ENCAP_IP = 2 as const;
export const LWTUNNEL_ENCAP_ILA = 3 as const;
export const LWTUNNEL_ENCAP_IP6 = 4 as const;

export const LWTUNNEL_IP_ID = 1 as const;
export const LWTUNNEL_IP_DST = 2 as const;
export const LWTUNNEL_IP_SRC = 3 as const;
export const LWTUNNEL_IP_TTL = 4 as const;
export const LWTUNNEL_IP_TOS = 5 as const;
export const LWTUNNEL_IP_FLAGS = 6 as const;

export const LWTUNNEL_IP6_ID = 1 as const;
export const LWTUNNEL_IP6_DST = 2 as const;
export const LWTUNNEL_IP6_SRC = 3 as const;
export const LWTUNNEL_IP6_HOPLIMIT = 4 as const;
export const LWTUNNEL_IP6_TC = 5 as const;
export const LWTUNNEL_IP6_FLAGS = 6 as const;

// linux/mpls_iptunnel.h, linux/ila.h
export const MPLS_IPTUNNEL_DST = 1 as const;
export const ILA_ATTR_LOCATOR = 1 as const;
