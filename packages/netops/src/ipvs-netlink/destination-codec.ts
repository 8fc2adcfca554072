// Destinations (real servers) as attributes of IPVS' messages, both ways. The kernel's side is
// ip_vs_genl_parse_dest() and ip_vs_genl_dump_dests() in net/netfilter/ipvs/ip_vs_ctl.c. Pure.
//
//    IPVS_CMD_ATTR_DEST {
//      ADDR 16 bytes (IPv4: 4, then zeros), PORT u16 in network order, ADDR_FAMILY u16
//      FWD_METHOD u32, WEIGHT u32, U_THRESH u32, L_THRESH u32
//      TUN_TYPE u8, TUN_PORT u16 in network order, TUN_FLAGS u16
//      ACTIVE_CONNS u32, INACT_CONNS u32, PERSIST_CONNS u32          only when read
//      STATS { ... }, STATS64 { ... }                                only when read
//    }

import { AF_INET, AF_INET6 } from "../constants/socket.js";
import {
  type Attributes,
  type MessageWriter,
  numberIn,
  readAttributes,
  signedIn,
} from "../netlink/message.js";
import {
  IP_VS_CONN_F_FWD_MASK,
  IPVS_CMD_ATTR_DEST,
  IPVS_DEST_ATTR_ACTIVE_CONNS,
  IPVS_DEST_ATTR_ADDR,
  IPVS_DEST_ATTR_ADDR_FAMILY,
  IPVS_DEST_ATTR_FWD_METHOD,
  IPVS_DEST_ATTR_INACT_CONNS,
  IPVS_DEST_ATTR_L_THRESH,
  IPVS_DEST_ATTR_PERSIST_CONNS,
  IPVS_DEST_ATTR_PORT,
  IPVS_DEST_ATTR_STATS,
  IPVS_DEST_ATTR_STATS64,
  IPVS_DEST_ATTR_TUN_FLAGS,
  IPVS_DEST_ATTR_TUN_PORT,
  IPVS_DEST_ATTR_TUN_TYPE,
  IPVS_DEST_ATTR_U_THRESH,
  IPVS_DEST_ATTR_WEIGHT,
} from "./ip-vs.js";
import { inetAddressBytes, inetAddressIn, portBytes, portIn } from "./service-codec.js";
import { decodeStatistics } from "./statistics-codec.js";
import type {
  IpvsDestination,
  IpvsDestinationKey,
  IpvsDestinationRequest,
  IpvsForwarding,
  IpvsTunnel,
  IpvsTunnelType,
} from "./types.js";

/** By the number that IP_VS_CONN_F_MASQ, _LOCALNODE, _TUNNEL, _DROUTE, _BYPASS have. */
const forwardings: readonly IpvsForwarding[] = ["NAT", "LOCALNODE", "TUN", "DR", "BYPASS"];
/** By the number that IP_VS_CONN_F_TUNNEL_TYPE_* have. */
const tunnelTypes: readonly IpvsTunnelType[] = ["IPIP", "GUE", "GRE"];

/** Writes what identifies a destination. */
export function encodeDestinationKey(writer: MessageWriter, key: IpvsDestinationKey): void {
  writer.nested(IPVS_CMD_ATTR_DEST, () => encodeKeyAttributes(writer, key));
}

/** Writes a whole destination. */
export function encodeDestination(
  writer: MessageWriter,
  destination: IpvsDestinationRequest,
): void {
  writer.nested(IPVS_CMD_ATTR_DEST, () => {
    encodeKeyAttributes(writer, destination);
    writer.attributeU32(IPVS_DEST_ATTR_FWD_METHOD, forwardings.indexOf(destination.forwarding));
    writer.attributeU32(IPVS_DEST_ATTR_WEIGHT, destination.weight);
    writer.attributeU32(IPVS_DEST_ATTR_U_THRESH, destination.upperThreshold);
    writer.attributeU32(IPVS_DEST_ATTR_L_THRESH, destination.lowerThreshold);
    if (destination.tunnel !== undefined) encodeTunnel(writer, destination.tunnel);
  });
}

/** The destination in a message's attributes; undefined = malformed. */
export function decodeDestination(
  message: Attributes,
  serviceFamily: 4 | 6,
): IpvsDestination | undefined {
  const attributes = readAttributes(message.get(IPVS_CMD_ATTR_DEST) ?? new Uint8Array(0));
  if (attributes === undefined) return undefined;
  const family = familyIn(attributes, serviceFamily);
  const address = inetAddressIn(attributes.get(IPVS_DEST_ATTR_ADDR), family);
  const port = portIn(attributes.get(IPVS_DEST_ATTR_PORT));
  const method = numberIn(attributes.get(IPVS_DEST_ATTR_FWD_METHOD)) ?? 0;
  const forwarding = forwardings[method & IP_VS_CONN_F_FWD_MASK];
  if (address === undefined || port === undefined || forwarding === undefined) return undefined;
  const number = (type: number): number => numberIn(attributes.get(type)) ?? 0;
  return {
    address,
    port,
    // Signed in the kernel; IPVS itself refuses a negative one.
    weight: signedIn(attributes.get(IPVS_DEST_ATTR_WEIGHT)) ?? 0,
    forwarding,
    upperThreshold: number(IPVS_DEST_ATTR_U_THRESH),
    lowerThreshold: number(IPVS_DEST_ATTR_L_THRESH),
    tunnel: decodeTunnel(attributes),
    activeConnections: number(IPVS_DEST_ATTR_ACTIVE_CONNS),
    inactiveConnections: number(IPVS_DEST_ATTR_INACT_CONNS),
    persistentConnections: number(IPVS_DEST_ATTR_PERSIST_CONNS),
    statistics: decodeStatistics(
      attributes.get(IPVS_DEST_ATTR_STATS64),
      attributes.get(IPVS_DEST_ATTR_STATS),
    ),
  };
}

function encodeKeyAttributes(writer: MessageWriter, key: IpvsDestinationKey): void {
  // A tunnelled destination may be of another family than its service (Linux 3.18).
  const family = key.address.includes(":") ? AF_INET6 : AF_INET;
  writer.attributeU16(IPVS_DEST_ATTR_ADDR_FAMILY, family);
  writer.attribute(IPVS_DEST_ATTR_ADDR, inetAddressBytes(key.address));
  writer.attribute(IPVS_DEST_ATTR_PORT, portBytes(key.port));
}

function encodeTunnel(writer: MessageWriter, tunnel: IpvsTunnel): void {
  writer.attributeU8(IPVS_DEST_ATTR_TUN_TYPE, tunnelTypes.indexOf(tunnel.type));
  writer.attribute(IPVS_DEST_ATTR_TUN_PORT, portBytes(tunnel.port));
  writer.attributeU16(IPVS_DEST_ATTR_TUN_FLAGS, tunnel.flags);
}

function decodeTunnel(attributes: Attributes): IpvsTunnel {
  return {
    type: tunnelTypes[numberIn(attributes.get(IPVS_DEST_ATTR_TUN_TYPE)) ?? 0] ?? "IPIP",
    port: portIn(attributes.get(IPVS_DEST_ATTR_TUN_PORT)) ?? 0,
    flags: numberIn(attributes.get(IPVS_DEST_ATTR_TUN_FLAGS)) ?? 0,
  };
}

function familyIn(attributes: Attributes, serviceFamily: 4 | 6): 4 | 6 {
  const family = numberIn(attributes.get(IPVS_DEST_ATTR_ADDR_FAMILY));
  if (family === AF_INET) return 4;
  return family === AF_INET6 ? 6 : serviceFamily;
}
