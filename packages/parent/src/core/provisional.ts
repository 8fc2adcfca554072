// A configuration that goes back to the former one unless somebody confirms it in time. Pure: when
// a reload came and when it is now are handed in.

import type { Config } from "@keepalived-ts/shared-config/schema/config";

export interface Provisional {
  /** What was in force before the first reload that nobody has confirmed. */
  readonly former: Config;
  /** When to go back to it. */
  readonly until: number;
}

/**
 * After a reload that was accepted. One that wants no confirmation confirms those before it; one
 * that does begins the time anew, and goes back behind all that nobody has confirmed.
 */
export function afterReload(
  present: Provisional | undefined,
  running: Config,
  confirmWithinUs: number | undefined,
  now: number,
): Provisional | undefined {
  if (confirmWithinUs === undefined) return undefined;
  return { former: present?.former ?? running, until: now + confirmWithinUs };
}
