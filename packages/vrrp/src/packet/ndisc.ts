// The unsolicited neighbour advertisement that moves an IPv6 address in every neighbour's cache and
// in the switches: a whole Ethernet frame (RFC 4861 sections 4.4 and 7.2.6). Pure.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { addToChecksum, finishChecksum, pseudoHeaderSum } from "./checksum.js";
import { encodeIpv6 } from "./ipv6.js";

// offset 0   destination hardware address 33:33:00:00:00:01 (all nodes, RFC 2464 section 7)
//        6   source hardware address
//       12   EtherType 0x86dd (IPv6)
//       14   IPv6 header: the virtual address to ff02::1, hop limit 255
//       54   type 136        55  code 0        56  checksum
//       58   flags: router 0x80, solicited 0x40, override 0x20; then 3 bytes of zero
//       62   target = the virtual address
//       78   option 2 (target link-layer address), length 1 (8 bytes), hardware address

const ethernetLength = 14;
const messageLength = 32;
const ethernetTarget = [0x33, 0x33, 0x00, 0x00, 0x00, 0x01];
const etherTypeIpv6 = [0x86, 0xdd];
const allNodes: Uint8Array = Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const protocolIcmpv6 = 58;
const typeNeighbourAdvertisement = 136;
const optionTargetLinkAddress = 2;
const hopLimit = 255;
/**
 * Router and override. RFC 9568 section 6.4.2 has the router flag set always; keepalived sets it
 * only where the interface forwards. Clear, it would make hosts forget a router (RFC 4861 section
 * 7.2.5); set by mistake, it does nothing.
 */
const flags = 0x80 | 0x20;

/** The frame that says: `address` (16 bytes) is at `hardwareAddress` (6 bytes). */
export function encodeNeighbourAdvertisement(
  address: Uint8Array,
  hardwareAddress: Uint8Array,
): Uint8Array {
  assert(address.length === 16, "a neighbour advertisement is about an IPv6 address of 16 bytes");
  assert(hardwareAddress.length === 6, "an Ethernet hardware address has 6 bytes");
  const message = new Uint8Array(messageLength);
  message[0] = typeNeighbourAdvertisement;
  message[4] = flags;
  message.set(address, 8);
  message[24] = optionTargetLinkAddress;
  message[25] = 1;
  message.set(hardwareAddress, 26);
  const pseudo = pseudoHeaderSum(protocolIcmpv6, address, allNodes, messageLength);
  const checksum = finishChecksum(addToChecksum(pseudo, message));
  message[2] = checksum >> 8;
  message[3] = checksum & 0xff;
  const packet = encodeIpv6({
    source: address,
    destination: allNodes,
    hopLimit,
    trafficClass: 0,
    nextHeader: protocolIcmpv6,
    payload: message,
  });
  const frame = new Uint8Array(ethernetLength + packet.length);
  frame.set(ethernetTarget, 0);
  frame.set(hardwareAddress, 6);
  frame.set(etherTypeIpv6, 12);
  frame.set(packet, ethernetLength);
  return frame;
}
