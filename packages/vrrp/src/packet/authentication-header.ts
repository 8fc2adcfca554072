// The IP authentication header around an advertisement of version 2 (RFC 2402, HMAC-MD5-96 of RFC
// 2403), as keepalived's auth_type AH has it: the SPI is the source, the key has 8 bytes. Pure:
// what of it may be obeyed the core judges. Never shows a key.

import { createHmac, timingSafeEqual } from "node:crypto";
import { isMulticast } from "@keepalived-ts/shared-config/base/ip";
import { encodeIpv4, type Ipv4Packet } from "./ipv4.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +---------------+---------------+-------------------------------+
// |Next Header 112| Payload Len 4 |           Reserved 0          |
// +---------------+---------------+-------------------------------+
// |          Security Parameters Index = source address           |
// +---------------------------------------------------------------+
// |                       Sequence Number                         |
// +---------------------------------------------------------------+
// |        Integrity Check Value, 12 bytes of HMAC-MD5            |
// +---------------------------------------------------------------+
// The value covers the whole packet from the IP header on, with this value and the IP header's
// mutable fields as 0: type of service, flags and fragment offset, checksum; the time to live only
// of packets to one router, for one to a group keepalived leaves it in.

export const authenticationHeaderLength = 24;
const valueOffset = 12;
const valueLength = 12;
/** Words of 32 bits less 2 (RFC 2402 section 2.2). */
const payloadLength = 4;
export const protocolAuthenticationHeader = 51;
const protocolVrrp = 112;

export interface AuthenticationHeader {
  /** Next header, length and SPI are as they should be. */
  readonly isKnown: boolean;
  readonly sequence: number;
  /** Hexadecimal, like `covered`. */
  readonly value: string;
  /** All that the value is made of. */
  readonly covered: string;
}

export interface AuthenticatedFields {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly ttl: number;
  readonly tos: number;
  /** The VRRP message. */
  readonly payload: Uint8Array;
  readonly sequence: number;
  /** 8 bytes in hexadecimal. */
  readonly secret: string;
}

/** The header in front of a packet's payload, or undefined when there is no room for one. */
export function readAuthenticationHeader(
  packet: Uint8Array,
  ip: Ipv4Packet,
): AuthenticationHeader | undefined {
  if (ip.payload.length < authenticationHeaderLength) return undefined;
  const { payload, source } = ip;
  const view = new DataView(payload.buffer, payload.byteOffset, authenticationHeaderLength);
  const isKnown =
    view.getUint8(0) === protocolVrrp &&
    view.getUint8(1) === payloadLength &&
    Buffer.compare(payload.subarray(4, 8), source) === 0;
  const end = valueOffset + valueLength;
  const whole = packet.subarray(0, ip.totalLength);
  return {
    isKnown,
    sequence: view.getUint32(8),
    value: Buffer.from(payload.subarray(valueOffset, end)).toString("hex"),
    covered: coveredBytes(whole, ip.headerLength).toString("hex"),
  };
}

/** Whether `secret`, in hexadecimal, made its value. Takes as long for a nearly right one. */
export function isAuthenticatedWith(
  { value, covered }: AuthenticationHeader,
  secret: string,
): boolean {
  const wanted = integrityValue(Buffer.from(covered, "hex"), secret);
  const received = Buffer.from(value, "hex");
  return received.length === wanted.length && timingSafeEqual(received, wanted);
}

/** The whole packet, IP header included. */
export function encodeAuthenticated(fields: AuthenticatedFields): Uint8Array {
  const { source, payload, sequence } = fields;
  const inner = new Uint8Array(authenticationHeaderLength + payload.length);
  const view = new DataView(inner.buffer);
  view.setUint8(0, protocolVrrp);
  view.setUint8(1, payloadLength);
  inner.set(source, 4);
  view.setUint32(8, sequence);
  inner.set(payload, authenticationHeaderLength);
  const packet = encodeIpv4({
    source,
    destination: fields.destination,
    ttl: fields.ttl,
    tos: fields.tos,
    protocol: protocolAuthenticationHeader,
    payload: inner,
    // The value covers it, so the kernel must not choose one: never 0.
    identification: (sequence & 0xffff) === 0 ? 1 : sequence & 0xffff,
  });
  const headerLength = packet.length - inner.length;
  const value = integrityValue(coveredBytes(packet, headerLength), fields.secret);
  packet.set(value, headerLength + valueOffset);
  return packet;
}

function coveredBytes(packet: Uint8Array, headerLength: number): Buffer {
  const bytes = Buffer.from(packet);
  bytes[1] = 0;
  bytes.fill(0, 6, 8);
  if (!isMulticast(packet.subarray(16, 20))) bytes[8] = 0;
  bytes.fill(0, 10, 12);
  bytes.fill(0, headerLength + valueOffset, headerLength + valueOffset + valueLength);
  return bytes;
}

function integrityValue(covered: Uint8Array, secret: string): Buffer {
  const hmac = createHmac("md5", Buffer.from(secret, "hex"));
  return hmac.update(covered).digest().subarray(0, valueLength);
}
