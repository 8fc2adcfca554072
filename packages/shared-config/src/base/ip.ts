// IP addresses as validated values: text in canonical form beside the bytes. Pure.
// Every address in the configuration, on the wire and in the kernel's messages goes through here.

import { isIPv6 } from "node:net";
import { assert } from "./assert.js";

export type IpFamily = 4 | 6;

const codeOfDot = 46;
const codeOf0 = 48;
const codeOf9 = 57;

/** The 4 or 16 bytes of an address in text, or undefined if `text` is not an address. */
export function parseIp(text: string): Uint8Array | undefined {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return ipv4;
  if (isIPv6(text) && !text.includes("%")) return parseIpv6(text);
  return undefined;
}

/** The canonical text (RFC 5952 for IPv6) of 4 or 16 bytes. */
export function formatIp(bytes: Uint8Array): string {
  assert(bytes.length === 4 || bytes.length === 16, "an IP address has 4 or 16 bytes");
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  return formatIpv6(bytes);
}

/** The address in canonical text, or undefined if `text` is not an address. */
export function canonicalIp(text: string): string | undefined {
  // There is one way to write an IPv4 address.
  if (parseIpv4(text) !== undefined) return text;
  const bytes = parseIp(text);
  return bytes === undefined ? undefined : formatIp(bytes);
}

/** The family of an address already known to be valid. */
export function ipFamily(text: string): IpFamily {
  return text.includes(":") ? 6 : 4;
}

/**
 * Compares two addresses of one family as unsigned numbers in network order: negative, 0 or
 * positive.
 */
export function compareIp(a: Uint8Array, b: Uint8Array): number {
  assert(a.length === b.length, "addresses of different families do not compare");
  return Buffer.compare(a, b);
}

export function isMulticast(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  return bytes.length === 4 ? first >= 224 && first <= 239 : first === 0xff;
}

/**
 * By hand, because a takeover parses thousands: a regular expression and a split cost ten times as
 * much.
 */
function parseIpv4(text: string): Uint8Array | undefined {
  if (text.length > 15) return undefined;
  const bytes = new Uint8Array(4);
  let index = 0;
  let digits = 0;
  let value = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : codeOfDot;
    if (code === codeOfDot) {
      if (digits === 0 || index > 3) return undefined;
      bytes[index++] = value;
      digits = 0;
      value = 0;
    } else {
      // A leading zero would be octal to some readers and decimal to others.
      if (code < codeOf0 || code > codeOf9 || (digits > 0 && value === 0)) return undefined;
      value = value * 10 + code - codeOf0;
      digits += 1;
      if (value > 255) return undefined;
    }
  }
  return index === 4 ? bytes : undefined;
}

function parseIpv6(text: string): Uint8Array {
  const [head = "", tail] = text.split("::");
  const front = ipv6Groups(head);
  const back = tail === undefined ? [] : ipv6Groups(tail);
  const groups = [...front, ...Array(8 - front.length - back.length).fill(0), ...back];
  const bytes = new Uint8Array(16);
  groups.forEach((group: number, i) => {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group & 0xff;
  });
  return bytes;
}

function ipv6Groups(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

function formatIpv6(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i));
  const gap = longestZeroRun(groups);
  const hex = (part: number[]): string => part.map((g) => g.toString(16)).join(":");
  if (gap.length < 2) return hex(groups);
  return `${hex(groups.slice(0, gap.start))}::${hex(groups.slice(gap.start + gap.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, i) => {
    if (group !== 0) start = i + 1;
    else if (i - start + 1 > best.length) best = { start, length: i - start + 1 };
  });
  return best;
}
