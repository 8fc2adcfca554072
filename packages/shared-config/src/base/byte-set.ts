// Sets of bytes, as the character classes of PCRE2 without Unicode are (pcre2pattern(3)), and how
// they are written for JavaScript. The letters are those of the C locale.

export type ByteSet = Uint8Array;

export function byteSet(...ranges: readonly (readonly [number, number])[]): ByteSet {
  const set = new Uint8Array(256);
  for (const [from, to] of ranges) set.fill(1, from, to + 1);
  return set;
}

export function addAll(set: ByteSet, other: ByteSet): void {
  for (let byte = 0; byte < 256; byte++) if (other[byte]) set[byte] = 1;
}

export function inverted(set: ByteSet): ByteSet {
  return set.map((isIn) => 1 - isIn);
}

/** With both cases of every ASCII letter in it. */
export function withBothCases(set: ByteSet): ByteSet {
  const both = set.slice();
  for (let upper = 0x41; upper <= 0x5a; upper++) {
    if (set[upper] || set[upper + 0x20]) both[upper] = both[upper + 0x20] = 1;
  }
  return both;
}

/** As a class of a JavaScript RegExp, where character codes stand for bytes. */
export function byteClass(set: ByteSet): string {
  let text = "";
  for (let from = 0; from < 256; from++) {
    if (!set[from]) continue;
    let to = from;
    while (to < 255 && set[to + 1]) to++;
    text += from === to ? byteText(from) : `${byteText(from)}-${byteText(to)}`;
    from = to;
  }
  return `[${text}]`;
}

export function byteText(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

const digit = byteSet([0x30, 0x39]);
const upper = byteSet([0x41, 0x5a]);
const lower = byteSet([0x61, 0x7a]);
const alpha = byteSet([0x41, 0x5a], [0x61, 0x7a]);
const alnum = byteSet([0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a]);
const word = byteSet([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]);
const space = byteSet([9, 13], [32, 32]);
const horizontal = byteSet([9, 9], [32, 32], [0xa0, 0xa0]);
const vertical = byteSet([10, 13], [0x85, 0x85]);
const newline = byteSet([10, 10]);

/** What `\d` and the like stand for, by their letter. */
export const escapedClasses: ReadonlyMap<string, ByteSet> = new Map([
  ["d", digit],
  ["D", inverted(digit)],
  ["w", word],
  ["W", inverted(word)],
  ["s", space],
  ["S", inverted(space)],
  ["h", horizontal],
  ["H", inverted(horizontal)],
  ["v", vertical],
  ["V", inverted(vertical)],
]);

/** `.` without dotall, and `\N`. */
export const notNewline: ByteSet = inverted(newline);

export const posixClasses: ReadonlyMap<string, ByteSet> = new Map([
  ["alpha", alpha],
  ["lower", lower],
  ["upper", upper],
  ["alnum", alnum],
  ["ascii", byteSet([0, 127])],
  ["blank", byteSet([9, 9], [32, 32])],
  ["cntrl", byteSet([0, 31], [127, 127])],
  ["digit", digit],
  ["graph", byteSet([33, 126])],
  ["print", byteSet([32, 126])],
  ["punct", byteSet([33, 47], [58, 64], [91, 96], [123, 126])],
  ["space", space],
  ["word", word],
  ["xdigit", byteSet([0x30, 0x39], [0x41, 0x46], [0x61, 0x66])],
]);
