// Numbers that iproute2 and keepalived also know by name: routing tables, scopes, protocols, TOS,
// realms, interface groups. The host's own tables come first, then the kernel's standard names.

import type { Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import type { GlobalDraft } from "./draft.js";
import type { NameTable } from "./host.js";
import type { Scope } from "./keyword.js";
import { type LineWords, parseAnyBase } from "./line-words.js";

/** linux/rtnetlink.h; realms, TOS and groups have no names of their own. */
const standardNames: Readonly<Record<NameTable, Readonly<Record<string, number>>>> = {
  rt_tables: { unspec: 0, default: 253, main: 254, local: 255 },
  rt_scopes: { global: 0, site: 200, link: 253, host: 254, nowhere: 255 },
  rt_protos: {
    ...{ none: 0, unspec: 0, redirect: 1, kernel: 2, boot: 3, static: 4, gated: 8, ra: 9, mrt: 10 },
    ...{ zebra: 11, bird: 12, dnrouted: 13, xorp: 14, ntk: 15, dhcp: 16, mrouted: 17 },
    ...{ keepalived: 18, babel: 42, openr: 99, bgp: 186, isis: 187, ospf: 188, rip: 189 },
    ...{ eigrp: 192 },
  },
  rt_dsfield: {},
  rt_realms: {},
  group: {},
};

/** The names that need no file. */
export function standardNamesOf(table: NameTable): readonly string[] {
  return Object.keys(standardNames[table]);
}

/** The number that `text` is or names, or undefined when it is neither or above `max`. */
export function namedNumber(
  scope: Scope<unknown>,
  table: NameTable,
  text: string,
  max: number,
): number | undefined {
  const standard = standardNames[table];
  const number =
    parseAnyBase(text) ??
    scope.host.names?.(table, iprouteDirectories(scope.root.global)).get(text) ??
    (Object.hasOwn(standard, text) ? standard[text] : undefined);
  return number !== undefined && number <= max ? number : undefined;
}

/** The number or name after `option`. */
export function readNamed(
  words: LineWords,
  option: Word,
  table: NameTable,
  max: number,
): number | undefined {
  const value = words.valueOf(option);
  if (value === undefined) return undefined;
  const number = namedNumber(words.scope, table, value.value, max);
  if (number !== undefined) return number;
  return words.reject(option, value, `0 to ${max}, or a name of ${table}`);
}

const realmMax = 0xffff;

/** `[<source realm>/]<destination realm>` after `option`, as RTA_FLOW has it. */
export function readRealms(words: LineWords, option: Word): number | undefined {
  const value = words.valueOf(option);
  if (value === undefined) return undefined;
  const parts = value.value
    .split("/")
    .map((part) => namedNumber(words.scope, "rt_realms", part, realmMax));
  const [first, second] = parts;
  if (first !== undefined && parts.length === 1) return first;
  if (first !== undefined && second !== undefined && parts.length === 2) {
    return first * (realmMax + 1) + second;
  }
  const realm = `0 to ${realmMax} or a name of rt_realms`;
  return words.reject(option, value, `[<source realm>/]<realm>, each ${realm}`);
}

/** Realms as they are written. */
export function formatRealms(realms: number): string {
  const source = Math.floor(realms / (realmMax + 1));
  const destination = String(realms % (realmMax + 1));
  return source === 0 ? destination : `${source}/${destination}`;
}

/** Settings of global_defs that say where the tables of names are. */
interface IprouteDraft {
  iprouteUsrDirectory?: Located<string> | undefined;
  iprouteEtcDirectory?: Located<string> | undefined;
}

function iprouteDirectories(global: GlobalDraft & IprouteDraft): readonly string[] {
  const { iprouteEtcDirectory, iprouteUsrDirectory } = global;
  return [iprouteEtcDirectory, iprouteUsrDirectory].flatMap((each) => each?.value ?? []);
}
