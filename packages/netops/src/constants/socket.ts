// Numbers of the kernel's socket interface, under the kernel's own names, each group with its
// header. The values of asm-generic (x86, arm, riscv): not those of mips, parisc or sparc.

// include/linux/socket.h
export const AF_UNSPEC = 0 as const;
export const AF_UNIX = 1 as const;
export const AF_INET = 2 as const;
export const AF_INET6 = 10 as const;
export const AF_NETLINK = 16 as const;
export const AF_PACKET = 17 as const;

// include/linux/net.h
export const SOCK_STREAM = 1 as const;
export const SOCK_DGRAM = 2 as const;
export const SOCK_RAW = 3 as const;

// include/uapi/linux/in.h; 112 is VRRP's number at IANA
export const IPPROTO_IP = 0 as const;
export const IPPROTO_ICMP = 1 as const;
export const IPPROTO_IGMP = 2 as const;
export const IPPROTO_TCP = 6 as const;
export const IPPROTO_UDP = 17 as const;
export const IPPROTO_IPV6 = 41 as const;
export const IPPROTO_AH = 51 as const;
export const IPPROTO_ICMPV6 = 58 as const;
export const IPPROTO_SCTP = 132 as const;
export const IPPROTO_VRRP = 112 as const;
export const IPPROTO_RAW = 255 as const;

// include/linux/socket.h
export const SOL_IP = 0 as const;
export const SOL_IPV6 = 41 as const;
export const SOL_RAW = 255 as const;
export const SOL_PACKET = 263 as const;
export const SOL_NETLINK = 270 as const;

// include/uapi/asm-generic/socket.h
export const SOL_SOCKET = 1 as const;
export const SO_REUSEADDR = 2 as const;
export const SO_TYPE = 3 as const;
export const SO_ERROR = 4 as const;
export const SO_DONTROUTE = 5 as const;
export const SO_BROADCAST = 6 as const;
export const SO_SNDBUF = 7 as const;
export const SO_RCVBUF = 8 as const;
export const SO_PRIORITY = 12 as const;
export const SO_TIMESTAMPNS = 35 as const;
export const SO_REUSEPORT = 15 as const;
export const SO_BINDTODEVICE = 25 as const;
export const SO_SNDBUFFORCE = 32 as const;
export const SO_RCVBUFFORCE = 33 as const;
export const SO_MARK = 36 as const;
export const SO_RXQ_OVFL = 40 as const;
export const SO_LOCK_FILTER = 44 as const;
export const SO_BINDTOIFINDEX = 62 as const;

// include/uapi/linux/in.h
export const IP_TOS = 1 as const;
export const IP_TTL = 2 as const;
export const IP_HDRINCL = 3 as const;
export const IP_PKTINFO = 8 as const;
export const IP_MTU_DISCOVER = 10 as const;
export const IP_RECVERR = 11 as const;
export const IP_RECVTTL = 12 as const;
export const IP_FREEBIND = 15 as const;
export const IP_MINTTL = 21 as const;
export const IP_MULTICAST_IF = 32 as const;
export const IP_MULTICAST_TTL = 33 as const;
export const IP_MULTICAST_LOOP = 34 as const;
export const IP_ADD_MEMBERSHIP = 35 as const;
export const IP_DROP_MEMBERSHIP = 36 as const;
export const IP_MULTICAST_ALL = 49 as const;
export const IP_PMTUDISC_DONT = 0 as const;

// include/uapi/linux/in6.h
export const IPV6_CHECKSUM = 7 as const;
export const IPV6_UNICAST_HOPS = 16 as const;
export const IPV6_MULTICAST_IF = 17 as const;
export const IPV6_MULTICAST_HOPS = 18 as const;
export const IPV6_MULTICAST_LOOP = 19 as const;
export const IPV6_ADD_MEMBERSHIP = 20 as const;
export const IPV6_DROP_MEMBERSHIP = 21 as const;
export const IPV6_RECVERR = 25 as const;
export const IPV6_V6ONLY = 26 as const;
export const IPV6_MULTICAST_ALL = 29 as const;
export const IPV6_HDRINCL = 36 as const;
export const IPV6_RECVPKTINFO = 49 as const;
export const IPV6_PKTINFO = 50 as const;
export const IPV6_RECVHOPLIMIT = 51 as const;
export const IPV6_TCLASS = 67 as const;
export const IPV6_MINHOPCOUNT = 73 as const;
export const IPV6_FREEBIND = 78 as const;

// include/uapi/linux/icmpv6.h: a filter of 8 words of 32 bits, a set bit blocks its type
export const ICMPV6_FILTER = 1 as const;

// include/uapi/linux/if_packet.h
export const PACKET_HOST = 0 as const;
export const PACKET_BROADCAST = 1 as const;
export const PACKET_MULTICAST = 2 as const;
export const PACKET_OTHERHOST = 3 as const;
export const PACKET_OUTGOING = 4 as const;
export const PACKET_ADD_MEMBERSHIP = 1 as const;
export const PACKET_DROP_MEMBERSHIP = 2 as const;
export const PACKET_QDISC_BYPASS = 20 as const;
export const PACKET_IGNORE_OUTGOING = 23 as const;
export const PACKET_MR_MULTICAST = 0 as const;

// include/uapi/linux/if_ether.h (in host order)
export const ETH_P_ALL = 0x0003 as const;
export const ETH_P_IP = 0x0800 as const;
export const ETH_P_ARP = 0x0806 as const;
export const ETH_P_IPV6 = 0x86dd as const;
export const ETH_ALEN = 6 as const;

// include/uapi/linux/if_arp.h
export const ARPHRD_ETHER = 1 as const;
export const ARPHRD_INFINIBAND = 32 as const;
export const ARPHRD_LOOPBACK = 772 as const;
