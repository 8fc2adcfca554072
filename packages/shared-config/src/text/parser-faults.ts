// What the parser has to say about braces and quotes. All of it is an error that keepalived reports
// too, and none of it keeps anything from being read.

import type { DiagnosticCode } from "./codes.js";

/** keepalived.conf needs 5 levels. */
export const blockDepthMax = 32;

/** A diagnostic but for its place. */
export interface Fault {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
}

type FaultName = "unterminatedQuote" | "unexpectedOpen" | "extraClose" | "missingClose" | "tooDeep";

export const faults: Readonly<Record<FaultName, Fault>> = {
  unterminatedQuote: {
    code: "UNTERMINATED_QUOTE",
    message: "Cannot find the closing quote; the word is taken to end with the line",
    hint: 'add the closing "',
  },
  unexpectedOpen: {
    code: "UNEXPECTED_OPEN_BRACE",
    message: "Cannot tell which keyword this { belongs to; the brace is ignored",
  },
  extraClose: {
    code: "EXTRA_CLOSE_BRACE",
    message: "Cannot match this } with a {; the brace is ignored",
  },
  missingClose: {
    code: "MISSING_CLOSE_BRACE",
    message: "Cannot find the } of this block; it is taken to end with the file",
  },
  tooDeep: {
    code: "BLOCK_TOO_DEEP",
    message: `Cannot use blocks nested deeper than ${blockDepthMax}; the block is skipped`,
  },
};

export function missingOpen(keyword: string): Fault {
  return {
    code: "MISSING_OPEN_BRACE",
    message: `Cannot find the { of "${keyword}"; it is read as if it were there`,
    hint: `write "${keyword} ... {"`,
  };
}
