// Numbers of nftables on netlink: linux/netfilter/nf_tables.h, linux/netfilter/nfnetlink.h,
// linux/netfilter.h; the numbers of data types are those of nftables' own library and tell nothing
// to the kernel.

// linux/netlink.h
export const NETLINK_NETFILTER = 12 as const;

// linux/netfilter/nfnetlink.h
export const NFNL_SUBSYS_NFTABLES = 10 as const;
export const NFNL_MSG_BATCH_BEGIN = 16 as const;
export const NFNL_MSG_BATCH_END = 17 as const;

// linux/netfilter.h
export const NFPROTO_INET = 1 as const;
export const NFPROTO_IPV4 = 2 as const;
export const NFPROTO_IPV6 = 10 as const;
export const NF_INET_PRE_ROUTING = 0 as const;
export const NF_INET_LOCAL_IN = 1 as const;
export const NF_INET_FORWARD = 2 as const;
export const NF_INET_LOCAL_OUT = 3 as const;
export const NF_INET_POST_ROUTING = 4 as const;
export const NF_DROP = 0 as const;
export const NF_ACCEPT = 1 as const;

// linux/netfilter/nf_tables.h: messages
export const NFT_MSG_NEWTABLE = 0 as const;
export const NFT_MSG_GETTABLE = 1 as const;
export const NFT_MSG_DELTABLE = 2 as const;
export const NFT_MSG_NEWCHAIN = 3 as const;
export const NFT_MSG_NEWRULE = 6 as const;
export const NFT_MSG_NEWSET = 9 as const;
export const NFT_MSG_GETSET = 10 as const;
export const NFT_MSG_DELSET = 11 as const;
export const NFT_MSG_NEWSETELEM = 12 as const;
export const NFT_MSG_GETSETELEM = 13 as const;
export const NFT_MSG_DELSETELEM = 14 as const;

// attributes of tables, chains, rules, sets and their elements
export const NFTA_LIST_ELEM = 1 as const;
export const NFTA_TABLE_NAME = 1 as const;
export const NFTA_HOOK_HOOKNUM = 1 as const;
export const NFTA_HOOK_PRIORITY = 2 as const;
export const NFTA_CHAIN_TABLE = 1 as const;
export const NFTA_CHAIN_NAME = 3 as const;
export const NFTA_CHAIN_HOOK = 4 as const;
export const NFTA_CHAIN_POLICY = 5 as const;
export const NFTA_CHAIN_TYPE = 7 as const;
export const NFTA_RULE_TABLE = 1 as const;
export const NFTA_RULE_CHAIN = 2 as const;
export const NFTA_RULE_EXPRESSIONS = 4 as const;
export const NFTA_SET_TABLE = 1 as const;
export const NFTA_SET_NAME = 2 as const;
export const NFTA_SET_FLAGS = 3 as const;
export const NFTA_SET_KEY_TYPE = 4 as const;
export const NFTA_SET_KEY_LEN = 5 as const;
export const NFTA_SET_DATA_TYPE = 6 as const;
export const NFTA_SET_DATA_LEN = 7 as const;
export const NFTA_SET_DESC = 9 as const;
export const NFTA_SET_ID = 10 as const;
export const NFTA_SET_USERDATA = 13 as const;
export const NFTA_SET_DESC_SIZE = 1 as const;
export const NFTA_SET_DESC_CONCAT = 2 as const;
export const NFTA_SET_FIELD_LEN = 1 as const;
export const NFTA_SET_ELEM_KEY = 1 as const;
export const NFTA_SET_ELEM_DATA = 2 as const;
export const NFTA_SET_ELEM_KEY_END = 10 as const;
export const NFTA_SET_ELEM_LIST_TABLE = 1 as const;
export const NFTA_SET_ELEM_LIST_SET = 2 as const;
export const NFTA_SET_ELEM_LIST_ELEMENTS = 3 as const;
export const NFTA_SET_ELEM_LIST_SET_ID = 4 as const;
export const NFT_SET_ANONYMOUS = 1 as const;
export const NFT_SET_CONSTANT = 2 as const;
export const NFT_SET_INTERVAL = 4 as const;
export const NFT_SET_MAP = 8 as const;
export const NFT_SET_CONCAT = 0x80 as const;

