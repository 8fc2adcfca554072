// The objects that we serve at one moment, in the order of their identifiers, and how one is found.
// Knows no MIB: tables say of which columns they are made and where their rows come from; a value
// is worked out when it is asked for. Pure.

import { agentxError, type SearchRange, type SnmpValue } from "./agentx-types.js";
import { compareOids, type Oid, startsWith } from "./oid.js";

/** What a column shows of a row; undefined = this row has no such object. */
export type Read<Row> = (row: Row) => SnmpValue | undefined;

/** Why a value cannot be set: an error of agentxError. */
export interface Refusal {
  readonly error: number;
}

export interface Column<Row, Change> {
  readonly read: Read<Row>;
  /** The change that setting it to `value` means. Absent: it cannot be set. */
  readonly write?: (row: Row, value: SnmpValue) => Change | Refusal;
}

export interface IndexedRow<Row> {
  readonly index: Oid;
  readonly row: Row;
}

/** A table, or, with the one index 0, a group of scalars. */
export interface ObjectTable<Row, Change> {
  /** Of its entry: the number of a column follows, then the index. */
  readonly entry: Oid;
  readonly columns: Readonly<Record<number, Read<Row> | Column<Row, Change>>>;
  /** In any order. */
  rows(): readonly IndexedRow<Row>[];
}

/** A column in its place; what its rows are is nobody else's business. */
export interface PlacedColumn<Change> {
  readonly oid: Oid;
  /** In order. */
  indexes(): readonly { readonly index: Oid }[];
  read(at: number): SnmpValue | undefined;
  readonly write: ((at: number, value: SnmpValue) => Change | Refusal) | undefined;
}

export interface Found<Change> {
  readonly oid: Oid;
  readonly value: SnmpValue;
  readonly write: ((value: SnmpValue) => Change | Refusal) | undefined;
}

export class ObjectTree<Change> {
  readonly #columns: readonly PlacedColumn<Change>[];

  constructor(columns: readonly PlacedColumn<Change>[]) {
    this.#columns = [...columns].sort((a, b) => compareOids(a.oid, b.oid));
  }

  get(oid: Oid): Found<Change> | "noSuchObject" | "noSuchInstance" {
    const placed = this.#columns[this.#columnBefore(oid)];
    if (placed === undefined || !startsWith(oid, placed.oid)) return "noSuchObject";
    const index = oid.slice(placed.oid.length);
    const rows = placed.indexes();
    const at = firstAt(rows, index);
    const row = rows[at];
    if (row === undefined || compareOids(row.index, index) !== 0) return "noSuchInstance";
    return found(placed, at) ?? "noSuchInstance";
  }

  /** The first object of the range. */
  next({ start, isIncluded, end }: SearchRange): Found<Change> | undefined {
    let wanted = start;
    let takesEqual = isIncluded;
    for (let i = Math.max(this.#columnBefore(start), 0); i < this.#columns.length; i++) {
      const placed = this.#columns[i];
      if (placed === undefined) return undefined;
      if (end.length > 0 && compareOids(placed.oid, end) >= 0) return undefined;
      const object = firstObject(placed, wanted, takesEqual);
      if (object !== undefined) {
        return end.length > 0 && compareOids(object.oid, end) >= 0 ? undefined : object;
      }
      wanted = [];
      takesEqual = true;
    }
    return undefined;
  }

  /** The last column that is not behind `oid`; -1 = none. */
  #columnBefore(oid: Oid): number {
    let from = 0;
    let to = this.#columns.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const placed = this.#columns[middle];
      if (placed !== undefined && compareOids(placed.oid, oid) <= 0) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }
}

/** The first object of a column that is behind `wanted`, or equal to it. */
function firstObject<Change>(
  placed: PlacedColumn<Change>,
  wanted: Oid,
  takesEqual: boolean,
): Found<Change> | undefined {
  const rows = placed.indexes();
  let at = 0;
  if (startsWith(wanted, placed.oid)) {
    const index = wanted.slice(placed.oid.length);
    at = firstAt(rows, index);
    const row = rows[at];
    if (!takesEqual && row !== undefined && compareOids(row.index, index) === 0) at += 1;
  } else if (compareOids(wanted, placed.oid) > 0) return undefined;
  for (; at < rows.length; at++) {
    const object = found(placed, at);
    if (object !== undefined) return object;
  }
  return undefined;
}

/** Where the first row is that does not come before `index`. */
function firstAt(rows: readonly { readonly index: Oid }[], index: Oid): number {
  let from = 0;
  let to = rows.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const row = rows[middle];
    if (row !== undefined && compareOids(row.index, index) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function found<Change>(placed: PlacedColumn<Change>, at: number): Found<Change> | undefined {
  const { write } = placed;
  const index = placed.indexes()[at]?.index;
  const value = placed.read(at);
  if (index === undefined || value === undefined) return undefined;
  return {
    oid: [...placed.oid, ...index],
    value,
    write: write && ((wanted) => write(at, wanted)),
  };
}

/** The columns of a table, which share its rows. */
export function placed<Row, Change>({
  entry,
  columns,
  rows,
}: ObjectTable<Row, Change>): PlacedColumn<Change>[] {
  let sorted: readonly IndexedRow<Row>[] | undefined;
  const indexes = (): readonly IndexedRow<Row>[] => {
    sorted ??= [...rows()].sort((a, b) => compareOids(a.index, b.index));
    return sorted;
  };
  const rowAt = (at: number): Row | undefined => indexes()[at]?.row;
  return Object.entries(columns).map(([number, given]) => {
    const column: Column<Row, Change> = typeof given === "function" ? { read: given } : given;
    const { read, write } = column;
    return {
      oid: [...entry, Number(number)],
      indexes,
      read: (at) => {
        const row = rowAt(at);
        return row === undefined ? undefined : read(row);
      },
      write:
        write &&
        ((at, value) => {
          const row = rowAt(at);
          return row === undefined ? { error: agentxError.noCreation } : write(row, value);
        }),
    };
  });
}

export function isRefusal<Change extends object>(result: Change | Refusal): result is Refusal {
  return "error" in result;
}
