// How often something took how long, in fixed classes. Counting allocates nothing.

/** The upper ends of the classes; a last one has no end. 100 us to 10 s. */
export const histogramBoundsUs: readonly number[] = [
  ...[100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000],
  ...[1_000_000, 2_500_000, 5_000_000, 10_000_000],
];

export interface HistogramCounts {
  /** One a class. */
  readonly counts: readonly number[];
  readonly sumUs: number;
}

export interface Histogram {
  readonly counts: number[];
  sumUs: number;
}

export function newHistogram(): Histogram {
  return { counts: new Array<number>(histogramBoundsUs.length + 1).fill(0), sumUs: 0 };
}

export function observe(histogram: Histogram, us: number): void {
  let place = 0;
  while (place < histogramBoundsUs.length && us > (histogramBoundsUs[place] ?? 0)) place += 1;
  histogram.counts[place] = (histogram.counts[place] ?? 0) + 1;
  histogram.sumUs += us;
}
