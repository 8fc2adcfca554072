// Keeps the kernel's word of the addresses that we add ourselves away from the link monitor: at a
// takeover it comes by the thousand, and waking up for it and reading it would take a third of the
// time. The kernel decides, by a classic BPF program on the socket (linux/filter.h, bpf_common.h).
// What is removed is always heard of. Kernels before 5.18 do not say who added an address: all is
// heard then.

import { IFA_PROTO, NLM_F_MULTI, RTM_NEWADDR } from "@keepalived-ts/netops/constants/netlink";
import { isLittleEndian } from "@keepalived-ts/netops/netlink/message";
import {
  copyAToX,
  encodeFilter,
  everything,
  giveBack,
  type Instruction,
  jumpIfBits,
  jumpIfEqual,
  loadByteAtX,
  loadHalf,
  loadWord,
  setA,
  setX,
} from "./packet-filter.js";

/** RTPROT_KEEPALIVED of linux/rtnetlink.h: the mark of our addresses, shown by `ip address`. */
export const addressProtocol = 18;

// struct nlmsghdr, struct ifaddrmsg (linux/netlink.h, if_addr.h), then attributes:
// offset 0   length          4  type     6  flags   8  sequence   12  port
//        16  family ...     20  interface index     24  first attribute
const typeOffset = 4;
const flagsOffset = 6;
const attributesOffset = 24;
const attributeHeaderLength = 4;

/**
 * SKF_AD_OFF + SKF_AD_NLATTR, an offset at which A becomes the place of the first attribute of type
 * X from A on, 0 if there is none.
 */
const findAttribute = 0xffff_f000 + 12;

const program: readonly Instruction[] = [
  [loadHalf, 0, 0, typeOffset],
  [jumpIfEqual, 0, 9, inNetworkOrder(RTM_NEWADDR)],
  [loadHalf, 0, 0, flagsOffset],
  // Answers to a question pass.
  [jumpIfBits, 7, 0, inNetworkOrder(NLM_F_MULTI)],
  [setX, 0, 0, IFA_PROTO],
  [setA, 0, 0, attributesOffset],
  [loadWord, 0, 0, findAttribute],
  [jumpIfEqual, 3, 0, 0],
  [copyAToX, 0, 0, 0],
  [loadByteAtX, 0, 0, attributeHeaderLength],
  [jumpIfEqual, 1, 0, addressProtocol],
  [giveBack, 0, 0, everything],
  [giveBack, 0, 0, 0],
];

/** The program that drops word of one address that was added under our protocol number. */
export const ownAdditionFilter: Uint8Array = encodeFilter(program);

/** BPF loads a half-word as from the network, netlink writes it as the machine does. */
function inNetworkOrder(half: number): number {
  return isLittleEndian ? ((half & 0xff) << 8) | (half >> 8) : half;
}
