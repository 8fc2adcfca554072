// Numbers of the netlink protocol: linux/netlink.h, linux/genetlink.h, linux/rtnetlink.h,
// linux/if_addr.h, linux/if_link.h, linux/if.h. Only those that this package uses.

// linux/netlink.h
export const NETLINK_ROUTE = 0 as const;
export const NETLINK_GENERIC = 16 as const;

export const NLMSG_NOOP = 1 as const;
export const NLMSG_ERROR = 2 as const;
export const NLMSG_DONE = 3 as const;
export const NLMSG_OVERRUN = 4 as const;

export const NLM_F_REQUEST = 0x01 as const;
export const NLM_F_MULTI = 0x02 as const;
export const NLM_F_ACK = 0x04 as const;
export const NLM_F_DUMP_INTR = 0x10 as const;
export const NLM_F_DUMP = 0x300 as const;
export const NLM_F_EXCL = 0x200 as const;
export const NLM_F_CREATE = 0x400 as const;

/** Option of level SOL_NETLINK. */
export const NETLINK_ADD_MEMBERSHIP = 1 as const;

export const NLA_F_NESTED = 0x8000 as const;
export const NLA_TYPE_MASK = 0x3fff as const;

// linux/genetlink.h
export const GENL_ID_CTRL = 16 as const;
export const CTRL_CMD_GETFAMILY = 3 as const;
export const CTRL_ATTR_FAMILY_ID = 1 as const;
export const CTRL_ATTR_FAMILY_NAME = 2 as const;

// linux/rtnetlink.h
export const RTM_NEWLINK = 16 as const;
export const RTM_DELLINK = 17 as const;
export const RTM_GETLINK = 18 as const;
export const RTM_NEWADDR = 20 as const;
export const RTM_DELADDR = 21 as const;
export const RTM_GETADDR = 22 as const;

export const RTNLGRP_LINK = 1 as const;
export const RTNLGRP_IPV4_IFADDR = 5 as const;
export const RTNLGRP_IPV6_IFADDR = 9 as const;

export const RTEXT_FILTER_SKIP_STATS = 0x08 as const;

export const RT_SCOPE_UNIVERSE = 0 as const;
export const RT_SCOPE_SITE = 200 as const;
export const RT_SCOPE_LINK = 253 as const;
export const RT_SCOPE_HOST = 254 as const;
export const RT_SCOPE_NOWHERE = 255 as const;

// linux/if_addr.h
export const IFA_ADDRESS = 1 as const;
export const IFA_LOCAL = 2 as const;
export const IFA_LABEL = 3 as const;
export const IFA_BROADCAST = 4 as const;
export const IFA_CACHEINFO = 6 as const;
export const IFA_FLAGS = 8 as const;
export const IFA_PROTO = 11 as const;

export const IFA_F_SECONDARY = 0x01 as const;
export const IFA_F_NODAD = 0x02 as const;
export const IFA_F_DADFAILED = 0x08 as const;
export const IFA_F_HOMEADDRESS = 0x10 as const;
export const IFA_F_DEPRECATED = 0x20 as const;
export const IFA_F_TENTATIVE = 0x40 as const;
export const IFA_F_PERMANENT = 0x80 as const;
export const IFA_F_MANAGETEMPADDR = 0x100 as const;
export const IFA_F_NOPREFIXROUTE = 0x200 as const;
export const IFA_F_MCAUTOJOIN = 0x400 as const;

// linux/if_link.h
export const IFLA_ADDRESS = 1 as const;
export const IFLA_IFNAME = 3 as const;
export const IFLA_MTU = 4 as const;
export const IFLA_LINK = 5 as const;
export const IFLA_MASTER = 10 as const;
export const IFLA_WIRELESS = 11 as const;
export const IFLA_OPERSTATE = 16 as const;
export const IFLA_LINKINFO = 18 as const;
export const IFLA_EXT_MASK = 29 as const;
export const IFLA_LINK_NETNSID = 37 as const;
export const IFLA_INFO_KIND = 1 as const;
export const IFLA_INFO_DATA = 2 as const;
export const IFLA_VRF_TABLE = 1 as const;

// linux/if.h
export const IFF_UP = 0x1 as const;
export const IFF_LOOPBACK = 0x8 as const;
export const IFF_RUNNING = 0x40 as const;
export const IFF_NOARP = 0x80 as const;
export const IFF_MULTICAST = 0x1000 as const;
