// The kernel's statistics of a service or server as KEEPALIVED-MIB lays them out: connections,
// bytes of 64 bits, rates of 32 bits, then all packets and rates again, the latter in two halves.
// Pure.

import type { IpvsTraffic } from "@keepalived-ts/shared-config/ipc/messages";
import type { Read } from "./object-tree.js";
import { counter64, gauge } from "./values.js";

export interface TrafficPlaces<Row> {
  readonly connections: number;
  /** Two columns of bytes; three behind `connections` by default. */
  readonly bytes?: number;
  /** Five columns of rates. */
  readonly rates: number;
  /** Three counters of 64 bits, then five rates in a low and a high half each. */
  readonly wide: number;
  of(row: Row): IpvsTraffic | undefined;
}

const rateFirst = 5;
const rateCount = 5;

export function trafficColumns<Row>(places: TrafficPlaces<Row>): Record<number, Read<Row>> {
  const at = (row: Row, place: number): number => places.of(row)?.[place] ?? 0;
  const bytes = places.bytes ?? places.connections + 3;
  // A Gauge32 stays at its maximum.
  const columns: Record<number, Read<Row>> = {
    [places.connections]: (row) => gauge(at(row, 0)),
    [bytes]: (row) => counter64(at(row, 3)),
    [bytes + 1]: (row) => counter64(at(row, 4)),
  };
  for (let i = 0; i < 3; i++) columns[places.wide + i] = (row) => counter64(at(row, i));
  const halves = places.wide + 3;
  for (let i = 0; i < rateCount; i++) {
    columns[places.rates + i] = (row) => gauge(at(row, rateFirst + i));
    columns[halves + 2 * i] = (row) => gauge(at(row, rateFirst + i) % 2 ** 32);
    columns[halves + 2 * i + 1] = (row) => gauge(Math.floor(at(row, rateFirst + i) / 2 ** 32));
  }
  return columns;
}
