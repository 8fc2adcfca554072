// Network interfaces as rtnetlink messages: RTM_NEWLINK and RTM_DELLINK read (linux/if_link.h).
// Pure.
//
//    0        1    2               4               8               12              16
//    +--------+----+---------------+---------------+---------------+---------------+--- - - -
//    | family | 0  | ARPHRD type   | iface index   | IFF_* flags   | change mask   | IFLA_*
//    +--------+----+---------------+---------------+---------------+---------------+--- - - -

import { IFLA_GROUP } from "../constants/link.js";
import {
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_RUNNING,
  IFF_UP,
  IFLA_ADDRESS,
  IFLA_EXT_MASK,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_OPERSTATE,
  IFLA_WIRELESS,
  RTEXT_FILTER_SKIP_STATS,
} from "../constants/netlink.js";
import { AF_UNSPEC } from "../constants/socket.js";
import { decodeLinkDetails, type LinkDetails } from "./link-details.js";
import {
  type Attributes,
  isLittleEndian,
  type MessageWriter,
  numberIn,
  readAttributes,
  textIn,
  viewOf,
} from "./message.js";

export interface Link extends LinkDetails {
  readonly index: number;
  readonly name: string;
  /** IFF_*. */
  readonly flags: number;
  readonly mtu: number;
  /** IF_OPER_* (RFC 2863). */
  readonly operState: number;
  /** "aa:bb:cc:dd:ee:ff", or "" if the link has none. */
  readonly hardwareAddress: string;
  /** ARPHRD_*. */
  readonly hardwareType: number;
  /** "veth", "macvlan", "vlan" ...; null for a physical one. */
  readonly kind: string | null;
  /** The interface group, unless it is 0. */
  readonly group?: number;
  /** The link that this one sits on, if that is in the same namespace. */
  readonly parentIndex: number | null;
  /** The bridge, bond or VRF that this one belongs to. */
  readonly masterIndex: number | null;
  /** IFF_UP: an administrator wants it. */
  readonly isUp: boolean;
  /** IFF_UP and IFF_RUNNING: there is a carrier too. */
  readonly isRunning: boolean;
  readonly hasArp: boolean;
  readonly hasMulticast: boolean;
}

const headerLength = 16;

/**
 * The link in the payload of an RTM_*LINK message; null = not about a link as such; undefined =
 * malformed.
 */
export function decodeLink(payload: Uint8Array): Link | null | undefined {
  if (payload.length < headerLength) return undefined;
  // A bridge tells of its ports with family AF_BRIDGE in the same multicast group, and its
  // RTM_DELLINK then means that the port has left the bridge, not that the link is gone.
  if (payload[0] !== AF_UNSPEC) return null;
  const attributes = readAttributes(payload, headerLength);
  if (attributes === undefined) return undefined;
  const name = textIn(attributes.get(IFLA_IFNAME));
  // Wireless events (net/wireless/wext-core.c) share the message type and carry no state of the
  // link.
  if (name === undefined || attributes.has(IFLA_WIRELESS)) return null;
  const view = viewOf(payload);
  const flags = view.getUint32(8, isLittleEndian);
  return {
    index: view.getUint32(4, isLittleEndian),
    name,
    flags,
    mtu: numberIn(attributes.get(IFLA_MTU)) ?? 0,
    operState: numberIn(attributes.get(IFLA_OPERSTATE)) ?? 0,
    hardwareAddress: hardwareAddressOf(attributes.get(IFLA_ADDRESS)),
    hardwareType: view.getUint16(2, isLittleEndian),
    ...kindOf(attributes.get(IFLA_LINKINFO)),
    ...groupOf(attributes),
    parentIndex: parentOf(attributes),
    masterIndex: numberIn(attributes.get(IFLA_MASTER)) ?? null,
    isUp: (flags & IFF_UP) !== 0,
    isRunning: (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) !== 0,
    hasArp: (flags & IFF_NOARP) === 0,
    hasMulticast: (flags & IFF_MULTICAST) !== 0,
  };
}

/**
 * Writes the payload of an RTM_GETLINK dump; without the statistics a link takes half the bytes.
 */
export function encodeLinkDump(writer: MessageWriter): void {
  for (let i = 0; i < headerLength / 4; i++) writer.u32(0);
  writer.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

function hardwareAddressOf(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return "";
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function kindOf(linkInfo: Uint8Array | undefined): Pick<Link, "kind"> & LinkDetails {
  const info = linkInfo === undefined ? undefined : readAttributes(linkInfo);
  const kind = textIn(info?.get(IFLA_INFO_KIND)) ?? null;
  return { kind, ...decodeLinkDetails(kind, info?.get(IFLA_INFO_DATA)) };
}

function groupOf(attributes: Attributes): Pick<Link, "group"> {
  const group = numberIn(attributes.get(IFLA_GROUP)) ?? 0;
  return group === 0 ? {} : { group };
}

function parentOf(attributes: Attributes): number | null {
  // With a namespace id the index counts in another namespace, as with one end of a veth pair.
  if (attributes.has(IFLA_LINK_NETNSID)) return null;
  const index = numberIn(attributes.get(IFLA_LINK)) ?? 0;
  return index === 0 ? null : index;
}
