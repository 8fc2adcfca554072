// The IPv4 header (RFC 791) around an advertisement, which raw sockets hand out and take with it.
// Pure. Judges only the bounds: the kernel has verified the header checksum before it delivers.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { addToChecksum, finishChecksum } from "./checksum.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-------+-------+---------------+-------------------------------+
// |Version|  IHL  |Type of Service|          Total Length         |
// +-------+-------+---------------+-----+-------------------------+
// |         Identification        |Flags|      Fragment Offset    |
// +---------------+---------------+-----+-------------------------+
// |  Time to Live |    Protocol   |         Header Checksum       |
// +---------------+---------------+-------------------------------+
// |                       Source Address                          |
// +---------------------------------------------------------------+
// |                    Destination Address                        |
// +---------------------------------------------------------------+
// |                    Options (IHL > 5)                          |
// +---------------------------------------------------------------+

const headerLengthMin = 20;
const totalLengthMax = 0xffff;

/** Why a packet has no readable IPv4 payload. */
export type Ipv4DecodeError =
  | "IPV4_TOO_SHORT"
  | "IPV4_BAD_VERSION"
  | "IPV4_BAD_HEADER_LENGTH"
  | "IPV4_BAD_TOTAL_LENGTH"
  | "IPV4_FRAGMENT";

export interface Ipv4Packet {
  readonly ok: true;
  readonly headerLength: number;
  /** Header and payload as the header claims; bytes after it are padding of the link. */
  readonly totalLength: number;
  readonly ttl: number;
  readonly protocol: number;
  /** Views into the packet, like `payload`. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly payload: Uint8Array;
}

export type DecodedIpv4 = Ipv4Packet | { readonly ok: false; readonly code: Ipv4DecodeError };

export function decodeIpv4(packet: Uint8Array): DecodedIpv4 {
  if (packet.length < headerLengthMin) return { ok: false, code: "IPV4_TOO_SHORT" };
  const first = packet[0] ?? 0;
  if (first >> 4 !== 4) return { ok: false, code: "IPV4_BAD_VERSION" };
  const headerLength = (first & 0x0f) * 4;
  if (headerLength < headerLengthMin || headerLength > packet.length) {
    return { ok: false, code: "IPV4_BAD_HEADER_LENGTH" };
  }
  const totalLength = readUint16(packet, 2);
  if (totalLength < headerLength || totalLength > packet.length) {
    return { ok: false, code: "IPV4_BAD_TOTAL_LENGTH" };
  }
  // The kernel reassembles before a raw socket sees the packet, so a fragment here is forged.
  if ((readUint16(packet, 6) & 0x3fff) !== 0) return { ok: false, code: "IPV4_FRAGMENT" };
  return {
    ok: true,
    headerLength,
    totalLength,
    ttl: packet[8] ?? 0,
    protocol: packet[9] ?? 0,
    source: packet.subarray(12, 16),
    destination: packet.subarray(16, 20),
    payload: packet.subarray(headerLength, totalLength),
  };
}

export interface Ipv4Fields {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly ttl: number;
  readonly tos: number;
  readonly protocol: number;
  readonly payload: Uint8Array;
  /** 0 by default: the kernel then chooses one when it sends the packet (raw(7)). */
  readonly identification?: number;
}

/** A packet without options, don't-fragment clear (as keepalived sends it). */
export function encodeIpv4(fields: Ipv4Fields): Uint8Array {
  const totalLength = headerLengthMin + fields.payload.length;
  assert(
    fields.source.length === 4 && fields.destination.length === 4,
    "IPv4 takes 4-byte addresses",
  );
  assert(totalLength <= totalLengthMax, "an IPv4 packet has at most 65535 bytes");
  const packet = new Uint8Array(totalLength);
  packet[0] = 0x45;
  packet[1] = fields.tos;
  packet[2] = totalLength >> 8;
  packet[3] = totalLength & 0xff;
  packet[4] = (fields.identification ?? 0) >> 8;
  packet[5] = (fields.identification ?? 0) & 0xff;
  packet[8] = fields.ttl;
  packet[9] = fields.protocol;
  packet.set(fields.source, 12);
  packet.set(fields.destination, 16);
  const checksum = finishChecksum(addToChecksum(0, packet.subarray(0, headerLengthMin)));
  packet[10] = checksum >> 8;
  packet[11] = checksum & 0xff;
  packet.set(fields.payload, headerLengthMin);
  return packet;
}

function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
