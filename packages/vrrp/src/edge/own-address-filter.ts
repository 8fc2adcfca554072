// Keeps the kernel's word of the addresses that we add ourselves away from the link monitor: at a
// takeover it comes by the thousand, and waking up for it and reading it would take a third of the
// time. The kernel decides, by a classic BPF program on the socket (linux/filter.h, bpf_common.h).
// What is removed is always heard of, and what somebody else turned out to have. Kernels before
// 5.18 do not say who added an address: all is heard then.

import {
  IFA_F_DADFAILED,
  IFA_PROTO,
  NLM_F_MULTI,
  RTM_NEWADDR,
} from "@keepalived-ts/netops/constants/netlink";
import {
  copyAToX,
  encodeFilter,
  everything,
  giveBack,
  type Instruction,
  inNetworkOrder,
  jumpIfBits,
  jumpIfEqual,
  loadByte,
  loadByteAtX,
  loadHalf,
  loadWord,
  setA,
  setX,
} from "./packet-filter.js";

/** RTPROT_KEEPALIVED of linux/rtnetlink.h: the mark of our addresses, shown by `ip address`. */
export const addressProtocol = 18;

/**
 * RTPROT_STATIC: the mark of our static addresses. They are their interface's own, so that word of
 * them must be heard.
 */
export const staticAddressProtocol = 4;

// struct nlmsghdr, struct ifaddrmsg (linux/netlink.h, if_addr.h), then attributes:
// offset 0   length          4  type     6  flags   8  sequence   12  port
//        16  family ...     18  IFA_F_*             20  interface index   24  first attribute
const typeOffset = 4;
const flagsOffset = 6;
const addressFlagsOffset = 18;
const attributesOffset = 24;
const attributeHeaderLength = 4;

/**
 * SKF_AD_OFF + SKF_AD_NLATTR, an offset at which A becomes the place of the first attribute of type
 * X from A on, 0 if there is none.
 */
const findAttribute = 0xffff_f000 + 12;

const program: readonly Instruction[] = [
  [loadHalf, 0, 0, typeOffset],
  [jumpIfEqual, 0, 11, inNetworkOrder(RTM_NEWADDR)],
  [loadHalf, 0, 0, flagsOffset],
  // Answers to a question pass.
  [jumpIfBits, 9, 0, inNetworkOrder(NLM_F_MULTI)],
  [setX, 0, 0, IFA_PROTO],
  [setA, 0, 0, attributesOffset],
  [loadWord, 0, 0, findAttribute],
  [jumpIfEqual, 5, 0, 0],
  [copyAToX, 0, 0, 0],
  [loadByteAtX, 0, 0, attributeHeaderLength],
  [jumpIfEqual, 0, 2, addressProtocol],
  [loadByte, 0, 0, addressFlagsOffset],
  [jumpIfBits, 0, 1, IFA_F_DADFAILED],
  [giveBack, 0, 0, everything],
  [giveBack, 0, 0, 0],
];

/** The program that drops word of one address that was added under our protocol number. */
export const ownAdditionFilter: Uint8Array = encodeFilter(program);
