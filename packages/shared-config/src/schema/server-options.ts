// Keywords of ours that real servers and what stands around them share. Decides their ranges; what
// is inherited is the linker's.

import { usPerSecond } from "../base/units.js";
import type { Located } from "../text/source.js";
import { type Field, seconds } from "./forms.js";
import type { Rule } from "./keyword.js";

/** A year: longer than anyone waits, and safely inside every timer. */
export const durationUsMax: number = 31_536_000 * usPerSecond;

interface HasSlowStart {
  slowStartUs?: Located<number> | undefined;
}

/** How long the weight of a server that comes back climbs; 0 = it has its weight at once. */
export function slowStart<D extends HasSlowStart>(): Rule<D> {
  return seconds("slowStartUs" as Field<D, number>, { from: 0, to: durationUsMax });
}

interface HasDrain {
  drainTimeoutUs?: Located<number> | undefined;
}

/** How long a server that is removed may keep its connections; 0 = not at all. */
export function drainTimeout<D extends HasDrain>(): Rule<D> {
  return seconds("drainTimeoutUs" as Field<D, number>, { from: 0, to: durationUsMax });
}
