// Remembers where in the files secrets stand, as the parser finds them: in lines of blocks that
// hold secrets, after keywords that take one, and in the definitions and lists they came from.
// Columns and lines, not values: a value would give itself away wherever it is concealed.

import { type LogicalLine, type Segment, spanOf } from "./logical-line.js";
import type { KnownSecret } from "./secrets.js";
import type { Cause } from "./source.js";

/** Lines remembered in all; beyond them no line is shown any more. */
const linesMax = 100_000;

/** What is secret in one line of a file. */
export interface SecretLine extends KnownSecret {
  from: number;
  isGiver: boolean;
  /** Variables of its list that a secret came from. */
  variables?: Set<string>;
}

export class SecretPlaces {
  readonly #files: Map<string, Map<number, SecretLine>> = new Map();
  #count = 0;

  /** The characters from `start` to `end` of `line` may be a secret. */
  add(line: LogicalLine, start: number, end: number): void {
    const { file, line: number, column } = spanOf(line, start, end);
    const known = this.#known(file.path, number);
    if (known !== undefined) known.from = Math.min(known.from, column - 1);
    line.segments?.forEach((segment, index, { [index + 1]: next }) => {
      const to = next?.start ?? line.to - line.from;
      if (segment.start >= end || to <= start || segment.width === undefined) return;
      this.#addGiver(segment, line.text.slice(segment.start, to));
    });
  }

  /** What is secret in that line; undefined when nothing is known to be. */
  at(path: string, number: number): SecretLine | undefined {
    return this.#files.get(path)?.get(number);
  }

  /** Whether there were so many that some were not remembered. */
  get isFull(): boolean {
    return this.#count >= linesMax;
  }

  /** `text` was put in the place of a name by what `segment` tells. */
  #addGiver({ cause }: Segment, text: string): void {
    // The numbers of a ~SEQ are no secrets.
    if (cause === undefined || cause.kind === "sequence") return;
    const known = this.#known(cause.path, cause.line);
    if (known === undefined) return;
    known.isGiver = true;
    known.variables ??= new Set();
    for (const name of namesOf(cause, text)) known.variables.add(name);
  }

  #known(path: string, number: number): SecretLine | undefined {
    const lines = this.#files.get(path) ?? new Map<number, SecretLine>();
    const known = lines.get(number);
    if (known !== undefined || this.isFull) return known;
    const made: SecretLine = { from: Number.POSITIVE_INFINITY, isGiver: false };
    this.#files.set(path, lines.set(number, made));
    this.#count++;
    return made;
  }
}

/** The variables that may have given `text`. */
function namesOf({ names, values }: Cause, text: string): readonly string[] {
  const givers = names.filter((_, index) => values[index] === text);
  return givers.length === 0 ? names : givers;
}
