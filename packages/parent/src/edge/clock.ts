// The clock of the parent: CLOCK_MONOTONIC in microseconds, as everywhere in this project.

export function monotonicNowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
