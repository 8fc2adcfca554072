// The lines of static_rules and virtual_rules: what a packet must be like, and one action. Follows
// alloc_rule of keepalived's vrrp/vrrp_iprule.c, except that inet and inet6 do not swallow the word
// after them and that one port is a range. Whether the interfaces are there, the linker asks.

import type { Statement, Word } from "../text/ast.js";
import type { Located } from "../text/source.js";
import type { NumberRange, RuleAction, RuleConfig } from "./config-routes.js";
import type { RuleDraft } from "./draft.js";
import { type Scope, shorten } from "./keyword.js";
import {
  claimFamily,
  type FamilyState,
  readFamilyWord,
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
  readLongNumber,
  readNumber,
  readOptions,
  rejectUnknown,
  unsignedMax,
} from "./line-words.js";
import { parseInteger } from "./number.js";

const portMax = 65535;
const signedMax = 2147483647;

type Fields = { -readonly [K in keyof RuleConfig]?: RuleConfig[K] };

interface RuleState extends FamilyState {
  /** Only rules of static_rules can be in a track_group. */
  readonly isStatic: boolean;
  readonly fields: Fields;
  readonly links: Located<string>[];
  /** The words that make sense only where another table is looked up. */
  tableOption: Word | undefined;
  protocol: Word | undefined;
  trackGroup: Word | undefined;
}

/** The rule that a line names, or undefined when the line is dropped. */
export function readRuleLine(
  scope: Scope<unknown>,
  line: Statement,
  isStatic: boolean,
): RuleDraft | undefined {
  const state: RuleState = {
    words: new LineWords(scope, "a rule", line),
    isStatic,
    family: undefined,
    fields: {},
    links: [],
    tableOption: undefined,
    protocol: undefined,
    trackGroup: undefined,
  };
  readOptions(state, ruleOptions, readOther);
  return state.words.isDropped ? undefined : finishRule(state, line);
}

export const ruleOptions: LineOptions<RuleState> = {
  inet: readFamilyWord,
  inet6: readFamilyWord,
  not: (state) => set(state, "isInverted", true),
  from: (state, option) => readNetworkField(state, option, "from"),
  to: (state, option) => readNetworkField(state, option, "to"),
  iif: readInput,
  dev: readInput,
  oif: (state, option) => set(state, "outputInterface", readLink(state, option)),
  tos: readTos,
  dsfield: readTos,
  fwmark: readMark,
  "tunnel-id": (state, option) => set(state, "tunnelId", readLongNumber(state.words, option)),
  uidrange: readUserIds,
  ipproto: readIpProtocol,
  sport: (state, option) => set(state, "sourcePorts", readPorts(state.words, option)),
  dport: (state, option) => set(state, "destinationPorts", readPorts(state.words, option)),
  preference: readPreference,
  order: readPreference,
  priority: readPreference,
  protocol: readProtocol,
  realms: readRuleRealms,
  suppress_prefixlength: readSuppressedLength,
  sup_pl: readSuppressedLength,
  suppress_ifgroup: readSuppressedGroup,
  sup_group: readSuppressedGroup,
  table: readTable,
  lookup: readTable,
  l3mdev: (state, option) => act(state, option, { kind: "l3mdev" }),
  type: readType,
  goto: readGoto,
  nop: (state, option) => act(state, option, { kind: "nop" }),
  blackhole: (state, option) => act(state, option, { kind: "blackhole" }),
  unreachable: (state, option) => act(state, option, { kind: "unreachable" }),
  prohibit: (state, option) => act(state, option, { kind: "prohibit" }),
  no_track: (state) => set(state, "isTracked", false),
  track_group: readRuleTrackGroup,
};

/** The words after which an action stands by itself. */
const actionWords = ["goto", "nop", "blackhole", "unreachable", "prohibit"];

/** The same actions by the numbers of route types (RTN_* of linux/rtnetlink.h). */
const actionNumbers: Readonly<Record<number, "blackhole" | "unreachable" | "prohibit">> = {
  6: "blackhole",
  7: "unreachable",
  8: "prohibit",
};

function set<K extends keyof Fields>(state: RuleState, field: K, value: Fields[K]): void {
  if (value !== undefined) state.fields[field] = value;
}

function readOther(state: RuleState, word: Word): void {
  const kind = actionNumbers[parseAnyBase(word.value) ?? -1];
  if (kind !== undefined) act(state, word, { kind });
  else rejectUnknown(state.words, word, ruleOptions);
}

/** The network fits every address when it has no bits: the kernel then takes it for absent. */
function readNetworkField(state: RuleState, option: Word, field: "from" | "to"): void {
  const { words } = state;
  const isKnown = state.family !== undefined;
  const { ahead } = words;
  const network = readNetworkAfter(state, option);
  if (network === undefined) return;
  if (isKnown && network.prefix === undefined && ahead !== undefined) tellUnordered(words, ahead);
  if (network.prefix === undefined || network.prefix.prefixLength === 0) delete state.fields[field];
  else set(state, field, network.prefix);
}

