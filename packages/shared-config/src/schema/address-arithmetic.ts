// Prefix lengths, masks and broadcast addresses. Pure arithmetic on the bytes of base/ip.

import { formatIp, parseIp } from "../base/ip.js";

/** 32 or 128. */
export function prefixLengthMax(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/** RFC 3021: a /31 has no broadcast address, nor has a /32. */
export function isTooLongForBroadcast(prefixLength: number): boolean {
  return prefixLength > 30;
}

/** `+` sets the host bits, `-` clears them (ip-address(8)). */
export function broadcastOf(bytes: Uint8Array, prefixLength: number, form: "+" | "-"): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  const hostBits = prefixLength === 0 ? 0xffffffff : 2 ** (32 - prefixLength) - 1;
  const address = view.getUint32(0);
  const result = form === "+" ? address | hostBits : address & ~hostBits;
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, result >>> 0);
  return formatIp(out);
}

/** The prefix length that a mask such as 255.255.255.0 stands for, or undefined if it has gaps. */
export function maskLength(text: string): number | undefined {
  const bytes = parseIp(text);
  if (bytes?.length !== 4) return undefined;
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1+0*$/.test(bits) ? bits.replaceAll("0", "").length : undefined;
}

/** fe80::/10, of use only together with an interface (RFC 4291 section 2.5.6). */
export function isLinkLocal6(bytes: Uint8Array): boolean {
  return bytes.length === 16 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}
