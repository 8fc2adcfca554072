// Compares lines of a dump with what our configuration says they should be. A line that no row
// knows is a finding too, so that nothing in a dump goes unseen.

import { type DumpLine, linesOf } from "./dump-parse.js";

/** The wanted value of the line; undefined = there is no such line. Lists are those below it. */
export type Wanted = string | readonly string[] | undefined;

/** Each key of an object of kind T, and what it should say. */
export type Table<T> = Readonly<Record<string, (object: T) => Wanted>>;

export interface Comparison<T> {
  readonly where: string;
  readonly lines: readonly DumpLine[];
  readonly object: T;
  readonly table: Table<T>;
  /** Keys that say how things stand at the moment. */
  readonly runtime: RegExp;
}

/** One line for each difference. */
export function compare<T>({ where, lines, object, table, runtime }: Comparison<T>): string[] {
  const findings = Object.entries(table).flatMap(([key, want]) => {
    const line = linesOf(lines, key)[0];
    const wanted = want(object);
    const isList = typeof wanted === "object";
    const shown = line && (isList ? line.below.map(shownItem).join(" | ") : line.value);
    const expected = isList ? wanted.join(" | ") : wanted;
    const isSame = (shown ?? "(none)") === (expected ?? "(none)");
    return isSame
      ? []
      : [`${where}/${key}: theirs ${shown ?? "(none)"}, ours ${expected ?? "(none)"}`];
  });
  const unknown = lines.filter(({ key }) => !(key in table) && !runtime.test(key));
  return [...findings, ...unknown.map(({ text }) => `${where}: nobody compares "${text}"`)];
}

/** An item of a list, without a word on whether the kernel has it at the moment. */
export function shownItem({ text }: DumpLine): string {
  return text.replace(/ (set|\[installed.*\])$/, "");
}

/** An empty list is not shown. */
export function list(items: readonly string[]): readonly string[] | undefined {
  return items.length === 0 ? undefined : items;
}

/** A line that is there, or not. */
export function flag(value: boolean): string | undefined {
  return value ? "" : undefined;
}

/** A pattern for whole keys, of which each of `patterns` fits some. */
export function anyOf(...patterns: readonly string[]): RegExp {
  return new RegExp(`^(?:${patterns.join("|")})$`);
}
