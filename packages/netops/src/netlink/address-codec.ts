// IP addresses of interfaces as rtnetlink messages: RTM_NEWADDR and RTM_DELADDR, both ways
// (linux/if_addr.h, man 7 rtnetlink; the kernel's side is net/ipv4/devinet.c and
// net/ipv6/addrconf.c). Pure.
//
//    0        1            2       3        4               8
//    +--------+------------+-------+--------+---------------+--- - - -
//    | family | prefix len | flags | scope  | iface index   | IFA_* attributes
//    +--------+------------+-------+--------+---------------+--- - - -

import { assert } from "@keepalived-ts/shared-config/base/assert";
import {
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_CACHEINFO,
  IFA_F_DADFAILED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_TENTATIVE,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_PROTO,
} from "../constants/netlink.js";
import { AF_INET, AF_INET6 } from "../constants/socket.js";
import { addressBytes, familyOf, ipIn } from "./ip-attributes.js";
import {
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
  /** The other end of a point-to-point link, if there is one. */
  readonly peer?: string;
  /** Of what is left; absent = forever. */
  readonly preferredLifetimeS?: number;
  /** Of what is left; absent = forever. */
  readonly validLifetimeS?: number;
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
  /** IFA_F_HOMEADDRESS, IPv6 only. */
  readonly homeAddress?: boolean | undefined;
  /**
   * IPv6 only. Default no: the address is there at once, and no answer of its former owner is taken
   * for a duplicate.
   */
  readonly detectDuplicates?: boolean | undefined;
  /** IFA_F_MANAGETEMPADDR, IPv6 only; the kernel wants a prefix of 64 bits. */
  readonly manageTemporaryAddresses?: boolean | undefined;
  /** IFA_F_NOPREFIXROUTE. */
  readonly noPrefixRoute?: boolean | undefined;
  /** IFA_F_MCAUTOJOIN: the kernel joins the group that the address is. */
  readonly multicastAutoJoin?: boolean | undefined;
  /**
   * Preferred lifetime; 0 makes the address deprecated: never chosen as a source. Default forever.
   */
  readonly preferredLifetimeS?: number | undefined;
  /** After that the kernel takes it away. Default forever. */
  readonly validLifetimeS?: number | undefined;
}

const headerLength = 8;
const foreverS = 0xffff_ffff;
const cacheInfoLength = 16;
const maxLabelLength = 15;

/**
 * The address in the payload of an RTM_*ADDR message; null = a family that is not IP; undefined =
 * malformed.
 */
export function decodeAddress(payload: Uint8Array): InterfaceAddress | null | undefined {
  if (payload.length < headerLength) return undefined;
  const [familyByte, prefixLength = 0, shortFlags = 0, scope = 0] = payload;
  const family = familyOf(familyByte);
  if (family === null) return null;
  const attributes = readAttributes(payload, headerLength);
  if (attributes === undefined) return undefined;
  // IFA_ADDRESS is the prefix' address: on a point-to-point link that of the other end.
  const prefixAddress = ipIn(attributes, IFA_ADDRESS, family);
  const address = ipIn(attributes, IFA_LOCAL, family) ?? prefixAddress;
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
    ...(prefixAddress === null || prefixAddress === address ? {} : { peer: prefixAddress }),
    ...lifetimesIn(attributes.get(IFA_CACHEINFO)),
  };
}

/** Duplicate address detection has not ended: the address cannot be used yet. */
export function isTentative(address: InterfaceAddress): boolean {
  return (address.flags & IFA_F_TENTATIVE) !== 0;
}

/** Duplicate address detection has found another owner: the address will not be used. */
export function isDuplicate(address: InterfaceAddress): boolean {
  return (address.flags & IFA_F_DADFAILED) !== 0;
}

function lifetimesIn(
  info: Uint8Array | undefined,
): Pick<InterfaceAddress, "preferredLifetimeS" | "validLifetimeS"> {
  if (info === undefined || info.length < cacheInfoLength) return {};
  const view = viewOf(info);
  const preferred = view.getUint32(0, isLittleEndian);
  const valid = view.getUint32(4, isLittleEndian);
  return {
    ...(preferred === foreverS ? {} : { preferredLifetimeS: preferred }),
    ...(valid === foreverS ? {} : { validLifetimeS: valid }),
  };
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
  const { preferredLifetimeS, validLifetimeS } = request;
  if (preferredLifetimeS !== undefined || validLifetimeS !== undefined) {
    // The kernel refuses an address that is preferred for longer than it is valid.
    const valid = validLifetimeS ?? foreverS;
    encodeLifetimes(writer, Math.min(preferredLifetimeS ?? foreverS, valid), valid);
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
  let flags = 0;
  if (request.noPrefixRoute === true) flags |= IFA_F_NOPREFIXROUTE;
  if (request.multicastAutoJoin === true) flags |= IFA_F_MCAUTOJOIN;
  if (local.length === 4) return flags;
  if (request.homeAddress === true) flags |= IFA_F_HOMEADDRESS;
  if (request.manageTemporaryAddresses === true) flags |= IFA_F_MANAGETEMPADDR;
  // RFC 9568 §6.4.3: the master answers for the address at once. Duplicate address detection would
  // hold it back for a second, and would see the former master's answer as a duplicate.
  if (request.detectDuplicates !== true) flags |= IFA_F_NODAD;
  return flags;
}

/**
 * struct ifa_cacheinfo: preferred and valid lifetime, then two time stamps that the kernel ignores.
 */
function encodeLifetimes(writer: MessageWriter, preferredS: number, validS: number): void {
  const info = new Uint8Array(cacheInfoLength);
  const view = viewOf(info);
  view.setUint32(0, preferredS, isLittleEndian);
  view.setUint32(4, validS, isLittleEndian);
  writer.attribute(IFA_CACHEINFO, info);
}
