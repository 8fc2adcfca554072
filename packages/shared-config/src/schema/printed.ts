// The way back from a typed configuration to keepalived.conf: statements whose words are ready to
// be written, and their text. What a keyword prints stands with its rule; order is that of the
// tables.

/** A statement as it will be written: each word already quoted where it must be. */
export interface PrintedStatement {
  readonly keyword: string;
  readonly words: readonly string[];
  readonly block?: readonly PrintedStatement[] | undefined;
}

/** A settings object whose fields a table of keywords prints. */
export type Printable = Readonly<Record<string, unknown>>;

const indent = "    ";

/** The text of `statements`, four blanks a level. */
export function renderStatements(statements: readonly PrintedStatement[], depth = 0): string {
  return statements.map((statement) => renderStatement(statement, depth)).join("");
}

function renderStatement({ keyword, words, block }: PrintedStatement, depth: number): string {
  const margin = indent.repeat(depth);
  const line = [keyword, ...words].join(" ");
  if (block === undefined) return `${margin}${line}\n`;
  return `${margin}${line} {\n${renderStatements(block, depth + 1)}${margin}}\n`;
}

/**
 * `word` as the parser reads it back: in quotes when a blank, brace or comment would end it, or when
 * it would begin a line as a condition, definition or sequence.
 */
export function quoteWord(word: string): string {
  return word === "" || /^[@$~]|[ \t\r{}#!]/.test(word) ? `"${word}"` : word;
}

/**
 * A word of a script keyword. Backslash escapes there; a quote is written as \x22, since the search
 * for comments counts every quote (lib/parser.c decomment).
 */
export function quoteScriptWord(word: string): string {
  return `"${word.replaceAll("\\", "\\\\").replaceAll('"', "\\x22")}"`;
}
