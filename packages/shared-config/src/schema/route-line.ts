// The lines of static_routes and virtual_routes: a destination with options in any order, then
// nexthops. Follows alloc_route of keepalived's vrrp/vrrp_iproute.c, except that inet and inet6 do
// not swallow the word after them. Whether the interfaces are there, the linker asks.

import type { Statement, Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import { isInterfaceName } from "./address-line.js";
import type { IpPrefix, NextHop, RouteConfig, RouteType } from "./config-routes.js";
import type { RouteDraft } from "./draft.js";
import type { Scope } from "./keyword.js";
import {
  claimFamily,
  everything,
  type FamilyState,
  type Network,
  readAddress,
  readFamilyWord,
  readGateway,
  readNetwork,
  readNetworkAfter,
  tellUnordered,
} from "./line-addresses.js";
import { readNamed, readRealms } from "./line-names.js";
import {
  checkProtocol,
  protocolKeepalived,
  readLinkName,
  readTrackGroup,
  tellUntrackable,
} from "./line-tracking.js";
import {
  type LineOptions,
  LineWords,
  parseAnyBase,
  readNumber,
  readOptions,
  rejectUnknown,
  tellRepeated,
  unsignedMax,
} from "./line-words.js";
import { readEncapsulation } from "./route-encap.js";
import { type MetricsState, metricOptions } from "./route-metrics.js";
import { readNextHops } from "./route-nexthop.js";

const tableMain = 254;

/** RTN_* of linux/rtnetlink.h, by number. */
const routeTypes: readonly (RouteType | undefined)[] = [
  ...[undefined, "unicast", "local", "broadcast", "anycast", "multicast", "blackhole"],
  ...["unreachable", "prohibit", "throw", "nat", "xresolve"],
] as readonly (RouteType | undefined)[];

/** The words that name a type. */
const typeWords: Readonly<Record<string, RouteType>> = {
  ...Object.fromEntries(routeTypes.flatMap((type) => (type === undefined ? [] : [[type, type]]))),
  brd: "broadcast",
};

type Fields = { -readonly [K in keyof RouteConfig]?: RouteConfig[K] };

interface RouteState extends FamilyState, MetricsState {
  /** Only routes of static_routes can be in a track_group. */
  readonly isStatic: boolean;
  readonly fields: Fields;
  readonly links: Located<string>[];
  readonly nextHops: NextHop[];
  destination: (Network & { readonly word: Word }) | undefined;
  /** The first `or`: its two gateways are the nexthops. */
  or: Word | undefined;
  scope: Word | undefined;
  protocol: Word | undefined;
  trackGroup: Word | undefined;
}

/** The route that a line names, or undefined when the line is dropped. */
export function readRouteLine(
  scope: Scope<unknown>,
  line: Statement,
  isStatic: boolean,
): RouteDraft | undefined {
  const state: RouteState = {
    words: new LineWords(scope, "a route", line),
    isStatic,
    family: undefined,
    fields: {},
    metrics: { lock: 0 },
    links: [],
    nextHops: [],
    destination: undefined,
    or: undefined,
    scope: undefined,
    protocol: undefined,
    trackGroup: undefined,
  };
  readOptions(state, routeOptions, readOther);
  return state.words.isDropped ? undefined : finishRoute(state, line);
}

export const routeOptions: LineOptions<RouteState> = {
  ...metricOptions,
  ...Object.fromEntries(Object.keys(typeWords).map((word) => [word, readType])),
  inet: readFamilyWord,
  inet6: readFamilyWord,
  to: (state, option) => readDestination(state, option, state.words.valueOf(option)),
  from: readSource,
  src: (state, option) => set(state, "preferredSource", readAddress(state, option)),
  via: (state, option) => set(state, "via", readGateway(state, option)),
  gw: readGw,
  or: readOr,
  as: readAs,
  dev: (state, option) => set(state, "device", readLink(state, option)),
  oif: (state, option) => set(state, "device", readLink(state, option)),
  table: (state, option) =>
    setTable(state, readNamed(state.words, option, "rt_tables", unsignedMax)),
  vrf: readVrf,
  scope: readScope,
  protocol: readProtocol,
  tos: readTos,
  dsfield: readTos,
  metric: readPriority,
  priority: readPriority,
  preference: readPriority,
  onlink: (state) => set(state, "onLink", true),
  realms: readRouteRealms,
  expires: readExpires,
  pref: readRouterPreference,
  "ttl-propagate": readTtlPropagate,
  encap: (state, option) => set(state, "encapsulation", readEncapsulation(state.words, option)),
  add: (state) => set(state, "insertion", "add"),
  prepend: (state) => set(state, "insertion", "prepend"),
  append: (state) => set(state, "insertion", "append"),
  no_track: (state) => set(state, "isTracked", false),
  track_group: readRouteTrackGroup,
  nexthop: readNexthop,
};

function set<K extends keyof Fields>(state: RouteState, field: K, value: Fields[K]): void {
  if (value !== undefined) state.fields[field] = value;
}

/** A word that is no option: a type by its number, or the destination. */
function readOther(state: RouteState, word: Word): void {
  const number = parseAnyBase(word.value);
  if (number !== undefined && number <= 255) {
    const type = routeTypes[number];
    if (type !== undefined) readTyped(state, word, type);
    else state.words.drop(word, "INVALID_VALUE", `the kernel has no type ${number} of routes`);
  } else if (/[.:/]/.test(word.value) || /^(default6?|any|all)$/.test(word.value)) {
    readDestination(state, word, word);
  } else rejectUnknown(state.words, word, routeOptions);
}

function readType(state: RouteState, option: Word): void {
  const type = typeWords[option.value];
  if (type !== undefined) readTyped(state, option, type);
}

function readTyped(state: RouteState, option: Word, type: RouteType): void {
  const value = state.words.valueOf(option);
  if (value?.value === "to") {
    state.words.drop(value, "CONFLICT", `to does not go with the type ${type}`, {
      hint: `write ${type} <destination>`,
    });
    return;
  }
  set(state, "type", type);
  // With a type, even unicast, keepalived adds routes and does not put them before others.
  state.fields.insertion ??= "add";
  readDestination(state, option, value);
}

function readDestination(state: RouteState, option: Word, value: Word | undefined): void {
  if (value === undefined) return;
  const { words } = state;
  if (option.value === "to" && (Object.hasOwn(typeWords, value.value) || value.value === "to")) {
    words.drop(value, "CONFLICT", `to does not go with the type ${value.value}`, {
      hint: `write ${value.value} <destination>`,
    });
    return;
  }
  if (state.destination !== undefined) tellRepeated(words, value);
  const isKnown = state.family !== undefined;
  const network = readNetwork(state, option, value);
  if (network === undefined) return;
  if (isKnown && network.prefix === undefined) tellUnordered(words, value);
  state.destination = { ...network, word: value };
}

function readSource(state: RouteState, option: Word): void {
  const network = readNetworkAfter(state, option);
  if (network === undefined) return;
  if (network.prefix?.address.includes(":") === true) {
    set(state, "source", network.prefix);
  } else {
    state.words.drop(option, "FAMILY_MISMATCH", "from takes an IPv6 network");
  }
}

function readGw(state: RouteState, option: Word): void {
  tellOld(state, option, "write via");
  set(state, "via", readGateway(state, option));
}

/** The gateway before it and the one after it become two nexthops. */
function readOr(state: RouteState, option: Word): void {
  const { words, fields } = state;
  tellOld(state, option, "write nexthop via <address> nexthop via <address>");
  const via = readAddress(state, option);
  if (via === undefined) return;
  if (state.or !== undefined) {
    words.tell(option, {
      severity: "error",
      code: "REPEATED_KEYWORD",
      message: `Cannot use or twice in ${words.place}; this gateway is ignored`,
      hint: "write nexthop via <address> for each gateway",
    });
    return;
  }
  if (fields.via === undefined) {
    words.drop(option, "MISSING_KEYWORD", "or needs a via before it");
    return;
  }
  state.or = option;
  state.nextHops.push({ via: fields.via, ...plainHop }, { via, ...plainHop });
  delete fields.via;
}

const plainHop = { weight: 1, onLink: false } as const;

function tellOld(state: RouteState, option: Word, hint: string): void {
  state.words.tell(option, {
    severity: "warning",
    code: "DEPRECATED_KEYWORD",
    message: `Cannot recommend ${option.value} in ${state.words.place}: it is an old way`,
    hint,
  });
}

/** `as [to] <address>` translated addresses in kernels long gone. */
function readAs({ words }: RouteState, option: Word): void {
  if (words.ahead?.value === "to") words.next();
  if (words.valueOf(option) === undefined) return;
  words.tell(option, {
    severity: "warning",
    code: "DEPRECATED_KEYWORD",
    message: `Cannot use as in ${words.place}: no kernel translates addresses so; it is ignored`,
    hint: "leave it out",
  });
}

function readLink(state: RouteState, option: Word): string | undefined {
  return readLinkName(state.words, option, state.links);
}

function setTable(state: RouteState, table: number | undefined): void {
  if (table === undefined) return;
  state.fields.table = table;
  delete state.fields.vrf;
}

function readVrf(state: RouteState, option: Word): void {
  const { words, fields } = state;
  const value = words.valueOf(option);
  if (value === undefined) return;
  const { vrfTable } = words.scope.host;
  const table = vrfTable?.(value.value);
  if (table !== undefined) setTable(state, table);
  else if (vrfTable === undefined && isInterfaceName(value.value)) fields.vrf = value.value;
  else words.reject(option, value, "a VRF device of this host");
}

function readProtocol(state: RouteState, option: Word): void {
  state.protocol = state.words.ahead;
  set(state, "protocol", readNamed(state.words, option, "rt_protos", 255));
}

function readScope(state: RouteState, option: Word): void {
  state.scope = option;
  set(state, "scope", readNamed(state.words, option, "rt_scopes", 255));
}

function readTos(state: RouteState, option: Word): void {
  set(state, "tos", readNamed(state.words, option, "rt_dsfield", 255));
}

function readPriority(state: RouteState, option: Word): void {
  set(state, "metric", readNumber(state.words, option, unsignedMax));
}

function readRouteRealms(state: RouteState, option: Word): void {
  const realms = readRealms(state.words, option);
  if (realms !== undefined && claimFamily(state, 4, option)) set(state, "realms", realms);
}

function readExpires(state: RouteState, option: Word): void {
  const expiresS = readNumber(state.words, option, unsignedMax);
  if (expiresS !== undefined && claimFamily(state, 6, option)) set(state, "expiresS", expiresS);
}

/** RFC 4191 section 2.1. */
const routerPreferences: Readonly<Record<string, number>> = { low: 3, medium: 0, high: 1 };

function readRouterPreference(state: RouteState, option: Word): void {
  const { words } = state;
  const { ahead } = words;
  const isNamed = ahead !== undefined && Object.hasOwn(routerPreferences, ahead.value);
  const value = isNamed ? routerPreferences[ahead.value] : readNumber(words, option, 255);
  if (isNamed) words.next();
  if (value !== undefined && claimFamily(state, 6, option)) set(state, "routerPreference", value);
}

function readTtlPropagate(state: RouteState, option: Word): void {
  const { words } = state;
  const value = words.valueOf(option);
  if (value === undefined) return;
  if (value.value === "enabled" || value.value === "disabled") {
    set(state, "ttlPropagate", value.value === "enabled");
  } else words.complain(option, value, "enabled or disabled", "it is ignored");
}

function readRouteTrackGroup(state: RouteState, option: Word): void {
  const { words, isStatic, trackGroup } = state;
  set(state, "trackGroup", readTrackGroup(words, option, isStatic, trackGroup));
  state.trackGroup = option;
}

function readNexthop(state: RouteState, option: Word): void {
  if (state.or === undefined) readNextHops(state, option);
  else state.words.drop(option, "CONFLICT", "nexthop does not go with or");
}

/** What only the whole line shows, and the defaults. */
function finishRoute(state: RouteState, line: Statement): RouteDraft | undefined {
  const { words, fields, destination, links } = state;
  if (destination === undefined) {
    return words.drop(line.keyword, "MISSING_KEYWORD", "it has no destination");
  }
  const family = state.family ?? 4;
  const prefix = destination.prefix ?? everything(family);
  if (destination.prefix !== undefined) tellHostBits(words, destination.word, prefix);
  if (state.scope !== undefined && family === 6 && fields.scope !== 0) {
    words.tell(state.scope, {
      severity: "hint",
      code: "CONFLICT",
      message: `Cannot use scope in ${words.place}: IPv6 routes have none; it is ignored`,
    });
    fields.scope = 0;
  }
  checkProtocol(words, state.protocol, fields);
  if (state.trackGroup !== undefined && fields.device === undefined) {
    tellUntrackable(words, state.trackGroup, "dev");
    delete fields.trackGroup;
  }
  const value: RouteConfig = {
    family,
    type: "unicast",
    table: tableMain,
    scope: 0,
    protocol: protocolKeepalived,
    tos: 0,
    onLink: false,
    insertion: "prepend",
    isTracked: true,
    ...fields,
    destination: prefix,
    metrics: state.metrics,
    nextHops: state.nextHops,
  };
  return { value, links };
}

/** The kernel refuses such a route (net/ipv4/fib_trie.c fib_valid_key_len). */
function tellHostBits(words: LineWords, at: Word, { address, prefixLength }: IpPrefix): void {
  if (address.includes(":")) return;
  const value = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const rest = value % 2 ** (32 - prefixLength);
  if (rest === 0) return;
  const network = value - rest;
  const bytes = [24, 16, 8, 0].map((shift) => (network >>> shift) & 255);
  words.tell(at, {
    severity: "hint",
    code: "INVALID_VALUE",
    message: `Cannot expect the kernel to take ${words.place}: it refuses bits after the prefix`,
    hint: `write ${bytes.join(".")}/${prefixLength}`,
  });
}
