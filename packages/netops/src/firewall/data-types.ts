// The data types of nftables that we use: their numbers and lengths, and values as bytes, both
// ways. Pure. A part of a concatenation fills whole registers of 4 bytes.

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { formatIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import { readHost32, writeHost32 } from "../bytes.js";
import {
  BYTEORDER_BIG_ENDIAN,
  BYTEORDER_HOST_ENDIAN,
  NFTNL_UDATA_SET_DATABYTEORDER,
  NFTNL_UDATA_SET_KEYBYTEORDER,
  TYPE_ICMP6_TYPE,
  TYPE_IFINDEX,
  TYPE_IFNAME,
  TYPE_INET_SERVICE,
  TYPE_IP6ADDR,
  TYPE_IPADDR,
  TYPE_MARK,
} from "../constants/nftables.js";
import { alignToFour, textIn } from "../netlink/message.js";
import type { DataType, ElementPart } from "./types.js";

interface TypeFacts {
  readonly number: number;
  readonly length: number;
  /** Of its bytes, as nft(8) notes it for itself. */
  readonly order: number;
}

const types: Readonly<Record<DataType, TypeFacts>> = {
  ipv4_addr: { number: TYPE_IPADDR, length: 4, order: BYTEORDER_BIG_ENDIAN },
  ipv6_addr: { number: TYPE_IP6ADDR, length: 16, order: BYTEORDER_BIG_ENDIAN },
  iface_index: { number: TYPE_IFINDEX, length: 4, order: BYTEORDER_HOST_ENDIAN },
  icmpv6_type: { number: TYPE_ICMP6_TYPE, length: 1, order: BYTEORDER_BIG_ENDIAN },
  inet_service: { number: TYPE_INET_SERVICE, length: 2, order: BYTEORDER_BIG_ENDIAN },
  mark: { number: TYPE_MARK, length: 4, order: BYTEORDER_HOST_ENDIAN },
  ifname: { number: TYPE_IFNAME, length: 16, order: BYTEORDER_HOST_ENDIAN },
};

const bitsOfType = 6;
const typeMask = (1 << bitsOfType) - 1;

/** NFTA_SET_KEY_TYPE: the kernel keeps it for those who list the set. */
export function typeNumber(keyTypes: readonly DataType[]): number {
  return keyTypes.reduce((sum, type) => (sum << bitsOfType) | types[type].number, 0);
}

/** The types that a number stands for, or undefined if one is unknown here. */
export function typesOfNumber(number: number): readonly DataType[] | undefined {
  const names: DataType[] = [];
  for (let rest = number; rest !== 0; rest >>>= bitsOfType) {
    const name = typeNames.get(rest & typeMask);
    if (name === undefined) return undefined;
    names.unshift(name);
  }
  return names.length === 0 ? undefined : names;
}

/** Of each part of a key, in bytes. */
export function partLengths(keyTypes: readonly DataType[]): readonly number[] {
  return keyTypes.map((type) => types[type].length);
}

/** The length of a key or of data. */
export function typeLength(keyTypes: readonly DataType[]): number {
  const [first] = keyTypes;
  if (keyTypes.length === 1 && first !== undefined) return types[first].length;
  return keyTypes.reduce((sum, type) => sum + alignToFour(types[type].length), 0);
}

/**
 * NFTA_SET_USERDATA: means nothing to the kernel. Without it nft(8) lists an interface's index with
 * its bytes turned round. Of a concatenation there is no one order.
 */
export function setUserData(
  keyTypes: readonly DataType[],
  dataType: DataType | undefined,
): Uint8Array {
  const [first] = keyTypes;
  const keyOrder = keyTypes.length === 1 && first !== undefined ? types[first].order : 0;
  const bytes = new Uint8Array(dataType === undefined ? 6 : 12);
  bytes.set([NFTNL_UDATA_SET_KEYBYTEORDER, 4]);
  writeHost32(bytes, 2, keyOrder);
  if (dataType === undefined) return bytes;
  bytes.set([NFTNL_UDATA_SET_DATABYTEORDER, 4], 6);
  writeHost32(bytes, 8, types[dataType].order);
  return bytes;
}

/** The bytes of a key: its parts were checked when they were configured. */
export function encodeParts(
  keyTypes: readonly DataType[],
  parts: readonly ElementPart[],
): Uint8Array {
  assert(parts.length === keyTypes.length, "an element has a part for each type of its set");
  const bytes = new Uint8Array(typeLength(keyTypes));
  let at = 0;
  keyTypes.forEach((type, i) => {
    writePart(bytes, at, type, parts[i]);
    at += alignToFour(types[type].length);
  });
  return bytes;
}

/** The parts of a key, or undefined if it has another length. */
export function decodeParts(
  keyTypes: readonly DataType[],
  bytes: Uint8Array,
): readonly ElementPart[] | undefined {
  if (bytes.length !== typeLength(keyTypes)) return undefined;
  let at = 0;
  return keyTypes.map((type) => {
    const part = readPart(bytes.subarray(at, at + types[type].length), type);
    at += alignToFour(types[type].length);
    return part;
  });
}

/** An interface's name as nftables compares it: 16 bytes, filled with zeros. */
export function interfaceNameBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(types.ifname.length);
  const text = Buffer.from(name, "latin1");
  assert(text.length < bytes.length, "an interface's name has at most 15 bytes");
  bytes.set(text);
  return bytes;
}

function writePart(
  bytes: Uint8Array,
  at: number,
  type: DataType,
  part: ElementPart | undefined,
): void {
  if (type === "ipv4_addr" || type === "ipv6_addr") {
    const address = typeof part === "string" ? parseIp(part) : undefined;
    assert(address?.length === types[type].length, "an address in a set is of the set's family");
    bytes.set(address, at);
  } else if (type === "ifname") {
    assert(typeof part === "string", "an interface in this set is given by its name");
    bytes.set(interfaceNameBytes(part), at);
  } else {
    assert(typeof part === "number", "what is no address and no name is given by its number");
    if (types[type].length === 4) writeHost32(bytes, at, part);
    else if (type === "inet_service") bytes.set([part >> 8, part & 0xff], at);
    else bytes[at] = part;
  }
}

function readPart(bytes: Uint8Array, type: DataType): ElementPart {
  if (type === "ipv4_addr" || type === "ipv6_addr") return formatIp(bytes);
  if (type === "ifname") return textIn(bytes) ?? "";
  if (type === "inet_service") return ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  return types[type].length === 4 ? readHost32(bytes, 0) : (bytes[0] ?? 0);
}

const typeNames: ReadonlyMap<number, DataType> = new Map(
  (Object.keys(types) as DataType[]).map((name) => [types[name].number, name]),
);
