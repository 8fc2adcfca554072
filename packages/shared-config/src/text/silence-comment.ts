// The comments that silence hints, as written: `# keepalived-ts: silence CODE[, CODE...]`, or
// `silence-file`. Knows nothing of what a code stands for or which lines a comment reaches.

/** A line without this holds no such comment. */
export const silenceMark = "keepalived-ts: silence";

export interface SilencedCode {
  readonly code: string;
  /** Offset into the line. */
  readonly start: number;
}

export interface SilenceComment {
  readonly codes: readonly SilencedCode[];
  readonly isForFile: boolean;
}

/** The silence comment that starts at `start` of `line`, if that comment is one. */
export function silenceCommentAt(line: string, start: number): SilenceComment | undefined {
  const pattern = /[#!]+[ \t]*keepalived-ts: silence(-file)?(?=[ \t:,]|\r?$)/y;
  pattern.lastIndex = start;
  const match = pattern.exec(line);
  if (match === null) return undefined;
  const codes: SilencedCode[] = [];
  const word = /[^ \t\r,]+/g;
  word.lastIndex = pattern.lastIndex;
  for (let found = word.exec(line); found !== null; found = word.exec(line)) {
    codes.push({ code: found[0], start: found.index });
  }
  return { codes, isForFile: match[1] !== undefined };
}
