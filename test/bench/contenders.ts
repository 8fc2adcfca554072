// Who is measured. Every benchmark runs them alternately, so that what disturbs one disturbs the
// other.

import {
  type DaemonRunner,
  DEBIAN_KEEPALIVED,
  KEEPALIVED_TS,
  runDebianKeepalived,
  runKeepalivedTs,
} from "../lab/daemon.js";
import { figuresOf, type Row } from "./figures.js";

export interface Contender {
  readonly name: string;
  readonly isOurs: boolean;
  /** The executable. */
  readonly command: string;
  readonly run: DaemonRunner;
}

/** Less to log than in the tests, and the same for both. */
const FLAGS = ["-n", "-l", "-G"];

export const CONTENDERS: readonly Contender[] = [
  {
    name: "keepalived-ts",
    isOurs: true,
    command: KEEPALIVED_TS,
    run: (host, text) => runKeepalivedTs(host, text, FLAGS),
  },
  {
    name: "keepalived 2.2.7",
    isOurs: false,
    command: DEBIAN_KEEPALIVED,
    run: (host, text) => runDebianKeepalived(host, text, FLAGS),
  },
];

/** One measurement: quantity, with its unit, to value. */
export type Measured = Readonly<Record<string, number>>;

export interface Series {
  readonly benchmark: string;
  readonly rounds: number;
  readonly measure: (contender: Contender) => Promise<Measured>;
}

/** Measures every contender `rounds` times, alternating, and reports each quantity. */
export async function runSeries(series: Series, say: (text: string) => void): Promise<Row[]> {
  const values = new Map<string, { contender: string; quantity: string; list: number[] }>();
  for (let round = 1; round <= series.rounds; round += 1) {
    for (const contender of CONTENDERS) {
      const measured = await series.measure(contender);
      const shown = Object.entries(measured).map(([name, value]) => `${name} ${value.toFixed(2)}`);
      say(`${series.benchmark} ${round}/${series.rounds} ${contender.name}: ${shown.join(", ")}`);
      for (const [quantity, value] of Object.entries(measured)) {
        const key = `${quantity}\n${contender.name}`;
        const entry = values.get(key) ?? { contender: contender.name, quantity, list: [] };
        entry.list.push(value);
        values.set(key, entry);
      }
    }
  }
  const { benchmark } = series;
  const rows = [...values.values()].map(({ contender, quantity, list }) => ({
    benchmark,
    quantity,
    contender,
    figures: figuresOf(list),
  }));
  const order = [...new Set(rows.map((row) => row.quantity))];
  return rows.toSorted((a, b) => order.indexOf(a.quantity) - order.indexOf(b.quantity));
}
