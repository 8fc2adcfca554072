// The lines of virtual_ipaddress and static_ipaddress: address[/prefix], then options in any order.
// Follows keepalived's vrrp/vrrp_ipaddress.c. Which interface a line without dev means, and whether
// the families agree, the linker decides.

import { formatIp, ipFamily, parseIp } from "../base/ip.js";
import type { Statement, Word } from "../text/ast.js";
import type { Report } from "../text/diagnostic.js";
import { broadcastOf, isTooLongForBroadcast, prefixLengthMax } from "./address-arithmetic.js";
import type { StaticAddress } from "./config-routes.js";
import type { AddressDraft } from "./draft.js";
import { type Rule, type Scope, shorten } from "./keyword.js";
import { namedNumber, standardNamesOf } from "./line-names.js";
import { unsignedMax } from "./line-words.js";
import { parseInteger } from "./number.js";
import { quoteWord } from "./printed.js";
import { lines, lineWords, printLines } from "./sections.js";

/** IFNAMSIZ less the final NUL (linux/if.h). */
export const interfaceNameMax = 15;

/** Whether the kernel could have an interface (or a label) of this name. */
export function isInterfaceName(name: string): boolean {
  const length = Buffer.byteLength(name);
  return length >= 1 && length <= interfaceNameMax;
}

/** INFINITY_LIFE_TIME of linux/if_addr.h. */
export const lifetimeForever: number = unsignedMax;

const form = "<address>[/<prefix length>] [dev <interface>] [brd <address>] [label <text>]";

/** A list block of addresses in the table of the block that holds them. */
export function addressLines<D>(field: string, list: (draft: D) => AddressDraft[]): Rule<D> {
  const read = (scope: Scope<D>, line: Statement): void => {
    const address = readAddressLine(scope, line, false);
    if (address !== undefined) list(scope.draft).push(address);
  };
  return lines("<address>", read, printLines(field, printAddress));
}

/** Words of a virtual address that are not acted on yet. */
const harms: Readonly<Record<string, string>> = {
  use_vmac: "the address would not be held with the virtual MAC",
};

type Fields = { -readonly [K in keyof AddressDraft]: AddressDraft[K] };

interface LineState {
  readonly scope: Scope<unknown>;
  /** A line of static_ipaddress. */
  readonly isStatic: boolean;
  readonly fields: Fields;
  readonly isIpv4: boolean;
  /** Whether the address itself has a prefix length. */
  readonly hasPrefix: boolean;
  /** The word after brd, when the whole line has been read. */
  broadcast?: Word;
  /** Set when the whole line must be dropped; a report has said why. */
  isDropped: boolean;
}

/** The address that a line of a list block names, or undefined when the line is dropped. */
export function readAddressLine(
  scope: Scope<unknown>,
  statement: Statement,
  isStatic: boolean,
): AddressDraft | undefined {
  const words = lineWords(statement);
  const state = startLine(scope, statement.keyword, isStatic);
  if (state === undefined) return undefined;
  let index = 1;
  while (index < words.length && !state.isDropped) index += readOption(state, words, index);
  if (!state.isDropped) finishBroadcast(state);
  return state.isDropped ? undefined : state.fields;
}

function startLine(scope: Scope<unknown>, address: Word, isStatic: boolean): LineState | undefined {
  const slash = address.value.indexOf("/");
  const host = slash < 0 ? address.value : address.value.slice(0, slash);
  const bytes = parseIp(host);
  if (bytes === undefined) {
    report(scope, address, "INVALID_ADDRESS", {
      message: `Cannot use the address "${shorten(host)}" in ${scope.owner}; the line is ignored`,
      expected: form,
    });
    return undefined;
  }
  const family = ipFamily(host);
  const { span } = address;
  const prefixLength = readPrefix(scope, address, slash, family);
  const fields = { address: formatIp(bytes), family, prefixLength, device: undefined };
  return {
    scope,
    isStatic,
    fields: { ...fields, scope: 0, span },
    isIpv4: family === 4,
    hasPrefix: prefixLength !== prefixLengthMax(family),
    isDropped: false,
  };
}

function readPrefix(scope: Scope<unknown>, at: Word, slash: number, family: 4 | 6): number {
  const max = prefixLengthMax(family);
  const text = slash < 0 ? "" : at.value.slice(slash + 1);
  if (text === "") return max;
  const parsed = parseInteger(text);
  const isUsable = parsed?.rest === "" && parsed.value >= 0 && parsed.value <= max;
  if (parsed !== undefined && isUsable) return parsed.value;
  report(scope, at, "INVALID_VALUE", {
    message: `Cannot use the prefix length "${shorten(text)}" in ${scope.owner}; ${max} is used`,
    expected: `0 to ${max}`,
  });
  return max;
}

type Flag = "homeAddress" | "detectDuplicates" | "manageTemporaryAddresses" | "noPrefixRoute";

