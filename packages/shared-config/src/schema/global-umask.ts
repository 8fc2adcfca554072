// The words of umask: a number in the notations of C, or names of mode bits joined by "|". Follows
// umask_handler of keepalived's core/global_parser.c.

import type { Statement, Word } from "../text/ast.js";
import { firstWord } from "./keyword.js";

const umaskMax = 0o777;

/** sys/stat.h, without the S_ that all of them start with. */
const bits: Readonly<Record<string, number>> = {
  IRUSR: 0o400,
  IWUSR: 0o200,
  IXUSR: 0o100,
  IRWXU: 0o700,
  IRGRP: 0o040,
  IWGRP: 0o020,
  IXGRP: 0o010,
  IRWXG: 0o070,
  IROTH: 0o004,
  IWOTH: 0o002,
  IXOTH: 0o001,
  IRWXO: 0o007,
};

export const umaskForm = "0 to 0777, or names such as IRGRP|IWGRP|IRWXO";

/** The mask, or the word at fault. */
export function readUmask(statement: Statement): number | Word {
  const first = firstWord(statement);
  if (/^\d/.test(first.value)) return statement.words[1] ?? readMaskNumber(first.value) ?? first;
  return readMaskNames(statement.words);
}

export function formatUmask(mask: number): string {
  return `0${mask.toString(8)}`;
}

function readMaskNumber(text: string): number | undefined {
  const [, hexadecimal, octal, decimal] =
    /^(?:0[xX]([0-9a-fA-F]{1,8})|0([0-7]{0,8})|([1-9]\d{0,8}))$/.exec(text) ?? [];
  if (hexadecimal !== undefined) return withinMask(Number.parseInt(hexadecimal, 16));
  if (octal !== undefined) return withinMask(Number.parseInt(`0${octal}`, 8));
  return decimal === undefined ? undefined : withinMask(Number(decimal));
}

function withinMask(value: number): number | undefined {
  return value <= umaskMax ? value : undefined;
}

/** Blanks may stand around the bars; names and bars must alternate. */
function readMaskNames(words: readonly Word[]): number | Word {
  let mask = 0;
  let isNameNext = true;
  let last = words[0];
  for (const word of words) {
    last = word;
    for (const piece of word.value.split(/(\|)/).filter((each) => each !== "")) {
      const bit = Object.hasOwn(bits, piece) ? bits[piece] : undefined;
      if (isNameNext ? bit === undefined : piece !== "|") return word;
      mask |= bit ?? 0;
      isNameNext = !isNameNext;
    }
  }
  return isNameNext && last !== undefined ? last : mask;
}