// expressions
export const NFTA_EXPR_NAME = 1 as const;
export const NFTA_EXPR_DATA = 2 as const;
export const NFTA_DATA_VALUE = 1 as const;
export const NFTA_DATA_VERDICT = 2 as const;
export const NFTA_VERDICT_CODE = 1 as const;
export const NFTA_VERDICT_CHAIN = 2 as const;
export const NFT_JUMP = -3 as const;
export const NFT_GOTO = -4 as const;
export const NFT_RETURN = -5 as const;
export const NFTA_IMMEDIATE_DREG = 1 as const;
export const NFTA_IMMEDIATE_DATA = 2 as const;
export const NFTA_BITWISE_SREG = 1 as const;
export const NFTA_BITWISE_DREG = 2 as const;
export const NFTA_BITWISE_LEN = 3 as const;
export const NFTA_BITWISE_MASK = 4 as const;
export const NFTA_BITWISE_XOR = 5 as const;
export const NFTA_CMP_SREG = 1 as const;
export const NFTA_CMP_OP = 2 as const;
export const NFTA_CMP_DATA = 3 as const;
export const NFT_CMP_EQ = 0 as const;
export const NFT_CMP_NEQ = 1 as const;
export const NFTA_LOOKUP_SET = 1 as const;
export const NFTA_LOOKUP_SREG = 2 as const;
export const NFTA_LOOKUP_DREG = 3 as const;
export const NFTA_LOOKUP_SET_ID = 4 as const;
export const NFTA_LOOKUP_FLAGS = 5 as const;
export const NFT_LOOKUP_F_INV = 1 as const;
export const NFTA_PAYLOAD_DREG = 1 as const;
export const NFTA_PAYLOAD_BASE = 2 as const;
export const NFTA_PAYLOAD_OFFSET = 3 as const;
export const NFTA_PAYLOAD_LEN = 4 as const;
export const NFT_PAYLOAD_NETWORK_HEADER = 1 as const;
export const NFT_PAYLOAD_TRANSPORT_HEADER = 2 as const;
export const NFTA_META_DREG = 1 as const;
export const NFTA_META_KEY = 2 as const;
export const NFTA_META_SREG = 3 as const;
export const NFT_META_MARK = 3 as const;
export const NFT_META_IIF = 4 as const;
export const NFT_META_OIF = 5 as const;
export const NFT_META_IIFNAME = 6 as const;
export const NFT_META_OIFNAME = 7 as const;
export const NFT_META_L4PROTO = 16 as const;
export const NFT_META_OIFKIND = 27 as const;
export const NFTA_DUP_SREG_ADDR = 1 as const;
export const NFTA_DUP_SREG_DEV = 2 as const;
export const NFTA_COUNTER_BYTES = 1 as const;
export const NFTA_COUNTER_PACKETS = 2 as const;
export const NFT_REG_VERDICT = 0 as const;
export const NFT_REG_1 = 1 as const;
export const NFT_REG_2 = 2 as const;

// include/datatype.h of nftables: 6 bits a type in a concatenation
export const TYPE_IPADDR = 7 as const;
export const TYPE_IP6ADDR = 8 as const;
export const TYPE_INET_SERVICE = 13 as const;
export const TYPE_MARK = 19 as const;
export const TYPE_IFINDEX = 20 as const;
export const TYPE_ICMP6_TYPE = 29 as const;
export const TYPE_IFNAME = 41 as const;
export const BYTEORDER_HOST_ENDIAN = 1 as const;
export const BYTEORDER_BIG_ENDIAN = 2 as const;

// include/libnftnl/udata.h of libnftnl
export const NFTNL_UDATA_SET_KEYBYTEORDER = 0 as const;
export const NFTNL_UDATA_SET_DATABYTEORDER = 1 as const;
