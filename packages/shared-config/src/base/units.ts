// Durations and instants. The whole project counts microseconds of CLOCK_MONOTONIC in plain numbers
// (exact up to 285 years); names end in Us, Ms or Cs (centiseconds, the unit of VRRPv3).

export const usPerMs = 1_000;
export const usPerCs = 10_000;
export const usPerSecond = 1_000_000;
