// The Internet checksum (RFC 1071) of IPv4 headers and VRRP messages. Pure.

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
