// The Internet checksum (RFC 1071) of IPv4 headers, VRRP messages and ICMPv6. Pure.

/** Adds `bytes` to a running one's complement sum; an odd last byte counts as the high one. */
export function addToChecksum(sum: number, bytes: Uint8Array): number {
  let total = sum;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  if (even < bytes.length) total += (bytes[even] ?? 0) << 8;
  return total;
}

/** Ends a running sum: the value for the checksum field, or 0 when the sum covered a right one. */
export function finishChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded & 0xffff);
  return ~folded & 0xffff;
}

/**
 * The sum over the pseudo-header in front of a message: source, destination, then for IPv4 zero,
 * protocol and 16-bit length (RFC 793), for IPv6 32-bit length, three zeros and next header (RFC
 * 8200 section 8.1). Both come to the same sum.
 */
export function pseudoHeaderSum(
  protocol: number,
  source: Uint8Array,
  destination: Uint8Array,
  length: number,
): number {
  return addToChecksum(addToChecksum(protocol + length, source), destination);
}
