// Object identifiers: their order, and whether one lies below another. Pure.

/** Its numbers, each 0 to 2^32 - 1. */
export type Oid = readonly number[];

/** SMI: an identifier has at most so many numbers (RFC 2578 section 3.5). */
export const oidLengthMax = 128;

/** Lexicographical: less than 0 when `a` comes first. */
export function compareOids(a: Oid, b: Oid): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function startsWith(oid: Oid, prefix: Oid): boolean {
  return oid.length >= prefix.length && prefix.every((number, i) => oid[i] === number);
}

export function oidText(oid: Oid): string {
  return oid.join(".");
}

/** For constants: throws nothing, "1.3.6" is [1, 3, 6]. */
export function oidOf(text: string): Oid {
  return text.split(".").map(Number);
}
