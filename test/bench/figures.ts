// Turns measured values into the figures that are reported, and figures into a table. Pure.

/** What is said about a number of measurements of one quantity. */
export interface Figures {
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

/** One row of the report. */
export interface Row {
  readonly benchmark: string;
  /** With its unit. */
  readonly quantity: string;
  readonly contender: string;
  readonly figures: Figures;
}

/** The value below which a share of the ordered values lies (nearest rank). */
function rank(ordered: readonly number[], share: number): number {
  const index = Math.max(0, Math.ceil(share * ordered.length) - 1);
  return ordered[index] ?? Number.NaN;
}

export function figuresOf(values: readonly number[]): Figures {
  const ordered = values.toSorted((left, right) => left - right);
  const middle = ordered.length / 2;
  const upper = ordered[Math.floor(middle)] ?? Number.NaN;
  const lower = ordered[Math.ceil(middle) - 1] ?? Number.NaN;
  return {
    n: ordered.length,
    min: rank(ordered, 0),
    median: (upper + lower) / 2,
    p90: rank(ordered, 0.9),
    max: rank(ordered, 1),
  };
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "-";
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}

/** A Markdown table, contenders of the same quantity below each other. */
export function tableOf(rows: readonly Row[]): string {
  const head = "| benchmark | quantity | contender | median | min | p90 | n |";
  const line = "|---|---|---|---:|---:|---:|---:|";
  const body = rows.map(({ benchmark, quantity, contender, figures }) => {
    const numbers = [figures.median, figures.min, figures.p90].map(numberText).join(" | ");
    return `| ${benchmark} | ${quantity} | ${contender} | ${numbers} | ${figures.n} |`;
  });
  return `${[head, line, ...body].join("\n")}\n`;
}
