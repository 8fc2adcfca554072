// The numbers of IPVS' generic netlink interface, as linux/ip_vs.h names them.

export const IPVS_GENL_NAME = "IPVS" as const;
export const IPVS_GENL_VERSION = 1 as const;

// Flags of a service. HASHED is the kernel's own: it is read back and need not be set.
export const IP_VS_SVC_F_PERSISTENT = 0x0001 as const;
export const IP_VS_SVC_F_HASHED = 0x0002 as const;
export const IP_VS_SVC_F_ONEPACKET = 0x0004 as const;
export const IP_VS_SVC_F_SCHED1 = 0x0008 as const;
export const IP_VS_SVC_F_SCHED2 = 0x0010 as const;
export const IP_VS_SVC_F_SCHED3 = 0x0020 as const;

export const IP_VS_STATE_MASTER = 1 as const;
export const IP_VS_STATE_BACKUP = 2 as const;

export const IP_VS_CONN_F_FWD_MASK = 0x0007 as const;

export const IP_VS_TUNNEL_ENCAP_FLAG_CSUM = 0x01 as const;
export const IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM = 0x02 as const;

/** Lengths of names, each with the NUL at its end. */
export const IP_VS_SCHEDNAME_MAXLEN = 16 as const;
export const IP_VS_PENAME_MAXLEN = 16 as const;
export const IP_VS_IFNAME_MAXLEN = 16 as const;

export const IPVS_CMD_NEW_SERVICE = 1 as const;
export const IPVS_CMD_SET_SERVICE = 2 as const;
export const IPVS_CMD_DEL_SERVICE = 3 as const;
export const IPVS_CMD_GET_SERVICE = 4 as const;
export const IPVS_CMD_NEW_DEST = 5 as const;
export const IPVS_CMD_SET_DEST = 6 as const;
export const IPVS_CMD_DEL_DEST = 7 as const;
export const IPVS_CMD_GET_DEST = 8 as const;
export const IPVS_CMD_NEW_DAEMON = 9 as const;
export const IPVS_CMD_DEL_DAEMON = 10 as const;
export const IPVS_CMD_GET_DAEMON = 11 as const;
export const IPVS_CMD_SET_CONFIG = 12 as const;
export const IPVS_CMD_GET_CONFIG = 13 as const;
export const IPVS_CMD_GET_INFO = 15 as const;
export const IPVS_CMD_ZERO = 16 as const;
export const IPVS_CMD_FLUSH = 17 as const;

export const IPVS_CMD_ATTR_SERVICE = 1 as const;
export const IPVS_CMD_ATTR_DEST = 2 as const;
export const IPVS_CMD_ATTR_DAEMON = 3 as const;
export const IPVS_CMD_ATTR_TIMEOUT_TCP = 4 as const;
export const IPVS_CMD_ATTR_TIMEOUT_TCP_FIN = 5 as const;
export const IPVS_CMD_ATTR_TIMEOUT_UDP = 6 as const;

export const IPVS_SVC_ATTR_AF = 1 as const;
export const IPVS_SVC_ATTR_PROTOCOL = 2 as const;
export const IPVS_SVC_ATTR_ADDR = 3 as const;
export const IPVS_SVC_ATTR_PORT = 4 as const;
export const IPVS_SVC_ATTR_FWMARK = 5 as const;
export const IPVS_SVC_ATTR_SCHED_NAME = 6 as const;
export const IPVS_SVC_ATTR_FLAGS = 7 as const;
export const IPVS_SVC_ATTR_TIMEOUT = 8 as const;
export const IPVS_SVC_ATTR_NETMASK = 9 as const;
export const IPVS_SVC_ATTR_STATS = 10 as const;
export const IPVS_SVC_ATTR_PE_NAME = 11 as const;
export const IPVS_SVC_ATTR_STATS64 = 12 as const;

export const IPVS_DEST_ATTR_ADDR = 1 as const;
export const IPVS_DEST_ATTR_PORT = 2 as const;
export const IPVS_DEST_ATTR_FWD_METHOD = 3 as const;
export const IPVS_DEST_ATTR_WEIGHT = 4 as const;
export const IPVS_DEST_ATTR_U_THRESH = 5 as const;
export const IPVS_DEST_ATTR_L_THRESH = 6 as const;
export const IPVS_DEST_ATTR_ACTIVE_CONNS = 7 as const;
export const IPVS_DEST_ATTR_INACT_CONNS = 8 as const;
export const IPVS_DEST_ATTR_PERSIST_CONNS = 9 as const;
export const IPVS_DEST_ATTR_STATS = 10 as const;
export const IPVS_DEST_ATTR_ADDR_FAMILY = 11 as const;
export const IPVS_DEST_ATTR_STATS64 = 12 as const;
export const IPVS_DEST_ATTR_TUN_TYPE = 13 as const;
export const IPVS_DEST_ATTR_TUN_PORT = 14 as const;
export const IPVS_DEST_ATTR_TUN_FLAGS = 15 as const;

export const IPVS_DAEMON_ATTR_STATE = 1 as const;
export const IPVS_DAEMON_ATTR_MCAST_IFN = 2 as const;
export const IPVS_DAEMON_ATTR_SYNC_ID = 3 as const;
export const IPVS_DAEMON_ATTR_SYNC_MAXLEN = 4 as const;
export const IPVS_DAEMON_ATTR_MCAST_GROUP = 5 as const;
export const IPVS_DAEMON_ATTR_MCAST_GROUP6 = 6 as const;
export const IPVS_DAEMON_ATTR_MCAST_PORT = 7 as const;
export const IPVS_DAEMON_ATTR_MCAST_TTL = 8 as const;

export const IPVS_STATS_ATTR_CONNS = 1 as const;
export const IPVS_STATS_ATTR_INPKTS = 2 as const;
export const IPVS_STATS_ATTR_OUTPKTS = 3 as const;
export const IPVS_STATS_ATTR_INBYTES = 4 as const;
export const IPVS_STATS_ATTR_OUTBYTES = 5 as const;
export const IPVS_STATS_ATTR_CPS = 6 as const;
export const IPVS_STATS_ATTR_INPPS = 7 as const;
export const IPVS_STATS_ATTR_OUTPPS = 8 as const;
export const IPVS_STATS_ATTR_INBPS = 9 as const;
export const IPVS_STATS_ATTR_OUTBPS = 10 as const;

export const IPVS_INFO_ATTR_VERSION = 1 as const;
export const IPVS_INFO_ATTR_CONN_TAB_SIZE = 2 as const;
