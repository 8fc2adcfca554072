// Services as attributes of IPVS' messages, both ways. The kernel's side is
// ip_vs_genl_parse_service() and ip_vs_genl_fill_service() in net/netfilter/ipvs/ip_vs_ctl.c. Pure.
//
//    IPVS_CMD_ATTR_SERVICE {
//      AF u16                                         host order, as all but the next two
//      ADDR 16 bytes (IPv4: 4, then zeros), PORT u16 in network order, PROTOCOL u16
//        or FWMARK u32                                instead of those three
//      SCHED_NAME text, PE_NAME text
//      FLAGS { flags u32, mask u32 }                  the mask names the bits that are to change
//      TIMEOUT u32, NETMASK u32                       IPv4: in network order; IPv6: its length
//      STATS { ... }, STATS64 { ... }                 only when read
//    }

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { formatIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import { AF_INET, AF_INET6, IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP } from "../constants/socket.js";
import {
  type Attributes,
  isLittleEndian,
  type MessageWriter,
  numberIn,
  readAttributes,
  textIn,
  viewOf,
} from "../netlink/message.js";
import {
  IP_VS_PENAME_MAXLEN,
  IP_VS_SCHEDNAME_MAXLEN,
  IP_VS_SVC_F_HASHED,
  IPVS_CMD_ATTR_SERVICE,
  IPVS_SVC_ATTR_ADDR,
  IPVS_SVC_ATTR_AF,
  IPVS_SVC_ATTR_FLAGS,
  IPVS_SVC_ATTR_FWMARK,
  IPVS_SVC_ATTR_NETMASK,
  IPVS_SVC_ATTR_PE_NAME,
  IPVS_SVC_ATTR_PORT,
  IPVS_SVC_ATTR_PROTOCOL,
  IPVS_SVC_ATTR_SCHED_NAME,
  IPVS_SVC_ATTR_STATS,
  IPVS_SVC_ATTR_STATS64,
  IPVS_SVC_ATTR_TIMEOUT,
} from "./ip-vs.js";
import { decodeStatistics } from "./statistics-codec.js";
import type { IpvsProtocol, IpvsService, IpvsServiceKey, IpvsServiceRequest } from "./types.js";

const protocolNumbers: Readonly<Record<IpvsProtocol, number>> = {
  TCP: IPPROTO_TCP,
  UDP: IPPROTO_UDP,
  SCTP: IPPROTO_SCTP,
};

/** union nf_inet_addr. */
const addressLength = 16;
const allFlags = 0xffff_ffff;

/** The family of a service. */
export function familyOf(key: IpvsServiceKey): 4 | 6 {
  if (key.kind === "fwmark") return key.family;
  return key.address.includes(":") ? 6 : 4;
}

/** Writes what identifies a service. */
export function encodeServiceKey(writer: MessageWriter, key: IpvsServiceKey): void {
  writer.nested(IPVS_CMD_ATTR_SERVICE, () => encodeKeyAttributes(writer, key));
}

/** Writes a whole service. */
export function encodeService(writer: MessageWriter, service: IpvsServiceRequest): void {
  writer.nested(IPVS_CMD_ATTR_SERVICE, () => {
    encodeKeyAttributes(writer, service.key);
    encodeName(writer, IPVS_SVC_ATTR_SCHED_NAME, service.scheduler, IP_VS_SCHEDNAME_MAXLEN);
    const engine = service.persistenceEngine;
    if (engine !== undefined) {
      encodeName(writer, IPVS_SVC_ATTR_PE_NAME, engine, IP_VS_PENAME_MAXLEN);
    }
    writer.attribute(IPVS_SVC_ATTR_FLAGS, flagBytes(service.flags));
    writer.attributeU32(IPVS_SVC_ATTR_TIMEOUT, service.timeoutS);
    writer.attribute(IPVS_SVC_ATTR_NETMASK, netmaskBytes(service.netmask, familyOf(service.key)));
  });
}

/**
 * The service in a message's attributes; undefined = malformed or of a protocol that is none of
 * ours.
 */
export function decodeService(message: Attributes): IpvsService | undefined {
  const attributes = readAttributes(message.get(IPVS_CMD_ATTR_SERVICE) ?? new Uint8Array(0));
  const key = attributes && decodeKey(attributes);
  if (attributes === undefined || key === undefined) return undefined;
  return {
    key,
    scheduler: textIn(attributes.get(IPVS_SVC_ATTR_SCHED_NAME)) ?? "none",
    flags: numberIn(attributes.get(IPVS_SVC_ATTR_FLAGS)?.subarray(0, 4)) ?? 0,
    timeoutS: numberIn(attributes.get(IPVS_SVC_ATTR_TIMEOUT)) ?? 0,
    netmask: netmaskIn(attributes.get(IPVS_SVC_ATTR_NETMASK), familyOf(key)),
    persistenceEngine: textIn(attributes.get(IPVS_SVC_ATTR_PE_NAME)) ?? null,
    statistics: decodeStatistics(
      attributes.get(IPVS_SVC_ATTR_STATS64),
      attributes.get(IPVS_SVC_ATTR_STATS),
    ),
  };
}

/** An address as the union nf_inet_addr. */
export function inetAddressBytes(address: string): Uint8Array {
  const bytes = parseIp(address);
  assert(bytes !== undefined, "an IPVS request carries IP addresses");
  const padded = new Uint8Array(addressLength);
  padded.set(bytes);
  return padded;
}

/** The address in a union nf_inet_addr. */
export function inetAddressIn(value: Uint8Array | undefined, family: 4 | 6): string | undefined {
  const length = family === 4 ? 4 : addressLength;
  if (value === undefined || value.length < length) return undefined;
  return formatIp(value.subarray(0, length));
}

/** A port in network order. */
export function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff);
}

