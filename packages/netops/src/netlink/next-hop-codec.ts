// Where a route leads: gateway, interface, realm and tunnel, for the route as a whole or for each
// of several next hops (RTA_MULTIPATH, struct rtnexthop of linux/rtnetlink.h), both ways. Pure.
//
//    0               2       3       4               8
//    +---------------+-------+-------+---------------+--- - - -
//    |    length     | flags |weight-1| iface index  | RTA_GATEWAY or RTA_VIA, RTA_FLOW, RTA_ENCAP*
//    +---------------+-------+-------+---------------+--- - - -

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { formatIp } from "@keepalived-ts/shared-config/base/ip";
import {
  RTA_FLOW,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_VIA,
  RTNH_F_ONLINK,
} from "../constants/routing.js";
import {
  decodeEncapsulation,
  encodeEncapsulation,
  type KernelEncapsulation,
} from "./encapsulation-codec.js";
import { addressBytes, familyNumber, familyOf, ipIn } from "./ip-attributes.js";
import {
  type Attributes,
  alignToFour,
  isLittleEndian,
  MessageWriter,
  numberIn,
  readAttributes,
  viewOf,
} from "./message.js";
import type { Encapsulation } from "./route-request.js";

export interface KernelNextHop {
  readonly via: string | null;
  /** 0 = none. */
  readonly interfaceIndex: number;
  readonly weight: number;
  readonly onLink: boolean;
  /** 0 = none. */
  readonly realms: number;
  readonly encapsulation: KernelEncapsulation | null;
}

/** A next hop whose interface has been found. */
export interface ResolvedNextHop {
  readonly via?: string | undefined;
  /** 0 = the kernel looks for it. */
  readonly interfaceIndex: number;
  readonly weight: number;
  readonly onLink: boolean;
  readonly realms?: number | undefined;
  readonly encapsulation?: Encapsulation | undefined;
}

const headerLength = 8;
const maxWeight = 256;

/** What route and next hop have in common: the attributes beside the interface. */
export function encodeWay(
  writer: MessageWriter,
  family: 4 | 6,
  way: Pick<ResolvedNextHop, "via" | "realms" | "encapsulation">,
): void {
  if (way.via !== undefined) encodeGateway(writer, family, way.via);
  if (way.realms !== undefined && way.realms !== 0) writer.attributeU32(RTA_FLOW, way.realms);
  if (way.encapsulation !== undefined) encodeEncapsulation(writer, way.encapsulation);
}

export function encodeNextHops(
  writer: MessageWriter,
  family: 4 | 6,
  hops: readonly ResolvedNextHop[],
): void {
  if (hops.length === 0) return;
  const entries = hops.map((hop) => nextHopBytes(family, hop));
  writer.attribute(RTA_MULTIPATH, Buffer.concat(entries));
}

function nextHopBytes(family: 4 | 6, hop: ResolvedNextHop): Uint8Array {
  assert(hop.weight >= 1 && hop.weight <= maxWeight, "a next hop's weight is 1 to 256");
  const attributes = new MessageWriter(256);
  encodeWay(attributes, family, hop);
  const inner = attributes.bytes();
  const bytes = new Uint8Array(headerLength + inner.length);
  const view = viewOf(bytes);
  view.setUint16(0, bytes.length, isLittleEndian);
  view.setUint8(2, hop.onLink ? RTNH_F_ONLINK : 0);
  view.setUint8(3, hop.weight - 1);
  view.setUint32(4, hop.interfaceIndex, isLittleEndian);
  bytes.set(inner, headerLength);
  return bytes;
}

/** A neighbour of the other family goes into struct rtvia: its family, then its bytes. */
function encodeGateway(writer: MessageWriter, family: 4 | 6, via: string): void {
  const bytes = addressBytes(via);
  const viaFamily = bytes.length === 4 ? 4 : 6;
  if (viaFamily === family) {
    writer.attribute(RTA_GATEWAY, bytes);
    return;
  }
  const value = new Uint8Array(2 + bytes.length);
  viewOf(value).setUint16(0, familyNumber(viaFamily), isLittleEndian);
  value.set(bytes, 2);
  writer.attribute(RTA_VIA, value);
}

/** undefined = malformed. */
export function decodeWay(
  attributes: Attributes,
  family: 4 | 6,
): Pick<KernelNextHop, "via" | "realms" | "encapsulation"> | undefined {
  const encapsulation = decodeEncapsulation(attributes);
  if (encapsulation === undefined) return undefined;
  return {
    via: ipIn(attributes, RTA_GATEWAY, family) ?? otherFamily(attributes.get(RTA_VIA)),
    realms: numberIn(attributes.get(RTA_FLOW)) ?? 0,
    encapsulation,
  };
}

function otherFamily(value: Uint8Array | undefined): string | null {
  if (value === undefined || value.length < 2) return null;
  const family = familyOf(viewOf(value).getUint16(0, isLittleEndian));
  const bytes = value.subarray(2);
  if (family === null || bytes.length !== (family === 4 ? 4 : 16)) return null;
  return formatIp(bytes);
}

/** undefined = malformed. */
export function decodeNextHops(
  value: Uint8Array | undefined,
  family: 4 | 6,
): KernelNextHop[] | undefined {
  const hops: KernelNextHop[] = [];
  if (value === undefined) return hops;
  const view = viewOf(value);
  let offset = 0;
  while (offset + headerLength <= value.length) {
    const length = view.getUint16(offset, isLittleEndian);
    if (length < headerLength || length > value.length - offset) return undefined;
    const attributes = readAttributes(value.subarray(offset + headerLength, offset + length));
    const way = attributes === undefined ? undefined : decodeWay(attributes, family);
    if (way === undefined) return undefined;
    hops.push({
      ...way,
      interfaceIndex: view.getUint32(offset + 4, isLittleEndian),
      weight: view.getUint8(offset + 3) + 1,
      onLink: (view.getUint8(offset + 2) & RTNH_F_ONLINK) !== 0,
    });
    offset += alignToFour(length);
  }
  return offset >= value.length ? hops : undefined;
}
