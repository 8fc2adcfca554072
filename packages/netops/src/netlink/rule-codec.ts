// Policy rules as rtnetlink messages: RTM_NEWRULE and RTM_DELRULE, both ways (struct fib_rule_hdr
// and FRA_* of linux/fib_rules.h; the kernel's side is net/core/fib_rules.c). Pure.
//
//    0        1       2       3     4       5       7        8               12
//    +--------+-------+-------+-----+-------+-------+--------+---------------+--- - - -
//    | family |dst len|src len| tos | table |   0   | action | flags         | FRA_*
//    +--------+-------+-------+-----+-------+-------+--------+---------------+--- - - -

import {
  FIB_RULE_INVERT,
  FR_ACT_BLACKHOLE,
  FR_ACT_GOTO,
  FR_ACT_NOP,
  FR_ACT_PROHIBIT,
  FR_ACT_TO_TBL,
  FR_ACT_UNREACHABLE,
  FRA_DPORT_RANGE,
  FRA_DST,
  FRA_FLOW,
  FRA_FWMARK,
  FRA_FWMASK,
  FRA_GOTO,
  FRA_IIFNAME,
  FRA_IP_PROTO,
  FRA_L3MDEV,
  FRA_OIFNAME,
  FRA_PRIORITY,
  FRA_PROTOCOL,
  FRA_SPORT_RANGE,
  FRA_SRC,
  FRA_SUPPRESS_IFGROUP,
  FRA_SUPPRESS_PREFIXLEN,
  FRA_TABLE,
  FRA_TUN_ID,
  FRA_UID_RANGE,
} from "../constants/routing.js";
import { bigEndian64, decimal64 } from "./encapsulation-codec.js";
import { addressBytes, familyNumber, familyOf, prefixIn } from "./ip-attributes.js";
import {
  type Attributes,
  isLittleEndian,
  type MessageWriter,
  numberIn,
  readAttributes,
  textIn,
  viewOf,
} from "./message.js";
import type { IpPrefix, NumberRange, RuleAction, RuleRequest } from "./route-request.js";

/** A rule as the kernel tells of it; null = fits everything, or is not set. */
export interface KernelRule {
  readonly family: 4 | 6;
  readonly isInverted: boolean;
  readonly from: IpPrefix | null;
  readonly to: IpPrefix | null;
  readonly inputInterface: string | null;
  readonly outputInterface: string | null;
  readonly tos: number;
  readonly firewallMark: { readonly mark: number; readonly mask: number } | null;
  readonly tunnelId: string | null;
  readonly userIds: NumberRange | null;
  readonly ipProtocol: number | null;
  readonly sourcePorts: NumberRange | null;
  readonly destinationPorts: NumberRange | null;
  readonly preference: number;
  /** RTPROT_*. */
  readonly protocol: number;
  /** 0 = none. */
  readonly realms: number;
  readonly suppressPrefixLength: number | null;
  readonly suppressInterfaceGroup: number | null;
  readonly action: RuleAction;
}

const headerLength = 12;
/** How the kernel tells that nothing is suppressed: -1. */
const nothingSuppressed = 0xffff_ffff;
const everyBit = 0xffff_ffff;

const actionNumbers = {
  table: FR_ACT_TO_TBL,
  l3mdev: FR_ACT_TO_TBL,
  goto: FR_ACT_GOTO,
  nop: FR_ACT_NOP,
  blackhole: FR_ACT_BLACKHOLE,
  unreachable: FR_ACT_UNREACHABLE,
  prohibit: FR_ACT_PROHIBIT,
} as const;

