// Splits a file's text into physical lines and loses nothing: joining `text + ending` of all lines
// gives back the text. Knows nothing of comments, quotes or includes. The loader itself reads

import type { SourceLine } from "./source.js";

/** The physical lines of `text`. A text that ends in a newline has no empty line after it. */
export function splitLines(text: string): SourceLine[] {
  const lines: SourceLine[] = [];
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf("\n", start);
    if (newline < 0) {
      lines.push({ text: text.slice(start), ending: "" });
      break;
    }
    const end = newline > start && text[newline - 1] === "\r" ? newline - 1 : newline;
    lines.push({ text: text.slice(start, end), ending: text.slice(end, newline + 1) });
    start = newline + 1;
  }
  return lines;
}
