// Compares lines of a dump with what our configuration says they should be. A line that no row
// knows is a finding too, so that nothing in a dump goes unseen.

import { shownItem } from "./dump-compare.js";
import { type DumpLine, linesOf } from "./dump-parse.js";

/** The wanted value of the line; undefined = there is no such line. Lists are those below it. */
type Wanted = string | readonly string[] | undefined;

/** Each key of an object of kind T, and what it should say. */
export type Table<T> = Readonly<Record<string, (object: T) => Wanted>>;

interface Comparison<T> {
  readonly where: string;
  readonly lines: readonly DumpLine[];
  readonly object: T;
  readonly table: Table<T>;
  /** Keys that say how things stand at the moment. */
  readonly runtime: RegExp;
}

/** One line for each difference. */
export function compareTable<T>({ where, lines, object, table, runtime }: Comparison<T>): string[] {
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
