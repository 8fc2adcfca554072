// The trailer of auth_hmac behind an advertisement (keepalived 2.4, vrrp/vrrp_auth_hmac.c): who
// signed it, when, and HMAC-SHA-256 cut to 128 bits. Pure: the clock is handed in, and what of it
// may be obeyed the core judges. Never shows a key.

import { createHmac, timingSafeEqual } from "node:crypto";
import { assert } from "@keepalived-ts/shared-config/base/assert";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +---------------+---------------+-------------------------------+
// |    Type 1     |     Key id    |           Reserved 0          |
// +---------------+---------------+-------------------------------+
// |                    Seconds since 1970                         |
// +-------------------------------+-------------------------------+
// |     1/65536 s within them     |            Counter            |
// +-------------------------------+-------------------------------+
// |                       HMAC, 16 bytes                          |
// +---------------------------------------------------------------+
// The HMAC covers: 4 or 6 (the family), VRRP version, virtual router id, 0, and the source in 16
// bytes; then the message, its checksum read as 0, and this trailer with the HMAC as 0. The
// destination is not in it, so every unicast peer gets the same signature.

export const trailerLength = 28;
const prefixLength = 12;
const digestLength = 16;
const pseudoLength = 20;
const typeSha256 = 1;
const checksumOffset = 6;
const ticksPerSecond = 0x1_0000_0000;

/** The time stamp that is never the same twice: seconds, and fraction and counter as one number. */
export interface HmacSequence {
  /** 32 bits. */
  readonly seconds: number;
  /** 32 bits: 1/65536 s in the upper, the counter in the lower half. */
  readonly ticks: number;
}

export interface HmacTrailer extends HmacSequence {
  /** Type and reserved bytes are as they should be. */
  readonly isKnown: boolean;
  readonly keyId: number;
  /** Hexadecimal, like `covered`. */
  readonly digest: string;
  /** All that the HMAC is made of. */
  readonly covered: string;
}

/** The trailer of `message`, which ends with one, from `ipSource`. */
export function readTrailer(message: Uint8Array, ipSource: Uint8Array): HmacTrailer {
  const start = message.length - trailerLength;
  assert(start >= checksumOffset + 2, "a trailer stands behind an advert");
  const view = new DataView(message.buffer, message.byteOffset + start, trailerLength);
  return {
    isKnown: view.getUint8(0) === typeSha256 && view.getUint16(2) === 0,
    keyId: view.getUint8(1),
    seconds: view.getUint32(4),
    ticks: view.getUint32(8),
    digest: Buffer.from(message.subarray(start + prefixLength)).toString("hex"),
    covered: coveredBytes(message, ipSource).toString("hex"),
  };
}

/** `message`, checksum and all, with a trailer behind it. */
export function appendTrailer(
  message: Uint8Array,
  ipSource: Uint8Array,
  key: { readonly id: number; readonly secret: string },
  sequence: HmacSequence,
): Uint8Array {
  const start = message.length;
  const signed = new Uint8Array(start + trailerLength);
  signed.set(message);
  const view = new DataView(signed.buffer, start, trailerLength);
  view.setUint8(0, typeSha256);
  view.setUint8(1, key.id);
  view.setUint32(4, sequence.seconds);
  view.setUint32(8, sequence.ticks);
  signed.set(digestOf(coveredBytes(signed, ipSource), key.secret), start + prefixLength);
  return signed;
}

/** Whether `secret`, in hexadecimal, has signed it. Takes as long for a nearly right one. */
export function isSignedWith({ digest, covered }: HmacTrailer, secret: string): boolean {
  const wanted = digestOf(Buffer.from(covered, "hex"), secret);
  const received = Buffer.from(digest, "hex");
  return received.length === wanted.length && timingSafeEqual(received, wanted);
}

/** Serial number arithmetic (RFC 1982), so that the wrap of the seconds in 2106 is none. */
export function isAfter(a: HmacSequence, b: HmacSequence): boolean {
  const seconds = (a.seconds - b.seconds) | 0;
  return seconds > 0 || (seconds === 0 && a.ticks > b.ticks);
}

/**
 * What to sign with at `wallClockUs`: the clock, or one more than last time where the clock has not
 * moved on. With a window, a last time that lies further ahead than that is forgotten: the clock
 * was set back, and no peer would take such a time stamp.
 */
export function nextSequence(
  last: HmacSequence | undefined,
  wallClockUs: number,
  windowS: number | null,
): HmacSequence {
  const wholeSeconds = Math.floor(wallClockUs / 1_000_000);
  const fraction = Math.floor(((wallClockUs % 1_000_000) * 65_536) / 1_000_000);
  const clock = { seconds: wholeSeconds >>> 0, ticks: (fraction << 16) >>> 0 };
  if (last === undefined || isAfter(clock, last)) return clock;
  const aheadS = (last.seconds - clock.seconds) | 0;
  if (windowS !== null && aheadS > windowS) return clock;
  const ticks = last.ticks + 1;
  if (ticks < ticksPerSecond) return { seconds: last.seconds, ticks };
  return { seconds: (last.seconds + 1) >>> 0, ticks: 0 };
}

function coveredBytes(signed: Uint8Array, ipSource: Uint8Array): Buffer {
  const bytes = Buffer.alloc(pseudoLength + signed.length);
  bytes[0] = ipSource.length === 16 ? 6 : 4;
  bytes[1] = (signed[0] ?? 0) >> 4;
  bytes[2] = signed[1] ?? 0;
  bytes.set(ipSource, 4);
  bytes.set(signed, pseudoLength);
  bytes.fill(0, pseudoLength + checksumOffset, pseudoLength + checksumOffset + 2);
  bytes.fill(0, bytes.length - digestLength);
  return bytes;
}

function digestOf(covered: Uint8Array, secret: string): Buffer {
  const hmac = createHmac("sha256", Buffer.from(secret, "hex"));
  return hmac.update(covered).digest().subarray(0, digestLength);
}