/** Writes the payload of RTM_NEWRULE, or of RTM_DELRULE: the kernel finds the rule by all of it. */
export function encodeRule(writer: MessageWriter, rule: RuleRequest): void {
  const { action, from, to } = rule;
  const table = action.kind === "table" ? action.table : 0;
  writer.u8(familyNumber(rule.family));
  writer.u8(to?.prefixLength ?? 0);
  writer.u8(from?.prefixLength ?? 0);
  writer.u8(rule.tos);
  writer.u8(table > 0xff ? 0 : table);
  writer.u16(0);
  writer.u8(actionNumbers[action.kind]);
  writer.u32(rule.isInverted ? FIB_RULE_INVERT : 0);
  writer.attributeU32(FRA_PRIORITY, rule.preference);
  if (from && from.prefixLength > 0) writer.attribute(FRA_SRC, addressBytes(from.address));
  if (to && to.prefixLength > 0) writer.attribute(FRA_DST, addressBytes(to.address));
  encodeSelectors(writer, rule);
  if (rule.protocol !== 0) writer.attributeU8(FRA_PROTOCOL, rule.protocol);
  if (table > 0xff) writer.attributeU32(FRA_TABLE, table);
  if (action.kind === "goto") writer.attributeU32(FRA_GOTO, action.preference);
  if (action.kind === "l3mdev") writer.attributeU8(FRA_L3MDEV, 1);
  encodeOptionalU32(writer, FRA_FLOW, rule.realms);
  encodeOptionalU32(writer, FRA_SUPPRESS_PREFIXLEN, rule.suppressPrefixLength);
  encodeOptionalU32(writer, FRA_SUPPRESS_IFGROUP, rule.suppressInterfaceGroup);
}

function encodeSelectors(writer: MessageWriter, rule: RuleRequest): void {
  if (rule.inputInterface !== undefined) writer.attributeText(FRA_IIFNAME, rule.inputInterface);
  if (rule.outputInterface !== undefined) writer.attributeText(FRA_OIFNAME, rule.outputInterface);
  if (rule.firewallMark !== undefined) {
    writer.attributeU32(FRA_FWMARK, rule.firewallMark.mark);
    writer.attributeU32(FRA_FWMASK, rule.firewallMark.mask);
  }
  if (rule.tunnelId !== undefined) writer.attribute(FRA_TUN_ID, bigEndian64(rule.tunnelId));
  if (rule.userIds !== undefined) writer.attribute(FRA_UID_RANGE, userRange(rule.userIds));
  if (rule.ipProtocol !== undefined) writer.attributeU8(FRA_IP_PROTO, rule.ipProtocol);
  if (rule.sourcePorts !== undefined) {
    writer.attribute(FRA_SPORT_RANGE, portRange(rule.sourcePorts));
  }
  if (rule.destinationPorts !== undefined) {
    writer.attribute(FRA_DPORT_RANGE, portRange(rule.destinationPorts));
  }
}

function encodeOptionalU32(writer: MessageWriter, type: number, value: number | undefined): void {
  if (value !== undefined) writer.attributeU32(type, value);
}

/** struct fib_rule_uid_range. */
function userRange({ from, to }: NumberRange): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = viewOf(bytes);
  view.setUint32(0, from, isLittleEndian);
  view.setUint32(4, to, isLittleEndian);
  return bytes;
}

/** struct fib_rule_port_range. */
function portRange({ from, to }: NumberRange): Uint8Array {
  const bytes = new Uint8Array(4);
  const view = viewOf(bytes);
  view.setUint16(0, from, isLittleEndian);
  view.setUint16(2, to, isLittleEndian);
  return bytes;
}

/** Writes the payload of an RTM_GETRULE dump: the rules of IPv4 and IPv6. */
export function encodeRuleDump(writer: MessageWriter): void {
  for (let i = 0; i < headerLength / 4; i++) writer.u32(0);
}

/**
 * The rule in the payload of an RTM_*RULE message; null = none of IPv4 or IPv6 (multicast routing
 * has some), or with an action that nobody can ask for; undefined = malformed.
 */
