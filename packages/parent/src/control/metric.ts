// One metric of Prometheus's text format 0.0.4, and how it is written. Touches nothing.

import {
  type HistogramCounts,
  histogramBoundsUs,
} from "@keepalived-ts/shared-config/base/histogram";

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Behind the name: `_bucket` and its kin. */
  readonly suffix?: string;
}

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

export function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: "gauge", samples };
}

export function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: "counter", samples };
}

export function secondsOf(us: number): number {
  return Number((us / 1e6).toFixed(6));
}

/** Buckets hold all that is smaller, too. */
export function histogram(
  name: string,
  help: string,
  all: readonly (readonly [labels: Labels, counts: HistogramCounts])[],
): Metric {
  const samples = all.flatMap(([labels, { counts, sumUs }]): Sample[] => {
    let total = 0;
    const buckets = counts.map((count, i) => {
      total += count;
      const bound = histogramBoundsUs[i];
      const le = bound === undefined ? "+Inf" : String(bound / 1e6);
      return { suffix: "_bucket", labels: { ...labels, le }, value: total };
    });
    return [
      ...buckets,
      { suffix: "_sum", labels, value: secondsOf(sumUs) },
      { suffix: "_count", labels, value: total },
    ];
  });
  return { name, help, type: "histogram", samples };
}

export function metricText({ name, help, type, samples }: Metric): string {
  if (samples.length === 0) return "";
  const lines = samples.map(
    ({ labels, value, suffix = "" }) => `${name}${suffix}${labelText(labels)} ${value}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function labelText(labels: Labels): string {
  const entries = Object.entries(labels);
  if (entries.length === 0) return "";
  return `{${entries.map(([name, value]) => `${name}="${escaped(value)}"`).join(",")}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
