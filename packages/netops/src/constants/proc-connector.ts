// Numbers of the process connector: linux/netlink.h, linux/connector.h, linux/cn_proc.h.

// linux/netlink.h
export const NETLINK_CONNECTOR = 11 as const;

// linux/connector.h
export const CN_IDX_PROC = 1 as const;
export const CN_VAL_PROC = 1 as const;

// linux/cn_proc.h
export const PROC_CN_MCAST_LISTEN = 1 as const;
export const PROC_CN_MCAST_IGNORE = 2 as const;

export const PROC_EVENT_NONE = 0 as const;
export const PROC_EVENT_FORK = 0x0000_0001 as const;
export const PROC_EVENT_EXEC = 0x0000_0002 as const;
export const PROC_EVENT_UID = 0x0000_0004 as const;
export const PROC_EVENT_GID = 0x0000_0040 as const;
export const PROC_EVENT_COMM = 0x0000_0200 as const;
export const PROC_EVENT_EXIT = 0x8000_0000 as const;
