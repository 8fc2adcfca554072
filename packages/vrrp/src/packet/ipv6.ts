// The IPv6 header (RFC 8200 section 3) that our packets leave with. Pure. Received packets come
// without it: the kernel tells source, destination and hop limit beside them.

import { assert } from "@keepalived-ts/shared-config/base/assert";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-------+---------------+---------------------------------------+
// |Version| Traffic Class |              Flow Label               |
// +-------+---------------+-------+---------------+---------------+
// |         Payload Length        |  Next Header  |   Hop Limit   |
// +-------------------------------+---------------+---------------+
// |                 Source address, 16 bytes                      |
// +---------------------------------------------------------------+
// |               Destination address, 16 bytes                   |
// +---------------------------------------------------------------+

const headerLength = 40;
const addressLength = 16;
const payloadLengthMax = 0xffff;

export interface Ipv6Fields {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly hopLimit: number;
  readonly trafficClass: number;
  readonly nextHeader: number;
  readonly payload: Uint8Array;
}

/** A packet without extension headers, flow label 0. */
export function encodeIpv6(fields: Ipv6Fields): Uint8Array {
  const { source, destination, trafficClass, payload } = fields;
  assert(
    source.length === addressLength && destination.length === addressLength,
    "IPv6 takes 16-byte addresses",
  );
  assert(payload.length <= payloadLengthMax, "an IPv6 payload has at most 65535 bytes");
  const packet = new Uint8Array(headerLength + payload.length);
  packet[0] = 0x60 | (trafficClass >> 4);
  packet[1] = (trafficClass & 0x0f) << 4;
  packet[4] = payload.length >> 8;
  packet[5] = payload.length & 0xff;
  packet[6] = fields.nextHeader;
  packet[7] = fields.hopLimit;
  packet.set(source, 8);
  packet.set(destination, 24);
  packet.set(payload, headerLength);
  return packet;
}
