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
import { isLittleEndian } from "@keepalived-ts/netops/netlink/message";

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

const loadHalf = 0x28; // BPF_LD | BPF_H | BPF_ABS
const loadByte = 0x30; // BPF_LD | BPF_B | BPF_ABS
const loadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
const loadByteAtX = 0x50; // BPF_LD | BPF_B | BPF_IND
const setA = 0x00; // BPF_LD | BPF_IMM
const setX = 0x01; // BPF_LDX | BPF_IMM
const copyAToX = 0x07; // BPF_MISC | BPF_TAX
const jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const jumpIfBits = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const giveBack = 0x06; // BPF_RET | BPF_K
/**
 * SKF_AD_OFF + SKF_AD_NLATTR, an offset at which A becomes the place of the first attribute of type
 * X from A on, 0 if there is none.
 */
const findAttribute = 0xffff_f000 + 12;
const everything = 0xffff_ffff;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

/** struct sock_filter, one an instruction; jumps count from the instruction that follows. */
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
export const ownAdditionFilter: Uint8Array = encode(program);

/** BPF loads a half-word as from the network, netlink writes it as the machine does. */
function inNetworkOrder(half: number): number {
  return isLittleEndian ? ((half & 0xff) << 8) | (half >> 8) : half;
}

function encode(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(8 * instructions.length);
  const view = new DataView(bytes.buffer);
  instructions.forEach(([code, ifTrue, ifFalse, operand], i) => {
    view.setUint16(8 * i, code, isLittleEndian);
    view.setUint8(8 * i + 2, ifTrue);
    view.setUint8(8 * i + 3, ifFalse);
    view.setUint32(8 * i + 4, operand, isLittleEndian);
  });
  return bytes;
}
