// Under which name the queues know what belongs to no instance. Decides nothing.

/** No instance can have it. */
export const staticOwner = "";

/** The beginning of a line about what `owner` holds. */
export function ownerPrefix(owner: string): string {
  return owner === staticOwner ? "" : `(${owner}) `;
}
