// Classic BPF for sockets (linux/filter.h, bpf_common.h): the instructions that our filters need,
// and their encoding. Decides nothing about packets.

import { isLittleEndian } from "@keepalived-ts/netops/netlink/message";

export const loadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
export const loadHalf = 0x28; // BPF_LD | BPF_H | BPF_ABS
export const loadByte = 0x30; // BPF_LD | BPF_B | BPF_ABS
export const loadByteAtX = 0x50; // BPF_LD | BPF_B | BPF_IND
export const setA = 0x00; // BPF_LD | BPF_IMM
export const setX = 0x01; // BPF_LDX | BPF_IMM
export const copyAToX = 0x07; // BPF_MISC | BPF_TAX
export const jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
export const jumpIfBits = 0x45; // BPF_JMP | BPF_JSET | BPF_K
export const giveBack = 0x06; // BPF_RET | BPF_K

/** For {@link giveBack}: so many bytes of the packet; 0 = drop it. */
export const everything = 0xffff_ffff;

/** struct sock_filter; jumps count from the instruction that follows. */
export type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

export function encodeFilter(instructions: readonly Instruction[]): Uint8Array {
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

/** BPF loads a half-word as from the network, netlink writes it as the machine does. */
export function inNetworkOrder(half: number): number {
  return isLittleEndian ? ((half & 0xff) << 8) | (half >> 8) : half;
}
