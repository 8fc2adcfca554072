// IP addresses of interfaces as rtnetlink messages: RTM_NEWADDR and RTM_DELADDR, both ways
// (linux/if_addr.h, man 7 rtnetlink; the kernel's side is net/ipv4/devinet.c and
// net/ipv6/addrconf.c). Pure.
//
//    0        1            2       3        4               8
//    +--------+------------+-------+--------+---------------+--- - - -
//    | family | prefix len | flags | scope  | iface index   | IFA_* attributes
//    +--------+------------+-------+--------+---------------+--- - - -

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { formatIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import {
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_PROTO,
} from "../constants/netlink.js";
import { AF_INET, AF_INET6 } from "../constants/socket.js";
import {
  type Attributes,
  isLittleEndian,
  type MessageWriter,
  numberIn,
  readAttributes,
  textIn,
  viewOf,
} from "./message.js";

export interface InterfaceAddress {
  readonly interfaceIndex: number;
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: number;
  /** IFA_F_*. */
  readonly flags: number;
  readonly label: string | null;
  readonly broadcast: string | null;
  /** IFA_PROTO (Linux 5.18), 0 = none. */
  readonly protocol: number;
}

export interface AddressRequest {
  readonly interfaceIndex: number;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: number;
  /** IPv4 only, at most 15 characters; begins with the interface's name. */
  readonly label?: string | undefined;
  readonly broadcast?: string | undefined;
  /** The other end of a point-to-point link. */
  readonly peer?: string | undefined;
  /** IFA_PROTO: marks who has set the address; kernels before 5.18 ignore it. */
  readonly protocol?: number | undefined;
  /** IFA_F_NOPREFIXROUTE. */
  readonly noPrefixRoute?: boolean | undefined;
  /**
   * Preferred lifetime; 0 makes the address deprecated: never chosen as a source. Default forever.
   */
  readonly preferredLifetimeS?: number | undefined;
}

const headerLength = 8;
const foreverS = 0xffff_ffff;
const maxLabelLength = 15;

/**
 * The address in the payload of an RTM_*ADDR message; null = a family that is not IP; undefined =
 * malformed.
 */
export function decodeAddress(payload: Uint8Array): InterfaceAddress | null | undefined {
  if (payload.length < headerLength) return undefined;
  const [familyNumber = 0, prefixLength = 0, shortFlags = 0, scope = 0] = payload;
  if (familyNumber !== AF_INET && familyNumber !== AF_INET6) return null;
  const family = familyNumber === AF_INET ? 4 : 6;
  const attributes = readAttributes(payload, headerLength);
  if (attributes === undefined) return undefined;
  // IFA_ADDRESS is the prefix' address: on a point-to-point link that of the other end.
  const address = ipIn(attributes, IFA_LOCAL, family) ?? ipIn(attributes, IFA_ADDRESS, family);
  if (address === null) return undefined;
  return {
    interfaceIndex: viewOf(payload).getUint32(4, isLittleEndian),
    family,
    address,
    prefixLength,
    scope,
    flags: numberIn(attributes.get(IFA_FLAGS)) ?? shortFlags,
    label: textIn(attributes.get(IFA_LABEL)) ?? null,
    broadcast: ipIn(attributes, IFA_BROADCAST, family),
    protocol: numberIn(attributes.get(IFA_PROTO)) ?? 0,
  };
}

function ipIn(attributes: Attributes, type: number, family: 4 | 6): string | null {
  const bytes = attributes.get(type);
  if (bytes === undefined || bytes.length !== (family === 4 ? 4 : 16)) return null;
  return formatIp(bytes);
}

/** Writes the payload of RTM_NEWADDR. */
export function encodeNewAddress(writer: MessageWriter, request: AddressRequest): void {
  const local = encodeIdentity(writer, request);
  const flags = flagsOf(request, local);
  if (flags !== 0) writer.attributeU32(IFA_FLAGS, flags);
  if (request.broadcast !== undefined) {
    writer.attribute(IFA_BROADCAST, addressBytes(request.broadcast));
  }
  if (request.protocol !== undefined && request.protocol !== 0) {
    writer.attributeU8(IFA_PROTO, request.protocol);
  }
  if (request.preferredLifetimeS !== undefined) {
    encodeLifetimes(writer, request.preferredLifetimeS);
  }
}

/** Writes the payload of RTM_DELADDR: what identifies the address and nothing else. */
export function encodeDeleteAddress(writer: MessageWriter, request: AddressRequest): void {
  encodeIdentity(writer, request);
}

function encodeIdentity(writer: MessageWriter, request: AddressRequest): Uint8Array {
  const local = addressBytes(request.address);
  writer.u8(local.length === 4 ? AF_INET : AF_INET6);
  writer.u8(request.prefixLength);
  writer.u8(0); // IFA_FLAGS overrides this field.
  writer.u8(request.scope);
  writer.u32(request.interfaceIndex);
  writer.attribute(IFA_LOCAL, local);
  writer.attribute(IFA_ADDRESS, request.peer === undefined ? local : addressBytes(request.peer));
  if (request.label !== undefined) {
    assert(request.label.length <= maxLabelLength, "an address label has at most 15 characters");
    writer.attributeText(IFA_LABEL, request.label);
  }
  return local;
}

function flagsOf(request: AddressRequest, local: Uint8Array): number {
  const noPrefixRoute = request.noPrefixRoute === true ? IFA_F_NOPREFIXROUTE : 0;
  // RFC 9568 §6.4.3: the master answers for the address at once. Duplicate address detection would
  // hold it back for a second, and would see the former master's answer as a duplicate.
  return local.length === 16 ? noPrefixRoute | IFA_F_NODAD : noPrefixRoute;
}

/**
 * struct ifa_cacheinfo: preferred and valid lifetime, then two time stamps that the kernel ignores.
 */
function encodeLifetimes(writer: MessageWriter, preferredS: number): void {
  const info = new Uint8Array(16);
  const view = viewOf(info);
  view.setUint32(0, preferredS, isLittleEndian);
  view.setUint32(4, foreverS, isLittleEndian);
  writer.attribute(IFA_CACHEINFO, info);
}

function addressBytes(address: string): Uint8Array {
  const bytes = parseIp(address);
  assert(bytes !== undefined, "an address request carries an IP address");
  return bytes;
}
