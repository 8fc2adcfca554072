// Values of the socket options that join or leave a multicast group on one interface.
// Specification: struct ip_mreqn (linux/in.h), ipv6_mreq (in6.h), packet_mreq (if_packet.h)

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { parseIp } from "@keepalived-ts/shared-config/base/ip";
import { writeHost16, writeHost32 } from "../bytes.js";
import { PACKET_MR_MULTICAST } from "../constants/socket.js";

/** For IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP; with "0.0.0.0" as the group for IP_MULTICAST_IF. */
export function encodeIpv4Membership(group: string, interfaceIndex: number): Uint8Array {
  const bytes = parseIp(group);
  assert(bytes?.length === 4, "an IPv4 group has 4 bytes");
  const encoded = new Uint8Array(12);
  encoded.set(bytes, 0);
  writeHost32(encoded, 8, interfaceIndex);
  return encoded;
}

/** For IPV6_ADD_MEMBERSHIP, IPV6_DROP_MEMBERSHIP. */
export function encodeIpv6Membership(group: string, interfaceIndex: number): Uint8Array {
  const bytes = parseIp(group);
  assert(bytes?.length === 16, "an IPv6 group has 16 bytes");
  const encoded = new Uint8Array(20);
  encoded.set(bytes, 0);
  writeHost32(encoded, 16, interfaceIndex);
  return encoded;
}

/** For PACKET_ADD_MEMBERSHIP, PACKET_DROP_MEMBERSHIP: a link-layer multicast address. */
export function encodePacketMembership(interfaceIndex: number, address: Uint8Array): Uint8Array {
  assert(address.length <= 8, "packet_mreq has room for 8 bytes");
  const encoded = new Uint8Array(16);
  writeHost32(encoded, 0, interfaceIndex);
  writeHost16(encoded, 4, PACKET_MR_MULTICAST);
  writeHost16(encoded, 6, address.length);
  encoded.set(address, 8);
  return encoded;
}
