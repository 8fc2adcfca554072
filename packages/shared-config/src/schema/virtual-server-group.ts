// virtual_server_group: lines of addresses, ranges, prefixes and marks. Follows keepalived's
// check/check_data.c and lib/utils.c (inet_stor). A range stays its two ends, and is bounded: each
// of its addresses is to become a service.

import { canonicalIp, formatIp, parseIp } from "../base/ip.js";
import type { Statement, Word } from "../text/ast.js";
import { prefixLengthMax } from "./address-arithmetic.js";
import type { CheckerConfig, GroupEntry } from "./config.js";
import type { ConfigDraft, GroupDraft } from "./draft.js";
import { namesHint, portMax, readPort } from "./endpoint.js";
import { ignored } from "./forms.js";
import { unsignedMax } from "./global-defs.js";
import { firstWord, innerScope, type Rule, type Scope, shorten } from "./keyword.js";
import { parseInteger } from "./number.js";
import { type Printable, type PrintedStatement, quoteWord } from "./printed.js";
import { lines } from "./sections.js";

const addressesMax = 65_536;
const lineForm =
  "{<address>[{-<last>|-<address>|/<prefix length>}] [<port>] | fwmark <mark> [{inet|inet6}]}";

/** The keyword of the top level. */
export function groupSection(): Rule<ConfigDraft> {
  const block = lines<GroupDraft>(lineForm, readLine);
  return {
    ...block,
    form: `<name> ${block.form}`,
    wordsMin: 1,
    wordsMax: 1,
    missingWord: "fatal",
    bind: (scope, statement) => {
      const inner = openGroup(scope, statement);
      if (inner === undefined) return;
      block.bind(inner, statement);
      scope.draft.serverGroups.set(inner.draft.name, inner.draft);
    },
    print: printGroups,
  };
}

function openGroup(scope: Scope<ConfigDraft>, statement: Statement): Scope<GroupDraft> | undefined {
  const { value: name, span } = firstWord(statement);
  const owner = `virtual_server_group "${shorten(name)}"`;
  const earlier = scope.draft.serverGroups.get(name);
  if (name !== "" && earlier === undefined) {
    const draft: GroupDraft = { name, span, entries: [] };
    return innerScope(scope, "virtual_server_group", owner, draft);
  }
  scope.diagnostics.report(span, {
    severity: "error",
    code: name === "" ? "INVALID_VALUE" : "DUPLICATE_NAME",
    message: `Cannot define ${owner}${name === "" ? "" : " twice"}; this block is skipped`,
    ...(earlier === undefined
      ? { expected: "a name" }
      : { hint: `the first stands in ${earlier.span.file.path}:${earlier.span.line}` }),
  });
  return undefined;
}

function readLine(scope: Scope<GroupDraft>, line: Statement): void {
  const isMark = line.keyword.value === "fwmark";
  const entry = isMark ? readMark(scope, line) : readRange(scope, line);
  if (entry === undefined) return;
  scope.draft.entries.push({ value: entry, span: line.keyword.span });
  const surplus = line.words[isMark ? 2 : 1];
  if (surplus === undefined) return;
  scope.diagnostics.report(surplus.span, {
    severity: "hint",
    code: "SURPLUS_WORD",
    message: `Cannot use the rest of a line in ${scope.owner}: it is ignored`,
    expected: lineForm,
  });
}

function readMark(scope: Scope<GroupDraft>, { keyword, words }: Statement): GroupEntry | undefined {
  const [number, family] = words;
  if (number === undefined) {
    scope.diagnostics.report(keyword.span, {
      severity: "fatal",
      code: "MISSING_WORD",
      message: `Cannot use fwmark in ${scope.owner}: a word is missing`,
      expected: "fwmark <mark> [{inet|inet6}]",
    });
    return undefined;
  }
  const parsed = parseInteger(number.value);
  const isMark = parsed?.rest === "" && parsed.value >= 1 && parsed.value <= unsignedMax;
  if (!isMark) return refuse(scope, number, "INVALID_VALUE", `a mark, 1 to ${unsignedMax}`);
  const { value: mark } = parsed;
  if (family === undefined) return { kind: "fwmark", mark };
  if (family.value === "inet") return { kind: "fwmark", mark, family: 4 };
  if (family.value === "inet6") return { kind: "fwmark", mark, family: 6 };
  return refuse(scope, family, "INVALID_VALUE", "inet or inet6");
}

function readRange(
  scope: Scope<GroupDraft>,
  { keyword, words }: Statement,
): GroupEntry | undefined {
  const [portWord] = words;
  const port = portWord === undefined ? 0 : readPort(portWord);
  if (portWord !== undefined && port === undefined) {
    return refuse(scope, portWord, "INVALID_ADDRESS", `a port, 1 to ${portMax}`);
  }
  const ends = readEnds(scope, keyword);
  return ends === undefined ? undefined : { kind: "addresses", ...ends, port: port ?? 0 };
}

