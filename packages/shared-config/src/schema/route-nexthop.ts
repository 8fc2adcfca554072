// The end of a route line: `nexthop <options> [nexthop <options>]...`, ways that share the traffic
// by weight. Follows parse_nexthops of keepalived's vrrp/vrrp_iproute.c; but a bad one costs the
// line, since the traffic would otherwise go elsewhere than asked.

import type { Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import type { NextHop } from "./config-routes.js";
import { shorten } from "./keyword.js";
import { claimFamily, type FamilyState, readGateway } from "./line-addresses.js";
import { formatRealms, readRealms } from "./line-names.js";
import { readLinkName } from "./line-tracking.js";
import { type LineWords, readBounded } from "./line-words.js";
import { quoteWord } from "./printed.js";
import { printEncapsulation, readEncapsulation } from "./route-encap.js";

export interface NextHopsState extends FamilyState {
  readonly links: Located<string>[];
  readonly nextHops: NextHop[];
}

type Draft = { -readonly [K in keyof NextHop]: NextHop[K] };
type Option = (state: NextHopsState, option: Word, hop: Draft) => void;

const weightMax = 256;

/** Reads nexthops from the first, whose keyword is `option`, to the end of the line. */
export function readNextHops(state: NextHopsState, option: Word): void {
  const { words } = state;
  let keyword: Word | undefined = option;
  while (keyword !== undefined) {
    const hop: Draft = { weight: 1, onLink: false };
    readHop(state, hop);
    if (words.isDropped) return;
    if (hop.via === undefined && hop.device === undefined) tellAimless(words, keyword);
    state.nextHops.push(hop);
    keyword = words.ahead?.value === "nexthop" ? words.next() : undefined;
  }
  tellTrailing(words);
}

function readHop(state: NextHopsState, hop: Draft): void {
  const { words } = state;
  for (let option = words.ahead; option !== undefined; option = words.ahead) {
    const read = Object.hasOwn(hopOptions, option.value) ? hopOptions[option.value] : undefined;
    if (read === undefined) return;
    words.next();
    read(state, option, hop);
  }
}

export const hopOptions: Readonly<Record<string, Option>> = {
  via: (state, option, hop) => set(hop, "via", readGateway(state, option)),
  dev: ({ words, links }, option, hop) => set(hop, "device", readLinkName(words, option, links)),
  weight: ({ words }, option, hop) => set(hop, "weight", readBounded(words, option, 1, weightMax)),
  onlink: (_state, _option, hop) => set(hop, "onLink", true),
  encap: ({ words }, option, hop) => set(hop, "encapsulation", readEncapsulation(words, option)),
  realms: readHopRealms,
  as: ({ words }, option) => {
    words.drop(option, "CONFLICT", "as does not go with nexthop");
  },
};

function set<K extends keyof Draft>(hop: Draft, field: K, value: Draft[K] | undefined): void {
  if (value !== undefined) hop[field] = value;
}

function readHopRealms(state: NextHopsState, option: Word, hop: Draft): void {
  const realms = readRealms(state.words, option);
  if (realms !== undefined && claimFamily(state, 4, option)) set(hop, "realms", realms);
}

function tellAimless(words: LineWords, keyword: Word): void {
  words.tell(keyword, {
    severity: "hint",
    code: "MISSING_KEYWORD",
    message: `Cannot tell where a nexthop of ${words.place} goes: it has neither via nor dev`,
  });
}

function tellTrailing(words: LineWords): void {
  const { ahead } = words;
  if (ahead === undefined) return;
  const rest = `"${shorten(ahead.value)}"`;
  while (words.next() !== undefined);
  words.tell(ahead, {
    severity: "error",
    code: "UNKNOWN_OPTION",
    message: `Cannot use ${rest} after a nexthop in ${words.place}; the rest is ignored`,
    expected: Object.keys(hopOptions).join(", "),
    hint: "options of the whole route go before nexthop",
  });
}

/** The words of a nexthop, its keyword included. */
export function printNextHop(hop: NextHop): string[] {
  const { via, device, weight, onLink, realms, encapsulation } = hop;
  return [
    "nexthop",
    ...(via === undefined ? [] : ["via", via]),
    ...(device === undefined ? [] : ["dev", quoteWord(device)]),
    ...["weight", String(weight)],
    ...(onLink ? ["onlink"] : []),
    ...(realms === undefined ? [] : ["realms", formatRealms(realms)]),
    ...printEncapsulation(encapsulation),
  ];
}
