// What a `~SEQ`, `~SEQx` or `~LST` line asks for: variables, their values in order, and the text
// that is read once for each. Follows add_seq and add_lst of lib/parser.c; where those take
// rubbish for a 0 it is refused. Knows nothing of nesting: the text may start with another.

import { isBlankCode } from "./words.js";

/** The values that one `~` form runs through. */
export interface Sequence {
  readonly kind: "sequence" | "list";
  readonly variables: readonly string[];
  readonly count: number;
  /** The values of the variables at step `index`, one each. */
  readonly values: (index: number) => readonly string[];
}

export type ParsedSequence =
  | { readonly ok: true; readonly sequence: Sequence }
  | { readonly ok: false; readonly why: string; readonly expected: string };

const sequenceForm = "~SEQ(<variable>, [<start>, [<step>,]] <end>) <text>";
const listForm =
  "~LST(<variable>, <value>, ...) <text>, or ~LST({<a>, <b>}, {<1>, <2>}, ...) <text>";

/** The name of the form at the start of `text`, or undefined when it is none. */
export function sequenceName(text: string): "~SEQ" | "~SEQx" | "~LST" | undefined {
  const name = /^~(?:SEQx?|LST)/.exec(text)?.[0];
  return name as "~SEQ" | "~SEQx" | "~LST" | undefined;
}

/** Reads `text`, a form up to its `)`, with all references replaced. */
export function parseSequence(text: string): ParsedSequence {
  const name = sequenceName(text) ?? "";
  const isList = name === "~LST";
  const expected = isList ? listForm : sequenceForm;
  let open = name.length;
  while (isBlankCode(text.charCodeAt(open))) open++;
  if (text.charAt(open) !== "(" || !text.endsWith(")")) {
    return { ok: false, why: "its brackets are not there", expected };
  }
  const body = text.slice(open + 1, -1);
  const read = isList ? readList(body) : readRange(body, name === "~SEQx");
  if (typeof read === "string") return { ok: false, why: read, expected };
  return { ok: true, sequence: { ...read, kind: isList ? "list" : "sequence" } };
}

type Values = Pick<Sequence, "variables" | "count" | "values">;

function readRange(body: string, isHex: boolean): Values | string {
  const [variable = "", ...numbers] = body.split(",").map((part) => part.trim());
  if (!/^[^ \t]+$/.test(variable)) return "it names no variable";
  const read = numbers.map(readNumber);
  if (read.length === 0 || read.length > 3) return "it takes one to three numbers";
  if (read.some((each) => each === undefined)) return "one of its numbers is none";
  const [start, step, end] = rangeOf(read.map((each) => each ?? 0));
  if (step === 0) return "its step is 0";
  if ((end - start) * step < 0) return "its step never leads to the end";
  if (isHex && (start < 0 || end < 0)) return "negative numbers have no hexadecimal form here";
  const count = Math.floor((end - start) / step) + 1;
  const base = isHex ? 16 : 10;
  return { variables: [variable], count, values: (i) => [(start + i * step).toString(base)] };
}

/** Start, step and end; with one number the start is 1, or -1 towards a negative end. */
function rangeOf(numbers: readonly number[]): readonly [number, number, number] {
  const [first = 0, second, third] = numbers;
  if (third !== undefined) return [first, second ?? 0, third];
  if (second !== undefined) return [first, first <= second ? 1 : -1, second];
  return [first < 0 ? -1 : 1, first < 1 ? -1 : 1, first];
}

/** As strtol with base 0: 0x and 0 prefixes; a missing number is 0. */
function readNumber(text: string): number | undefined {
  if (text === "") return 0;
  const match = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))$/.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, octal, decimal = ""] = match;
  const digits = hex ?? octal ?? decimal;
  const value = Number.parseInt(digits, hex !== undefined ? 16 : octal !== undefined ? 8 : 10);
  if (!Number.isSafeInteger(value)) return undefined;
  return sign === "-" && value !== 0 ? -value : value;
}

function readList(body: string): Values | string {
  const items = splitItems(body);
  if (items === undefined) return "one of its values is not written as it must be";
  const [variables = [], ...values] = items;
  if (values.length === 0) return "it has no values";
  if (values.some((tuple) => tuple.length > variables.length)) {
    return "a value has more members than there are variables";
  }
  return {
    variables,
    count: values.length,
    values: (index) => variables.map((_, member) => values[index]?.[member] ?? ""),
  };
}

/** The items between commas, a tuple as its members; undefined when one is neither. */
function splitItems(body: string): string[][] | undefined {
  const items: string[][] = [];
  const item = /[ \t]*(?:\{([^{}]*)\}|([^{ \t,}][^ \t,}]*)?)[ \t]*(,|$)/y;
  for (;;) {
    const match = item.exec(body);
    if (match === null) return undefined;
    const [, tuple, plain = "", separator] = match;
    const members = tuple === undefined ? [plain] : tuple.split(",").map((part) => part.trim());
    if (members.some((member) => /[ \t]/.test(member))) return undefined;
    items.push(members);
    if (separator === "") return items;
  }
}
