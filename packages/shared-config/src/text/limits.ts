// Every bound of the text stages in one place: what a hostile file can ask for ends here, with a
// diagnostic that names the limit. Memory and time stay proportional to these numbers.

/** keepalived's line buffer (lib/parser.h MAXBUF) holds 1024 bytes with the final NUL. */
export const lineLengthMax = 1023;
export const includeDepthMax = 16;
export const filesMax = 4096;
export const includesMax = 8192;
/** Alternatives that the braces of one include may stand for. */
export const alternativesMax = 256;
/** Paths that one pattern may match, at any of its levels. */
export const matchesMax = 1024;
/** Files and directories that includes may try to open, there or not. */
export const pathsMax = 65_536;
/** Names in all directories that wildcards lead through. */
export const namesMax = 200_000;
export const charactersMax: number = 64 * 1024 * 1024;
/** Lines in all, those that definitions and sequences make included. */
export const linesMax = 2_000_000;
/** Names that are defined, variables of sequences and lists included. */
export const definitionsMax = 100_000;
/** Replacements in one line: far more than its 1,023 characters have a use for. */
export const replacementsPerLineMax = 128;
/** Files, sequences and definitions of several lines that are open in each other. */
export const depthMax = 64;
/** Values that all sequences and lists together may take. */
export const sequenceStepsMax = 1_000_000;
/** Characters that definitions and sequences may write in all. */
export const expansionCharactersMax: number = 512 * 1024 * 1024;
/** What one replacement costs beside its line's length: it is never free. */
const replacementCost = 64;

export interface Limits {
  readonly lines: number;
  readonly sequenceSteps: number;
  readonly expansionCharacters: number;
}

export const defaultLimits: Limits = {
  lines: linesMax,
  sequenceSteps: sequenceStepsMax,
  expansionCharacters: expansionCharactersMax,
};

/** What is left of the characters that expansion may write. */
export class Allowance {
  #left: number;

  constructor(characters: number) {
    this.#left = characters;
  }

  /** Takes the cost of writing a line; false when it is not there any more. */
  spend(characters: number): boolean {
    this.#left -= characters + replacementCost;
    return this.#left >= 0;
  }
}