interface Ends {
  readonly first: string;
  readonly last: string;
}

function readEnds(scope: Scope<GroupDraft>, at: Word): Ends | undefined {
  const [head = "", separator, tail = ""] = at.value.split(/([-/])(.*)/, 3);
  const bytes = parseIp(head);
  if (bytes === undefined) return refuse(scope, at, "INVALID_ADDRESS", lineForm, namesHint);
  const first = formatIp(bytes);
  if (separator === undefined) return { first, last: first };
  if (separator === "/") return readPrefix(scope, at, bytes, tail);
  const isWhole = canonicalIp(tail) !== undefined;
  const end = isWhole ? parseIp(tail) : shortEnd(bytes, tail);
  if (end === undefined || end.length !== bytes.length) {
    const expected = bytes.length === 4 ? "a last octet up to 255" : "a last group up to ffff";
    return refuse(scope, at, "INVALID_ADDRESS", `${expected}, or an address of the same family`);
  }
  const size = sizeOf(bytes, end);
  if (size < 1 || (size === 1 && !isWhole)) {
    return refuse(scope, at, "INVALID_ADDRESS", "an end above the start");
  }
  if (size > addressesMax) return refuseSize(scope, at);
  return { first, last: formatIp(end) };
}

/** The last octet in decimal, or the last group in hexadecimal. */
function shortEnd(first: Uint8Array, text: string): Uint8Array | undefined {
  const isIpv4 = first.length === 4;
  if (!(isIpv4 ? /^\d{1,3}$/ : /^[0-9a-f]{1,4}$/i).test(text)) return undefined;
  const value = Number.parseInt(text, isIpv4 ? 10 : 16);
  if (isIpv4 && value > 255) return undefined;
  const end = Uint8Array.from(first);
  end[end.length - 1] = value & 0xff;
  if (!isIpv4) end[end.length - 2] = value >> 8;
  return end;
}

function readPrefix(
  scope: Scope<GroupDraft>,
  at: Word,
  bytes: Uint8Array,
  text: string,
): Ends | undefined {
  const max = prefixLengthMax(bytes.length === 4 ? 4 : 6);
  const parsed = parseInteger(text);
  const isLength = parsed?.rest === "" && parsed.value >= 1 && parsed.value <= max;
  if (!isLength) return refuse(scope, at, "INVALID_ADDRESS", `a prefix length of 1 to ${max}`);
  const end = Uint8Array.from(bytes);
  for (let bit = parsed.value; bit < max; bit++) {
    const mask = 0x80 >> (bit & 7);
    const index = bit >> 3;
    if ((bytes[index] ?? 0) & mask) {
      return refuse(scope, at, "INVALID_ADDRESS", "an address without host bits before the /");
    }
    end[index] = (end[index] ?? 0) | mask;
  }
  if (2 ** (max - parsed.value) > addressesMax) return refuseSize(scope, at);
  return { first: formatIp(bytes), last: formatIp(end) };
}

/** How many addresses from the first to the last; below 1 when they are the wrong way round. */
function sizeOf(first: Uint8Array, last: Uint8Array): number {
  return Number(numberOf(last) - numberOf(first)) + 1;
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function refuseSize(scope: Scope<GroupDraft>, at: Word): undefined {
  const hint = "mark the packets and use fwmark for more";
  return refuse(scope, at, "RANGE_TOO_LARGE", `at most ${addressesMax} addresses in a line`, hint);
}

function refuse(
  scope: Scope<GroupDraft>,
  at: Word,
  code: "INVALID_ADDRESS" | "INVALID_VALUE" | "RANGE_TOO_LARGE",
  expected: string,
  hint?: string,
): undefined {
  scope.diagnostics.report(at.span, {
    severity: "error",
    code,
    message: `Cannot use "${shorten(at.value)}" in ${scope.owner}; ${ignored}`,
    expected,
    hint,
  });
  return undefined;
}

function printGroups(keyword: string, config: Printable): PrintedStatement[] {
  const { groups = [] } = (config["checker"] ?? {}) as Partial<CheckerConfig>;
  return groups.map(({ name, entries }) => ({
    keyword,
    words: [quoteWord(name)],
    block: entries.map(printEntry),
  }));
}

function printEntry(entry: GroupEntry): PrintedStatement {
  if (entry.kind === "fwmark") {
    const family = entry.family === undefined ? [] : [entry.family === 4 ? "inet" : "inet6"];
    return { keyword: "fwmark", words: [String(entry.mark), ...family] };
  }
  const { first, last, port } = entry;
  const range = first === last ? first : `${first}-${last}`;
  return { keyword: range, words: port === 0 ? [] : [String(port)] };
}
