// Compares the lines of two dumps: what Debian's keepalived shows of an object, and what ours does.
// A line that only one of them has is a finding too, so that nothing in a dump goes unseen.

import { type DumpLine, linesOf } from "./dump-parse.js";

export interface Comparison {
  readonly where: string;
  readonly theirs: readonly DumpLine[];
  readonly ours: readonly DumpLine[];
  /** Keys that say how things stand at the moment. */
  readonly runtime: RegExp;
}

/** One line for each difference. */
export function compare({ where, theirs, ours, runtime }: Comparison): string[] {
  const keys = new Set([...theirs, ...ours].map(({ key }) => key));
  return [...keys].flatMap((key) => {
    if (runtime.test(key)) return [];
    const [their, our] = [shown(theirs, key), shown(ours, key)];
    return their === our ? [] : [`${where}/${key}: theirs ${their}, ours ${our}`];
  });
}

function shown(lines: readonly DumpLine[], key: string): string {
  const line = linesOf(lines, key)[0];
  if (line === undefined) return "(none)";
  return [line.value, ...line.below.map(shownItem)].join(" | ");
}

/** An item of a list, without a word on whether the kernel has it at the moment. */
export function shownItem({ text }: DumpLine): string {
  return text.replace(/ (set|\[installed.*\])$/, "");
}

/** A pattern for whole keys, of which each of `patterns` fits some. */
export function anyOf(...patterns: readonly string[]): RegExp {
  return new RegExp(`^(?:${patterns.join("|")})$`);
}
