// A small seeded generator (mulberry32) for cores and simulators: same seed, same run. Not for
// secrets.

export interface RandomState {
  seed: number;
}

/** The next number in [0, 1); advances `state`. */
export function nextRandom(state: RandomState): number {
  state.seed = (state.seed + 0x6d2b79f5) >>> 0;
  let mixed = state.seed;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}

/** The next integer in [low, high]; advances `state`. */
export function nextInteger(state: RandomState, low: number, high: number): number {
  return low + Math.floor(nextRandom(state) * (high - low + 1));
}