/** Flags; the second word says for which family the kernel knows them. */
const flags: Readonly<
  Record<string, readonly [Flag | "multicastAutoJoin" | "noTrack" | "useVmac", "any" | "IPv6"]>
> = {
  home: ["homeAddress", "IPv6"],
  "-nodad": ["detectDuplicates", "IPv6"],
  mngtmpaddr: ["manageTemporaryAddresses", "IPv6"],
  noprefixroute: ["noPrefixRoute", "any"],
  autojoin: ["multicastAutoJoin", "any"],
  no_track: ["noTrack", "any"],
  use_vmac: ["useVmac", "any"],
};

/** Reads the option at `index` and returns how many words it took. */
function readOption(state: LineState, words: readonly Word[], index: number): number {
  const option = words[index];
  const value = words[index + 1];
  if (option === undefined) return 1;
  const name = option.value;
  const isKnown = name === "use_vmac" ? !state.isStatic : name !== "track_group" || state.isStatic;
  if (isKnown && Object.hasOwn(flags, name)) {
    readFlag(state, option);
    return 1;
  }
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (reader === undefined || !isKnown) {
    reportUnknown(state, option);
    return reader === undefined ? 1 : 2;
  }
  if (value === undefined) drop(state, option, `a word must follow ${name}`);
  else reader(state, value, option);
  return 2;
}

function readFlag(state: LineState, option: Word): void {
  const flag = flags[option.value];
  if (flag === undefined) return;
  const [field, family] = flag;
  if (family === "IPv6" && state.isIpv4) {
    const what = `${option.value} with an IPv4 address in ${state.scope.owner}`;
    state.scope.diagnostics.report(option.span, {
      severity: "hint",
      code: "FAMILY_MISMATCH",
      message: `Cannot use ${what}; it is ignored`,
    });
    return;
  }
  state.fields[field] = true;
  addLater(state, option);
}

type Reader = (state: LineState, value: Word, option: Word) => void;

const readers: Readonly<Record<string, Reader>> = {
  dev: readDevice,
  scope: readScope,
  brd: readBroadcast,
  broadcast: readBroadcast,
  label: readLabel,
  peer: readPeer,
  preferred_lft: readLifetime,
  track_group: readGroup,
};

function readDevice(state: LineState, value: Word): void {
  if (state.fields.device !== undefined) drop(state, value, "dev stands twice");
  else if (!isInterfaceName(value.value)) {
    drop(state, value, `an interface name has 1 to ${interfaceNameMax} characters`);
  } else state.fields.device = value.value;
}

function readScope({ scope, fields, isIpv4 }: LineState, value: Word): void {
  const number = namedNumber(scope, "rt_scopes", value.value, 255);
  if (number === undefined) {
    report(scope, value, "INVALID_VALUE", {
      message: `Cannot use scope "${shorten(value.value)}" in ${scope.owner}; global is used`,
      expected: `0 to 255, ${standardNamesOf("rt_scopes").join(", ")}`,
    });
  } else if (isIpv4) fields.scope = number;
  else if (number !== 0) ignoreForIpv6(scope, value, "scope");
}

function ignoreForIpv6(scope: Scope<unknown>, at: Word, option: string): void {
  report(scope, at, "FAMILY_MISMATCH", {
    message: `Cannot use ${option} with an IPv6 address in ${scope.owner}; it is ignored`,
  });
}

/** What `+` and `-` come to depends on the peer, which may follow. */
function readBroadcast(state: LineState, value: Word): void {
  if (!state.isIpv4) {
    drop(state, value, "IPv6 has no broadcast");
    return;
  }
  const isDerived = value.value === "+" || value.value === "-";
  if (isDerived || parseIp(value.value)?.length === 4) state.broadcast = value;
  else drop(state, value, "brd takes an IPv4 address, + or -");
}

function finishBroadcast({ scope, fields, broadcast }: LineState): void {
  if (broadcast === undefined) return;
  const { address, prefixLength, peer } = fields;
  const form = broadcast.value;
  if (peer !== undefined) {
    report(scope, broadcast, "CONFLICT", {
      message: `Cannot use brd together with peer in ${scope.owner}; brd is ignored`,
    });
  } else if (form !== "+" && form !== "-") {
    fields.broadcast = form;
  } else if (isTooLongForBroadcast(prefixLength)) {
    report(scope, broadcast, "INVALID_VALUE", {
      message: `Cannot derive a broadcast address from /${prefixLength}; none is set`,
      expected: "a prefix length of at most 30 with brd + or brd -",
    });
  } else fields.broadcast = broadcastOf(parseIp(address) ?? new Uint8Array(4), prefixLength, form);
}

function readLabel(state: LineState, value: Word): void {
  if (!isInterfaceName(value.value)) {
    drop(state, value, `a label has 1 to ${interfaceNameMax} characters`);
  } else if (state.isIpv4) state.fields.label = value.value;
  else ignoreForIpv6(state.scope, value, "label");
}

