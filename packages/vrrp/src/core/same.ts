// Whether two plain JSON values say the same. A reload compares whole configurations with it in the
// process that sends adverts, so it builds no texts and no copies.

export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  return hasAllOf(a, b) && hasAllOf(b, a);
}

/** A member that is undefined counts as absent. */
function hasAllOf(a: object, b: object): boolean {
  for (const [key, value] of Object.entries(a)) {
    if (!isSame(value, (b as Record<string, unknown>)[key])) return false;
  }
  return true;
}