export function decodeRule(payload: Uint8Array): KernelRule | null | undefined {
  if (payload.length < headerLength) return undefined;
  const [familyByte, toLength = 0, fromLength = 0, tos = 0, shortTable = 0] = payload;
  const family = familyOf(familyByte);
  if (family === null) return null;
  const attributes = readAttributes(payload, headerLength);
  if (attributes === undefined) return undefined;
  const from = prefixIn(attributes, FRA_SRC, family, fromLength);
  const to = prefixIn(attributes, FRA_DST, family, toLength);
  if (from === undefined || to === undefined) return undefined;
  const action = actionIn(attributes, payload[7] ?? 0, shortTable);
  if (action === null) return null;
  return {
    family,
    isInverted: (viewOf(payload).getUint32(8, isLittleEndian) & FIB_RULE_INVERT) !== 0,
    from: fromLength === 0 ? null : from,
    to: toLength === 0 ? null : to,
    inputInterface: textIn(attributes.get(FRA_IIFNAME)) ?? null,
    outputInterface: textIn(attributes.get(FRA_OIFNAME)) ?? null,
    tos,
    firewallMark: markIn(attributes),
    tunnelId: decimal64(attributes.get(FRA_TUN_ID)) ?? null,
    userIds: userRangeIn(attributes.get(FRA_UID_RANGE)),
    ipProtocol: numberIn(attributes.get(FRA_IP_PROTO)) ?? null,
    sourcePorts: portRangeIn(attributes.get(FRA_SPORT_RANGE)),
    destinationPorts: portRangeIn(attributes.get(FRA_DPORT_RANGE)),
    preference: numberIn(attributes.get(FRA_PRIORITY)) ?? 0,
    protocol: numberIn(attributes.get(FRA_PROTOCOL)) ?? 0,
    realms: numberIn(attributes.get(FRA_FLOW)) ?? 0,
    suppressPrefixLength: suppressedIn(attributes, FRA_SUPPRESS_PREFIXLEN),
    suppressInterfaceGroup: suppressedIn(attributes, FRA_SUPPRESS_IFGROUP),
    action,
  };
}

function actionIn(attributes: Attributes, number: number, shortTable: number): RuleAction | null {
  switch (number) {
    case FR_ACT_TO_TBL:
      if (numberIn(attributes.get(FRA_L3MDEV)) === 1) return { kind: "l3mdev" };
      return { kind: "table", table: numberIn(attributes.get(FRA_TABLE)) ?? shortTable };
    case FR_ACT_GOTO:
      return { kind: "goto", preference: numberIn(attributes.get(FRA_GOTO)) ?? 0 };
    case FR_ACT_NOP:
      return { kind: "nop" };
    case FR_ACT_BLACKHOLE:
      return { kind: "blackhole" };
    case FR_ACT_UNREACHABLE:
      return { kind: "unreachable" };
    case FR_ACT_PROHIBIT:
      return { kind: "prohibit" };
    default:
      return null;
  }
}

function markIn(attributes: Attributes): KernelRule["firewallMark"] {
  const mark = numberIn(attributes.get(FRA_FWMARK));
  const mask = numberIn(attributes.get(FRA_FWMASK));
  if (mark === undefined && mask === undefined) return null;
  return { mark: mark ?? 0, mask: mask ?? everyBit };
}

function suppressedIn(attributes: Attributes, type: number): number | null {
  const value = numberIn(attributes.get(type));
  return value === undefined || value === nothingSuppressed ? null : value;
}

function userRangeIn(bytes: Uint8Array | undefined): NumberRange | null {
  if (bytes?.length !== 8) return null;
  const view = viewOf(bytes);
  return { from: view.getUint32(0, isLittleEndian), to: view.getUint32(4, isLittleEndian) };
}

function portRangeIn(bytes: Uint8Array | undefined): NumberRange | null {
  if (bytes?.length !== 4) return null;
  const view = viewOf(bytes);
  return { from: view.getUint16(0, isLittleEndian), to: view.getUint16(2, isLittleEndian) };
}
