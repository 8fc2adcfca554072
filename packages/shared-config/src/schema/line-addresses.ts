// Addresses and networks in lines of routes and rules, and the one family that they must agree on.
// Follows parse_ipaddress and parse_route of keepalived's vrrp/vrrp_ipaddress.c.

import { formatIp, parseIp } from "../base/ip.js";
import type { Word } from "../text/ast.js";
import { prefixLengthMax } from "./address-arithmetic.js";
import type { IpPrefix } from "./config-routes.js";
import { shorten } from "./keyword.js";
import type { LineState, LineWords } from "./line-words.js";
import { parseInteger } from "./number.js";

export interface FamilyState extends LineState {
  /** What the words so far, read from the left, agree on. */
  family: 4 | 6 | undefined;
}

/** A network of either family when it is undefined: "default", "any" or "all". */
export interface Network {
  readonly prefix: IpPrefix | undefined;
}

/** Settles the family of a line, or drops the line when it is another one already. */
export function claimFamily(state: FamilyState, family: 4 | 6, at: Word): boolean {
  state.family ??= family;
  if (state.family === family) return true;
  const { words } = state;
  words.drop(at, "FAMILY_MISMATCH", `"${shorten(at.value)}" is not for IPv${state.family}`);
  return false;
}

/** A leading `inet` or `inet6`, which swallows the word after it in keepalived. */
export function readFamilyWord(state: FamilyState, option: Word): void {
  if (!claimFamily(state, familyOf(option), option)) return;
  const after = state.words.ahead;
  if (after === undefined) return;
  state.words.differs(
    option,
    `ignores the word after ${option.value}, "${shorten(after.value)}"`,
    `leave ${option.value} out: the addresses tell the family`,
  );
}

/** The address after `via` and the like: `[inet|inet6] <address>`. */
export function readGateway(state: FamilyState, option: Word): string | undefined {
  const { words } = state;
  const { ahead } = words;
  if (ahead?.value === "inet" || ahead?.value === "inet6") {
    words.next();
    if (!claimFamily(state, familyOf(ahead), ahead)) return undefined;
  }
  return readAddress(state, option);
}

/** The address after `option`, canonical. */
export function readAddress(state: FamilyState, option: Word): string | undefined {
  const value = state.words.valueOf(option);
  if (value === undefined) return undefined;
  const bytes = parseIp(value.value);
  if (bytes === undefined) {
    return state.words.reject(option, value, "an IP address without a prefix length");
  }
  return claimFamily(state, bytes.length === 4 ? 4 : 6, value) ? formatIp(bytes) : undefined;
}

/** The network that `value` names; `option` is the word before it, or itself. */
export function readNetwork(state: FamilyState, option: Word, value: Word): Network | undefined {
  const { words } = state;
  if (["default", "any", "all"].includes(value.value)) return { prefix: undefined };
  if (value.value === "default6") return readDefault6(state, value);
  const slash = value.value.indexOf("/");
  const bytes = parseIp(slash < 0 ? value.value : value.value.slice(0, slash));
  if (bytes === undefined) {
    const expected = "<address>[/<prefix length>], default, any or all";
    if (option !== value) return words.reject(option, value, expected);
    const why = `"${shorten(value.value)}" is no destination`;
    return words.drop(value, "INVALID_ADDRESS", why, { expected });
  }
  const family = bytes.length === 4 ? 4 : 6;
  if (!claimFamily(state, family, value)) return undefined;
  const length = slash < 0 ? "" : value.value.slice(slash + 1);
  const prefixLength = readPrefixLength(words, value, length, family);
  return { prefix: { address: formatIp(bytes), prefixLength } };
}

/** The network after `from` or `to`. */
export function readNetworkAfter(state: FamilyState, option: Word): Network | undefined {
  const value = state.words.valueOf(option);
  return value === undefined ? undefined : readNetwork(state, option, value);
}

/** keepalived takes default for no family at all, and that for another than the one it knows. */
export function tellUnordered(words: LineWords, at: Word): void {
  const what = `drops a line with ${at.value} after a word that tells the family`;
  words.differs(at, what, `put ${at.value} before the addresses`);
}

/** Every address of a family. */
export function everything(family: 4 | 6): IpPrefix {
  return { address: family === 4 ? "0.0.0.0" : "::", prefixLength: 0 };
}

function readDefault6(state: FamilyState, value: Word): Network | undefined {
  state.words.tell(value, {
    severity: "warning",
    code: "DEPRECATED_KEYWORD",
    message: `Cannot recommend default6 in ${state.words.place}: it is an old name`,
    hint: "write ::/0",
  });
  return claimFamily(state, 6, value) ? { prefix: everything(6) } : undefined;
}

function readPrefixLength(words: LineWords, at: Word, text: string, family: 4 | 6): number {
  const max = prefixLengthMax(family);
  if (text === "") return max;
  const parsed = parseInteger(text);
  if (parsed?.rest === "" && parsed.value >= 0 && parsed.value <= max) return parsed.value;
  words.tell(at, {
    severity: "error",
    code: "INVALID_VALUE",
    message: `Cannot use the prefix length "${shorten(text)}" in ${words.place}; ${max} is used`,
    expected: `0 to ${max}`,
  });
  return max;
}

function familyOf(word: Word): 4 | 6 {
  return word.value === "inet6" ? 6 : 4;
}