function readLink(state: RuleState, option: Word): string | undefined {
  return readLinkName(state.words, option, state.links);
}

function readInput(state: RuleState, option: Word): void {
  set(state, "inputInterface", readLink(state, option));
}

function readTos(state: RuleState, option: Word): void {
  set(state, "tos", readNamed(state.words, option, "rt_dsfield", 255));
}

/** Without a mask the kernel compares all bits, and none when the mark is 0. */
function readMark(state: RuleState, option: Word): void {
  const { words } = state;
  const value = words.valueOf(option);
  if (value === undefined) return;
  const [mark, mask, ...more] = value.value.split("/").map(parseAnyBase);
  const hasMask = value.value.includes("/");
  const isUsable = (number: number | undefined): number is number =>
    number !== undefined && number <= unsignedMax;
  if (!isUsable(mark) || (hasMask && !isUsable(mask)) || more.length > 0) {
    words.reject(option, value, `<mark>[/<mask>], each 0 to ${unsignedMax}`);
    return;
  }
  set(state, "firewallMark", { mark, mask: mask ?? (mark === 0 ? 0 : unsignedMax) });
}

function readUserIds(state: RuleState, option: Word): void {
  const value = state.words.valueOf(option);
  if (value === undefined) return;
  const range = parseRange(value.value, unsignedMax);
  if (range === undefined || !value.value.includes("-")) {
    state.words.reject(option, value, `<from>-<to>, each 0 to ${unsignedMax}`);
    return;
  }
  tellReversed(state.words, option, value, range);
  set(state, "userIds", range);
}

/** A single port is a range too, which keepalived refuses. A bad one leaves the rule as it is. */
function readPorts(words: LineWords, option: Word): NumberRange | undefined {
  const value = words.valueOf(option);
  if (value === undefined) return undefined;
  const range = parseRange(value.value, portMax);
  if (range === undefined) {
    const expected = `<port> or <from>-<to>, each 0 to ${portMax}`;
    words.complain(option, value, expected, "the rule is used without it");
  } else if (!value.value.includes("-")) {
    const same = `${value.value}-${value.value}`;
    words.differs(option, `ignores ${option.value} with one port`, `write ${option.value} ${same}`);
  } else tellReversed(words, option, value, range);
  return range;
}

/** The kernel refuses a rule with such a range (net/core/fib_rules.c). */
function tellReversed(words: LineWords, option: Word, at: Word, { from, to }: NumberRange): void {
  if (from <= to) return;
  words.tell(at, {
    severity: "hint",
    code: "INVALID_VALUE",
    message: `Cannot expect the kernel to take ${words.place}: ${option.value} runs backwards`,
    hint: `write ${option.value} ${to}-${from}`,
  });
}

/** `<n>-<n>`, or one number for both ends. */
function parseRange(text: string, max: number): NumberRange | undefined {
  const [, first, second] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  const from = Number(first);
  const to = Number(second ?? first);
  return from <= max && to <= max ? { from, to } : undefined;
}

/** IANA's protocol numbers under their usual names. */
const ipProtocols: Readonly<Record<string, number>> = {
  ...{ ip: 0, icmp: 1, igmp: 2, ipencap: 4, ipip: 4, tcp: 6, egp: 8, udp: 17, dccp: 33, ipv6: 41 },
  ...{ rsvp: 46, gre: 47, esp: 50, ah: 51, icmpv6: 58, "ipv6-icmp": 58, eigrp: 88, ospf: 89 },
  ...{ pim: 103, vrrp: 112, l2tp: 115, isis: 124, sctp: 132, udplite: 136, "mpls-in-ip": 137 },
};

function readIpProtocol(state: RuleState, option: Word): void {
  const value = state.words.valueOf(option);
  if (value === undefined) return;
  const name = value.value.toLowerCase();
  const named = Object.hasOwn(ipProtocols, name) ? ipProtocols[name] : undefined;
  const number = named ?? parseAnyBase(name);
  if (number !== undefined && number <= 255) set(state, "ipProtocol", number);
  else {
    const expected = "0 to 255, or a name such as tcp";
    state.words.complain(option, value, expected, "the rule is used without it");
  }
}

function readPreference(state: RuleState, option: Word): void {
  const value = state.words.valueOf(option);
  if (value === undefined) return;
  const number = parseAnyBase(value.value);
  if (number !== undefined && number <= unsignedMax) set(state, "preference", number);
  else state.words.reject(option, value, `0 to ${unsignedMax}`);
}

