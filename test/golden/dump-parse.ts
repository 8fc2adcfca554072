// Reads the text that keepalived writes on SIGUSR1 (keepalived.data, keepalived_check.data): titles
// of sections, and below them lines whose blanks at the start say what belongs to what.

/** A line and those below it that stand further in. */
export interface DumpLine {
  /** What stands before " =" or ":"; the whole line where there is neither. */
  readonly key: string;
  /** What stands behind; "" where there is nothing. */
  readonly value: string;
  readonly text: string;
  readonly below: readonly DumpLine[];
}

interface OpenLine extends DumpLine {
  readonly indent: number;
  readonly below: OpenLine[];
}

/** The lines of each section by title. */
export type Dump = ReadonlyMap<string, readonly DumpLine[]>;

export function parseDump(text: string): Dump {
  const sections = new Map<string, DumpLine[]>();
  let open: OpenLine[] = [];
  for (const line of text.split("\n")) {
    const title = /^-+< (.*) >-+$/.exec(line)?.[1];
    if (title !== undefined) {
      open = [{ ...readLine(title), indent: -1, below: [] }];
      sections.set(title, open[0]?.below ?? []);
    } else if (line.trim() !== "") {
      const indent = line.length - line.trimStart().length;
      while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
      const read: OpenLine = { ...readLine(line.trim()), indent, below: [] };
      open.at(-1)?.below.push(read);
      open.push(read);
    }
  }
  return sections;
}

function readLine(text: string): Omit<DumpLine, "below"> {
  const [, key = text, value = ""] =
    /^(.+?)(?: =| :|:)(?: (.*))?$/.exec(text.replace(/ \(\d+\) ?:$/, ":")) ?? [];
  return { key: key.trim(), value: value.trim(), text };
}

/** The lines below `parent` with this key. */
export function linesOf(lines: readonly DumpLine[], key: string): readonly DumpLine[] {
  return lines.filter((line) => line.key === key);
}

/** The texts of the lines below the first line with this key. */
export function listOf(lines: readonly DumpLine[], key: string): readonly string[] {
  return linesOf(lines, key).flatMap(({ below }) => below.map(({ text }) => text));
}
