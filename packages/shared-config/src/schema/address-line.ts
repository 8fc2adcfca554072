// The lines of virtual_ipaddress: address[/prefix], then dev, scope, broadcast, label in any order.
// Follows keepalived's vrrp/vrrp_ipaddress.c. Which interface a line without dev means, and whether
// the families agree, the linker decides.

import { formatIp, ipFamily, parseIp } from "../base/ip.js";
import type { Statement, Word } from "../text/ast.js";
import type { DiagnosticCode } from "../text/codes.js";
import type { Severity } from "../text/diagnostic.js";
import type { Span } from "../text/source.js";
import { broadcastOf, isTooLongForBroadcast, prefixLengthMax } from "./address-arithmetic.js";
import type { AddressDraft } from "./draft.js";
import { type Scope, shorten } from "./keyword.js";
import { parseInteger } from "./number.js";

/** IFNAMSIZ less the final NUL (linux/if.h). */
export const interfaceNameMax = 15;

/** Whether the kernel could have an interface (or a label) of this name. */
export function isInterfaceName(name: string): boolean {
  const length = Buffer.byteLength(name);
  return length >= 1 && length <= interfaceNameMax;
}

/** rt_scope of linux/rtnetlink.h, by the names of iproute2. */
const scopes: Readonly<Record<string, number>> = {
  global: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
};

/** Words of an address line that are not acted on yet; the value tells how many follow. */
const laterWords: Readonly<Record<string, number>> = {
  peer: 1,
  home: 0,
  "-nodad": 0,
  mngtmpaddr: 0,
  noprefixroute: 0,
  autojoin: 0,
  no_track: 0,
  preferred_lft: 1,
  track_group: 1,
  use_vmac: 0,
};

/** Words whose absence would hold another address than the one meant. */
const harms: Readonly<Record<string, string>> = {
  peer: "another address than the one meant would be held",
  use_vmac: "the address would not be held with the virtual MAC",
};

interface LineState<D> {
  readonly scope: Scope<D>;
  readonly address: Word;
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
  device?: string;
  label?: string;
  scopeNumber: number;
  broadcast?: string;
  /** Set when the whole line must be dropped; a report has said why. */
  isDropped: boolean;
}

/** The address that a line of a list block names, or undefined when the line is dropped. */
export function readAddressLine<D>(
  scope: Scope<D>,
  statement: Statement,
): AddressDraft | undefined {
  const words = [statement.keyword, ...statement.words];
  const [address] = words;
  const state = address === undefined ? undefined : startLine(scope, address);
  if (state === undefined || address === undefined) return undefined;
  let index = 1;
  while (index < words.length && !state.isDropped) index += readOption(state, words, index);
  if (state.isDropped) return undefined;
  return {
    address: formatIp(state.bytes),
    family: state.bytes.length === 4 ? 4 : 6,
    prefixLength: state.prefixLength,
    device: state.device,
    scope: state.scopeNumber,
    span: address.span,
    ...(state.label === undefined ? {} : { label: state.label }),
    ...(state.broadcast === undefined ? {} : { broadcast: state.broadcast }),
  };
}

function startLine<D>(scope: Scope<D>, address: Word): LineState<D> | undefined {
  const slash = address.value.indexOf("/");
  const host = slash < 0 ? address.value : address.value.slice(0, slash);
  const bytes = parseIp(host);
  if (bytes === undefined) {
    report(scope, address.span, "error", "INVALID_ADDRESS", {
      message: `Cannot use the address "${shorten(host)}" in ${scope.owner}; the line is ignored`,
      expected: "<address>[/<prefix length>] [dev <interface>] [brd <address>] [label <text>]",
    });
    return undefined;
  }
  const prefixLength = readPrefix(scope, address, slash, ipFamily(host));
  return { scope, address, bytes, prefixLength, scopeNumber: 0, isDropped: false };
}

function readPrefix<D>(scope: Scope<D>, address: Word, slash: number, family: 4 | 6): number {
  const max = prefixLengthMax(family);
  const text = slash < 0 ? "" : address.value.slice(slash + 1);
  if (text === "") return max;
  const parsed = parseInteger(text);
  const isUsable = parsed?.rest === "" && parsed.value >= 0 && parsed.value <= max;
  if (parsed !== undefined && isUsable) return parsed.value;
  report(scope, address.span, "error", "INVALID_VALUE", {
    message: `Cannot use the prefix length "${shorten(text)}" in ${scope.owner}; ${max} is used`,
    expected: `0 to ${max}`,
  });
  return max;
}