/** `peer <address>[/<length>]`: the length is that of the address too. */
function readPeer(state: LineState, value: Word): void {
  const { scope, fields, isIpv4 } = state;
  const slash = value.value.indexOf("/");
  const bytes = parseIp(slash < 0 ? value.value : value.value.slice(0, slash));
  const what = `peer "${shorten(value.value)}" in ${scope.owner}`;
  if (fields.peer !== undefined) {
    report(scope, value, "REPEATED_KEYWORD", {
      message: `Cannot use a second ${what}; it is ignored`,
    });
  } else if (bytes === undefined || (bytes.length === 4) !== isIpv4) {
    report(scope, value, "INVALID_VALUE", {
      message: `Cannot use ${what}; ${fields.address} is used without one`,
      expected: `an IPv${fields.family} address`,
    });
  } else {
    if (state.hasPrefix) reportOwnPrefix(scope, value, fields.address);
    fields.peer = formatIp(bytes);
    fields.prefixLength = readPrefix(scope, value, slash, fields.family);
  }
}

function reportOwnPrefix(scope: Scope<unknown>, at: Word, address: string): void {
  report(scope, at, "CONFLICT", {
    message: `Cannot use the prefix length of ${address} together with peer; the peer's is used`,
    hint: `write ${address} peer <address>/<prefix length>`,
  });
}

function readLifetime({ scope, fields }: LineState, value: Word): void {
  const parsed = parseInteger(value.value);
  const isUsable = parsed?.rest === "" && parsed.value >= 0 && parsed.value <= lifetimeForever;
  if (value.value === "forever") fields.preferredLifetimeS = lifetimeForever;
  else if (parsed !== undefined && isUsable) fields.preferredLifetimeS = parsed.value;
  else {
    const kept = "it is ignored";
    report(scope, value, "INVALID_VALUE", {
      message: `Cannot use preferred_lft "${shorten(value.value)}" in ${scope.owner}; ${kept}`,
      expected: `0 to ${lifetimeForever} seconds, or forever`,
    });
  }
}

function readGroup({ scope, fields }: LineState, value: Word): void {
  const what = `track_group "${shorten(value.value)}" in ${scope.owner}`;
  if (fields.trackGroup !== undefined) {
    report(scope, value, "REPEATED_KEYWORD", {
      message: `Cannot use a second ${what}; it is ignored`,
    });
  } else if (scope.root.statics.trackGroups.has(value.value)) fields.trackGroup = value.value;
  else {
    report(scope, value, "INVALID_VALUE", {
      message: `Cannot use ${what}; it is ignored`,
      expected: "the name of a track_group that stands above",
    });
  }
}

function reportUnknown({ scope, isStatic }: LineState, option: Word): void {
  const absent = isStatic ? "use_vmac" : "track_group";
  const known = [...Object.keys(readers), ...Object.keys(flags)].filter((name) => name !== absent);
  report(scope, option, "UNKNOWN_OPTION", {
    message: `Cannot use "${shorten(option.value)}" in an address line; the word is ignored`,
    expected: known.join(", "),
  });
}

function addLater({ scope }: LineState, option: Word): void {
  const harm = Object.hasOwn(harms, option.value) ? harms[option.value] : undefined;
  if (harm !== undefined)
    scope.later.add(`${option.value} in an address line`, option.span, { harm });
}

function drop(state: LineState, at: Word, why: string): void {
  state.isDropped = true;
  report(state.scope, at, "ADDRESS_DROPPED", {
    message: `Cannot hold ${state.fields.address}: ${why}; the line is ignored`,
  });
}

function report(
  scope: Scope<unknown>,
  at: Word,
  code: Report["code"],
  facts: { readonly message: string; readonly expected?: string; readonly hint?: string },
): void {
  scope.diagnostics.report(at.span, { severity: "error", code, ...facts });
}

/** An address as the line that reads back to it, defaults included. */
export function printAddress(config: StaticAddress): string[] {
  const { address, prefixLength, peer, scope, label, broadcast, trackGroup } = config;
  const { preferredLifetimeS } = config;
  const length = `/${prefixLength}`;
  // 2.2.7 takes no length after peer.
  const isHost = prefixLength === prefixLengthMax(ipFamily(address));
  const peerWord = `${peer}${isHost ? "" : length}`;
  const lifetime = preferredLifetimeS === undefined ? "forever" : String(preferredLifetimeS);
  return [
    ...(peer === undefined ? [`${address}${length}`] : [address, "peer", peerWord]),
    ...["dev", quoteWord(config.device)],
    ...(address.includes(":") ? [] : ["scope", String(scope)]),
    ...(broadcast === undefined ? [] : ["brd", broadcast]),
    ...(label === undefined ? [] : ["label", quoteWord(label)]),
    ...Object.entries(flags).flatMap(([word, [field]]) => (config[field] === true ? [word] : [])),
    ...["preferred_lft", lifetime],
    ...(trackGroup === undefined ? [] : ["track_group", quoteWord(trackGroup)]),
  ];
}
