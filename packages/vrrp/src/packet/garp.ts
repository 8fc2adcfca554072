// The gratuitous ARP that moves an IPv4 address in every neighbour's table and in the switches:
// a whole Ethernet frame (RFC 826, RFC 5227 section 3). Pure.

import { assert } from "@keepalived-ts/shared-config/base/assert";

// offset 0   destination hardware address ff:ff:ff:ff:ff:ff
//        6   source hardware address
//       12   EtherType 0x0806 (ARP)
//       14   hardware type 1 (Ethernet)      16  protocol type 0x0800 (IPv4)
//       18   hardware length 6               19  protocol length 4
//       20   operation 1 (request)
//       22   sender hardware address         28  sender protocol address = the virtual address
//       32   target hardware address ff:...  38  target protocol address = the virtual address

const frameLength = 42;
const fixedPart = [0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01];

/** The frame that says: `address` (4 bytes) is at `hardwareAddress` (6 bytes). */
export function encodeGratuitousArp(address: Uint8Array, hardwareAddress: Uint8Array): Uint8Array {
  assert(address.length === 4, "a gratuitous ARP announces an IPv4 address of 4 bytes");
  assert(hardwareAddress.length === 6, "an Ethernet hardware address has 6 bytes");
  const frame = new Uint8Array(frameLength);
  frame.fill(0xff, 0, 6);
  frame.set(hardwareAddress, 6);
  frame.set(fixedPart, 12);
  frame.set(hardwareAddress, 22);
  frame.set(address, 28);
  // keepalived fills the target hardware address with broadcast (vrrp_arp.c), where RFC 5227 allows
  // anything; some switches and hosts have come to rely on it.
  frame.fill(0xff, 32, 38);
  frame.set(address, 38);
  return frame;
}