/** Reads the option at `index` and returns how many words it took. */
function readOption<D>(state: LineState<D>, words: readonly Word[], index: number): number {
  const option = words[index];
  const value = words[index + 1];
  if (option === undefined) return 1;
  const reader = Object.hasOwn(readers, option.value) ? readers[option.value] : undefined;
  if (reader === undefined) return readOther(state, option, value);
  if (value === undefined) dropWithoutValue(state, option);
  else reader(state, value);
  return 2;
}

type Reader = <D>(state: LineState<D>, value: Word) => void;

const readers: Readonly<Record<string, Reader>> = {
  dev: readDevice,
  scope: readScope,
  brd: readBroadcast,
  broadcast: readBroadcast,
  label: readLabel,
};

function readDevice<D>(state: LineState<D>, value: Word): void {
  if (state.device !== undefined) drop(state, value, "dev stands twice");
  else if (!isInterfaceName(value.value)) {
    drop(state, value, `an interface name has 1 to ${interfaceNameMax} characters`);
  } else state.device = value.value;
}

function readScope<D>(state: LineState<D>, value: Word): void {
  const parsed = parseInteger(value.value);
  const named = Object.hasOwn(scopes, value.value) ? scopes[value.value] : undefined;
  const number = named ?? (parsed?.rest === "" ? parsed.value : undefined);
  if (number === undefined || number < 0 || number > 255) {
    report(state.scope, value.span, "error", "INVALID_VALUE", {
      message: `Cannot use scope "${shorten(value.value)}" in ${state.scope.owner}; global is used`,
      expected: `0 to 255, ${Object.keys(scopes).join(", ")}`,
    });
  } else state.scopeNumber = number;
}

function readBroadcast<D>(state: LineState<D>, value: Word): void {
  if (state.bytes.length !== 4) {
    drop(state, value, "IPv6 has no broadcast");
    return;
  }
  if (value.value !== "+" && value.value !== "-") {
    const bytes = parseIp(value.value);
    if (bytes?.length === 4) state.broadcast = formatIp(bytes);
    else drop(state, value, "brd takes an IPv4 address, + or -");
    return;
  }
  if (!isTooLongForBroadcast(state.prefixLength)) {
    state.broadcast = broadcastOf(state.bytes, state.prefixLength, value.value);
    return;
  }
  report(state.scope, value.span, "error", "INVALID_VALUE", {
    message: `Cannot derive a broadcast address from /${state.prefixLength}; none is set`,
    expected: "a prefix length of at most 30 with brd + or brd -",
  });
}

function readLabel<D>(state: LineState<D>, value: Word): void {
  if (!isInterfaceName(value.value)) {
    drop(state, value, `a label has 1 to ${interfaceNameMax} characters`);
  } else if (state.bytes.length === 4) state.label = value.value;
}

function readOther<D>(state: LineState<D>, option: Word, value: Word | undefined): number {
  const { scope } = state;
  const following = Object.hasOwn(laterWords, option.value) ? laterWords[option.value] : undefined;
  if (following === undefined) {
    report(scope, option.span, "error", "UNKNOWN_OPTION", {
      message: `Cannot use "${shorten(option.value)}" in an address line; the word is ignored`,
      expected: Object.keys(readers).join(", "),
    });
    return 1;
  }
  if (following > 0 && value === undefined) {
    dropWithoutValue(state, option);
    return 1;
  }
  const harm = Object.hasOwn(harms, option.value) ? harms[option.value] : undefined;
  scope.later.add(`${option.value} in an address line`, option.span, { harm });
  return 1 + following;
}

function dropWithoutValue<D>(state: LineState<D>, option: Word): void {
  drop(state, option, `a word must follow ${option.value}`);
}

function drop<D>(state: LineState<D>, at: Word, why: string): void {
  state.isDropped = true;
  report(state.scope, at.span, "error", "ADDRESS_DROPPED", {
    message: `Cannot hold ${formatIp(state.bytes)}: ${why}; the line is ignored`,
  });
}

function report<D>(
  scope: Scope<D>,
  span: Span,
  severity: Severity,
  code: DiagnosticCode,
  facts: { readonly message: string; readonly expected?: string },
): void {
  scope.diagnostics.report(span, { severity, code, ...facts });
}