export function portIn(value: Uint8Array | undefined): number | undefined {
  return value?.length === 2 ? viewOf(value).getUint16(0) : undefined;
}

/** A text that must fit its field in the kernel together with the NUL. */
export function encodeName(
  writer: MessageWriter,
  type: number,
  name: string,
  fieldLength: number,
): void {
  assert(name.length < fieldLength, `a name in an IPVS request is shorter than ${fieldLength}`);
  writer.attributeText(type, name);
}

function encodeKeyAttributes(writer: MessageWriter, key: IpvsServiceKey): void {
  writer.attributeU16(IPVS_SVC_ATTR_AF, familyOf(key) === 4 ? AF_INET : AF_INET6);
  if (key.kind === "fwmark") {
    writer.attributeU32(IPVS_SVC_ATTR_FWMARK, key.mark);
    return;
  }
  writer.attributeU16(IPVS_SVC_ATTR_PROTOCOL, protocolNumbers[key.protocol]);
  writer.attribute(IPVS_SVC_ATTR_ADDR, inetAddressBytes(key.address));
  writer.attribute(IPVS_SVC_ATTR_PORT, portBytes(key.port));
}

function decodeKey(attributes: Attributes): IpvsServiceKey | undefined {
  const familyNumber = numberIn(attributes.get(IPVS_SVC_ATTR_AF));
  if (familyNumber !== AF_INET && familyNumber !== AF_INET6) return undefined;
  const family = familyNumber === AF_INET ? 4 : 6;
  const mark = numberIn(attributes.get(IPVS_SVC_ATTR_FWMARK));
  if (mark !== undefined) return { kind: "fwmark", mark, family };
  const protocol = protocolIn(attributes.get(IPVS_SVC_ATTR_PROTOCOL));
  const address = inetAddressIn(attributes.get(IPVS_SVC_ATTR_ADDR), family);
  const port = portIn(attributes.get(IPVS_SVC_ATTR_PORT));
  if (protocol === undefined || address === undefined || port === undefined) return undefined;
  return { kind: "address", address, port, protocol };
}

function protocolIn(value: Uint8Array | undefined): IpvsProtocol | undefined {
  switch (numberIn(value)) {
    case IPPROTO_TCP:
      return "TCP";
    case IPPROTO_UDP:
      return "UDP";
    case IPPROTO_SCTP:
      return "SCTP";
    default:
      return undefined;
  }
}

/** struct ip_vs_flags. Every flag is set or cleared, but for the one that is the kernel's. */
function flagBytes(flags: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = viewOf(bytes);
  view.setUint32(0, flags & ~IP_VS_SVC_F_HASHED, isLittleEndian);
  view.setUint32(4, allFlags & ~IP_VS_SVC_F_HASHED, isLittleEndian);
  return bytes;
}

function netmaskBytes(prefixLength: number, family: 4 | 6): Uint8Array {
  const bytes = new Uint8Array(4);
  if (family === 6) viewOf(bytes).setUint32(0, prefixLength, isLittleEndian);
  else if (prefixLength > 0) viewOf(bytes).setInt32(0, -1 << (32 - prefixLength));
  return bytes;
}

/** A mask with holes, which only setsockopt can set, reads as the length up to its first hole. */
function netmaskIn(value: Uint8Array | undefined, family: 4 | 6): number {
  if (value?.length !== 4) return family === 4 ? 32 : 128;
  if (family === 6) return viewOf(value).getUint32(0, isLittleEndian);
  return Math.clz32(~viewOf(value).getUint32(0));
}
