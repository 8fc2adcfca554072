// The synchronisation daemons, the connection time-outs and the version as attributes of IPVS'
// messages. The kernel's side is ip_vs_genl_new_daemon(), ip_vs_genl_set_config() and
// ip_vs_genl_get_cmd() in net/netfilter/ipvs/ip_vs_ctl.c. Pure.
//
//    IPVS_CMD_ATTR_DAEMON {
//      STATE u32, MCAST_IFN text, SYNC_ID u32, SYNC_MAXLEN u16
//      MCAST_GROUP 4 bytes or MCAST_GROUP6 16 bytes, MCAST_PORT u16 in host order, MCAST_TTL u8
//    }

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { formatIp, parseIp } from "@keepalived-ts/shared-config/base/ip";
import {
  type Attributes,
  type MessageWriter,
  numberIn,
  readAttributes,
  textIn,
} from "../netlink/message.js";
import {
  IP_VS_IFNAME_MAXLEN,
  IP_VS_STATE_BACKUP,
  IP_VS_STATE_MASTER,
  IPVS_CMD_ATTR_DAEMON,
  IPVS_CMD_ATTR_TIMEOUT_TCP,
  IPVS_CMD_ATTR_TIMEOUT_TCP_FIN,
  IPVS_CMD_ATTR_TIMEOUT_UDP,
  IPVS_DAEMON_ATTR_MCAST_GROUP,
  IPVS_DAEMON_ATTR_MCAST_GROUP6,
  IPVS_DAEMON_ATTR_MCAST_IFN,
  IPVS_DAEMON_ATTR_MCAST_PORT,
  IPVS_DAEMON_ATTR_MCAST_TTL,
  IPVS_DAEMON_ATTR_STATE,
  IPVS_DAEMON_ATTR_SYNC_ID,
  IPVS_DAEMON_ATTR_SYNC_MAXLEN,
  IPVS_INFO_ATTR_CONN_TAB_SIZE,
  IPVS_INFO_ATTR_VERSION,
} from "./ip-vs.js";
import { encodeName } from "./service-codec.js";
import type {
  IpvsDaemon,
  IpvsDaemonRequest,
  IpvsDaemonState,
  IpvsTimeouts,
  IpvsVersion,
} from "./types.js";

/** Writes a daemon that is to start. */
export function encodeDaemon(writer: MessageWriter, daemon: IpvsDaemonRequest): void {
  writer.nested(IPVS_CMD_ATTR_DAEMON, () => {
    writer.attributeU32(IPVS_DAEMON_ATTR_STATE, stateNumber(daemon.state));
    encodeName(writer, IPVS_DAEMON_ATTR_MCAST_IFN, daemon.interface, IP_VS_IFNAME_MAXLEN);
    writer.attributeU32(IPVS_DAEMON_ATTR_SYNC_ID, daemon.syncId);
    const { maxPayloadLength, multicastAddress, multicastPort, multicastTtl } = daemon;
    if (maxPayloadLength !== undefined) {
      writer.attributeU16(IPVS_DAEMON_ATTR_SYNC_MAXLEN, maxPayloadLength);
    }
    if (multicastAddress !== undefined) encodeGroup(writer, multicastAddress);
    if (multicastPort !== undefined)
      writer.attributeU16(IPVS_DAEMON_ATTR_MCAST_PORT, multicastPort);
    if (multicastTtl !== undefined) writer.attributeU8(IPVS_DAEMON_ATTR_MCAST_TTL, multicastTtl);
  });
}

/** Writes which daemon is to stop. */
export function encodeDaemonState(writer: MessageWriter, state: IpvsDaemonState): void {
  writer.nested(IPVS_CMD_ATTR_DAEMON, () => {
    writer.attributeU32(IPVS_DAEMON_ATTR_STATE, stateNumber(state));
  });
}

/** The daemon in a message's attributes; undefined = malformed. */
export function decodeDaemon(message: Attributes): IpvsDaemon | undefined {
  const attributes = readAttributes(message.get(IPVS_CMD_ATTR_DAEMON) ?? new Uint8Array(0));
  const state = attributes && stateIn(attributes.get(IPVS_DAEMON_ATTR_STATE));
  if (attributes === undefined || state === undefined) return undefined;
  return {
    state,
    interface: textIn(attributes.get(IPVS_DAEMON_ATTR_MCAST_IFN)) ?? "",
    syncId: numberIn(attributes.get(IPVS_DAEMON_ATTR_SYNC_ID)) ?? 0,
    maxPayloadLength: numberIn(attributes.get(IPVS_DAEMON_ATTR_SYNC_MAXLEN)) ?? null,
    multicastAddress: groupIn(attributes),
    multicastPort: numberIn(attributes.get(IPVS_DAEMON_ATTR_MCAST_PORT)) ?? null,
    multicastTtl: numberIn(attributes.get(IPVS_DAEMON_ATTR_MCAST_TTL)) ?? null,
  };
}

/** Writes the time-outs of connections. */
export function encodeTimeouts(writer: MessageWriter, timeouts: IpvsTimeouts): void {
  writer.attributeU32(IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts.tcpS);
  writer.attributeU32(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts.tcpFinS);
  writer.attributeU32(IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts.udpS);
}

/**
 * The time-outs in a message's attributes; a kernel built without TCP or UDP leaves theirs out: 0.
 */
export function decodeTimeouts(message: Attributes): IpvsTimeouts {
  return {
    tcpS: numberIn(message.get(IPVS_CMD_ATTR_TIMEOUT_TCP)) ?? 0,
    tcpFinS: numberIn(message.get(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN)) ?? 0,
    udpS: numberIn(message.get(IPVS_CMD_ATTR_TIMEOUT_UDP)) ?? 0,
  };
}

/** The version in a message's attributes: one byte each for major, minor and patch (NVERSION). */
export function decodeVersion(message: Attributes): IpvsVersion | undefined {
  const code = numberIn(message.get(IPVS_INFO_ATTR_VERSION));
  if (code === undefined) return undefined;
  return {
    version: `${(code >> 16) & 0xff}.${(code >> 8) & 0xff}.${code & 0xff}`,
    connectionTableSize: numberIn(message.get(IPVS_INFO_ATTR_CONN_TAB_SIZE)) ?? 0,
  };
}

function stateNumber(state: IpvsDaemonState): number {
  return state === "MASTER" ? IP_VS_STATE_MASTER : IP_VS_STATE_BACKUP;
}

function stateIn(value: Uint8Array | undefined): IpvsDaemonState | undefined {
  const number = numberIn(value);
  if (number === IP_VS_STATE_MASTER) return "MASTER";
  return number === IP_VS_STATE_BACKUP ? "BACKUP" : undefined;
}

function encodeGroup(writer: MessageWriter, address: string): void {
  const bytes = parseIp(address);
  assert(bytes !== undefined, "an IPVS daemon has an IP address as multicast group");
  const type = bytes.length === 4 ? IPVS_DAEMON_ATTR_MCAST_GROUP : IPVS_DAEMON_ATTR_MCAST_GROUP6;
  writer.attribute(type, bytes);
}

function groupIn(attributes: Attributes): string | null {
  const group = attributes.get(IPVS_DAEMON_ATTR_MCAST_GROUP);
  if (group?.length === 4) return formatIp(group);
  const group6 = attributes.get(IPVS_DAEMON_ATTR_MCAST_GROUP6);
  return group6?.length === 16 ? formatIp(group6) : null;
}
