// How a data file shows an object: a table of keys, each beside what is said of the object, in the
// order of the file. The forms are keepalived's, which exporters and scripts parse.

/** A line of a form of its own, and the lines below it. */
export interface OwnLine {
  readonly line: string;
  readonly items?: readonly string[];
}

/** "key = value"; a list stands below its key; "" is the key alone; undefined is no line. */
export type Shown = string | readonly string[] | OwnLine | undefined;

export type Table<T> = Readonly<Record<string, (object: T) => Shown>>;

export function tableLines<T>(table: Table<T>, object: T, indent: string): string[] {
  return Object.entries(table).flatMap(([key, show]) => shownLines(key, show(object), indent));
}

function shownLines(key: string, shown: Shown, indent: string): string[] {
  if (shown === undefined) return [];
  if (typeof shown === "string") {
    return [shown === "" ? `${indent}${key}` : `${indent}${key} = ${shown}`];
  }
  const { line, items = [] } = "line" in shown ? shown : { line: `${key} :`, items: shown };
  return [`${indent}${line}`, ...items.map((item) => `${indent}  ${item}`)];
}

/** An empty list is not shown. */
export function list(items: readonly string[]): readonly string[] | undefined {
  return items.length === 0 ? undefined : items;
}

/** A line that is there, or not. */
export function flag(value: boolean): string | undefined {
  return value ? "" : undefined;
}

/** The title of a section. */
export function title(text: string): string {
  return `------< ${text} >------`;
}
