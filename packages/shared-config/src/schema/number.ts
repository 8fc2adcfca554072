// Numbers as keepalived reads them (lib/parser.c read_int, read_decimal_unsigned): decimal digits,
// an optional sign, what follows is reported and dropped. Exact: no floating point touches a time.

import { usPerSecond } from "../base/units.js";

const codeOf0 = 48;

export interface ParsedNumber {
  readonly value: number;
  /** Characters after the number, which do not count. */
  readonly rest: string;
  /** The text that did count. */
  readonly used: string;
  /** A decimal had more digits than its unit can hold. */
  readonly isRounded: boolean;
}

/** A whole number at the start of `text`, or undefined. Too large ones come out as Infinity. */
export function parseInteger(text: string): ParsedNumber | undefined {
  const plain = plainDigits(text);
  if (plain >= 0) return { value: plain, rest: "", used: text, isRounded: false };
  const [used, sign, digits = ""] = /^([+-]?)(\d+)/.exec(text) ?? [];
  if (used === undefined) return undefined;
  const magnitude = digitsValue(digits);
  // Adding 0 turns -0 into 0.
  const value = (sign === "-" ? -magnitude : magnitude) + 0;
  return { value, rest: text.slice(used.length), used, isRounded: false };
}

/** Seconds with an optional fraction at the start of `text`, in microseconds, or undefined. */
export function parseSeconds(text: string): ParsedNumber | undefined {
  const plain = plainDigits(text);
  if (plain >= 0) return { value: plain * usPerSecond, rest: "", used: text, isRounded: false };
  const [used, sign, whole = "", fraction = ""] = /^([+-]?)(\d*)(?:\.(\d*))?/.exec(text) ?? [];
  if (used === undefined || whole + fraction === "") return undefined;
  const roundUp = fraction.charAt(6) >= "5" ? 1 : 0;
  const fractionUs = Number(fraction.slice(0, 6).padEnd(6, "0")) + roundUp;
  const magnitude = digitsValue(whole) * usPerSecond + fractionUs;
  const value = (sign === "-" ? -magnitude : magnitude) + 0;
  const isRounded = /[1-9]/.test(fraction.slice(6));
  return { value, rest: text.slice(used.length), used, isRounded };
}

/** Seconds as a user would write them: 10000 is "0.01". */
export function formatSeconds(valueUs: number): string {
  return String(valueUs / usPerSecond);
}

/**
 * The value of what nearly every number is, one to nine digits, or -1: a tenth of the time that the
 * general way takes.
 */
function plainDigits(text: string): number {
  const { length } = text;
  if (length === 0 || length > 9) return -1;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - codeOf0;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function digitsValue(digits: string): number {
  const value = digits === "" ? 0 : Number(digits);
  return value <= Number.MAX_SAFE_INTEGER / usPerSecond ? value : Number.POSITIVE_INFINITY;
}