function readProtocol(state: RuleState, option: Word): void {
  const value = state.words.valueOf(option);
  if (value === undefined) return;
  const parsed = parseInteger(value.value);
  if (parsed?.rest === "" && parsed.value >= 0 && parsed.value <= 255) {
    state.protocol = value;
    set(state, "protocol", parsed.value);
  } else {
    const expected = "a number from 0 to 255, not a name";
    state.words.complain(option, value, expected, `${protocolKeepalived} is used`);
  }
}

function readRuleRealms(state: RuleState, option: Word): void {
  const realms = readRealms(state.words, option);
  if (realms === undefined || !claimFamily(state, 4, option)) return;
  state.tableOption ??= option;
  set(state, "realms", realms);
}

function readSuppressedLength(state: RuleState, option: Word): void {
  state.tableOption ??= option;
  set(state, "suppressPrefixLength", readNumber(state.words, option, signedMax));
}

function readSuppressedGroup(state: RuleState, option: Word): void {
  state.tableOption ??= option;
  set(state, "suppressInterfaceGroup", readNamed(state.words, option, "group", signedMax));
}

function readTable(state: RuleState, option: Word): void {
  const table = readNamed(state.words, option, "rt_tables", unsignedMax);
  if (table === 0) state.words.drop(option, "INVALID_VALUE", "table 0 cannot be looked up");
  else if (table !== undefined) act(state, option, { kind: "table", table });
}

function readType(state: RuleState, option: Word): void {
  const value = state.words.valueOf(option);
  if (value === undefined) return;
  const read = actionWords.includes(value.value) ? ruleOptions[value.value] : undefined;
  const kind = actionNumbers[parseAnyBase(value.value) ?? -1];
  if (read !== undefined) read(state, value);
  else if (kind !== undefined) act(state, value, { kind });
  else state.words.reject(option, value, actionWords.join(", "));
}

function readGoto(state: RuleState, option: Word): void {
  const preference = readNumber(state.words, option, unsignedMax);
  if (preference !== undefined) act(state, option, { kind: "goto", preference });
}

function act(state: RuleState, option: Word, action: RuleAction): void {
  const { words, fields } = state;
  if (fields.action === undefined) fields.action = action;
  else {
    const both = `${fields.action.kind} and ${shorten(option.value)} exclude each other`;
    words.drop(option, "CONFLICT", both, { hint: "make one rule for each action" });
  }
}

function readRuleTrackGroup(state: RuleState, option: Word): void {
  const { words, isStatic, trackGroup } = state;
  set(state, "trackGroup", readTrackGroup(words, option, isStatic, trackGroup));
  state.trackGroup = option;
}

/** What only the whole line shows, and the defaults. */
function finishRule(state: RuleState, line: Statement): RuleDraft | undefined {
  const { words, fields, links } = state;
  const { action } = fields;
  if (action === undefined) {
    return words.drop(line.keyword, "MISSING_KEYWORD", "it has no action", {
      expected: "table <table>, goto <preference>, l3mdev, nop, blackhole, unreachable, prohibit",
    });
  }
  if (action.kind === "goto" && !canGo(words, line, fields.preference, action.preference)) {
    return undefined;
  }
  const looksUp = action.kind === "table" || action.kind === "l3mdev";
  if (state.tableOption !== undefined && !looksUp) {
    const why = `${state.tableOption.value} goes only with a table`;
    return words.drop(state.tableOption, "CONFLICT", why);
  }
  checkProtocol(words, state.protocol, fields);
  if (state.trackGroup !== undefined && fields.inputInterface === undefined) {
    tellUntrackable(words, state.trackGroup, "iif");
    delete fields.trackGroup;
  }
  const family = state.family ?? 4;
  const value: RuleConfig = {
    family,
    isInverted: false,
    tos: 0,
    protocol: protocolKeepalived,
    isTracked: true,
    ...fields,
    preference: fields.preference ?? freePreference(state, line, family),
    action,
  };
  return { value, links };
}

function canGo(
  words: LineWords,
  line: Statement,
  own: number | undefined,
  target: number,
): boolean {
  if (own !== undefined && own < target) return true;
  const why =
    own === undefined
      ? "goto needs a preference"
      : `goto ${target} is not above its own preference ${own}`;
  words.drop(line.keyword, "CONFLICT", why);
  return false;
}

/** Counts down from 16384, over static and virtual rules, for each family. */
function freePreference({ words }: RuleState, line: Statement, family: 4 | 6): number {
  const { freePreference: free } = words.scope.root.statics;
  const preference = free[family];
  free[family] = Math.max(0, preference - 1);
  words.tell(line.keyword, {
    severity: "error",
    code: "MISSING_KEYWORD",
    message: `Cannot tell where ${words.place} belongs; preference ${preference} is used`,
    hint: "add preference <n>: rules with smaller numbers are asked first",
  });
  return preference;
}
