// Requests to make, set and delete links as rtnetlink messages, and the configuration of a link as
// the kernel tells it (linux/if_link.h, linux/ip.h). Pure; the header is drawn in link-codec.ts.

import { assert, unreachable } from "@keepalived-ts/shared-config/base/assert";
import { parseHardwareAddress } from "../bytes.js";
import {
  IFLA_AF_SPEC,
  IFLA_GROUP,
  IFLA_INET_CONF,
  IFLA_INET6_ADDR_GEN_MODE,
  IFLA_IPVLAN_FLAGS,
  IFLA_IPVLAN_MODE,
  IFLA_MACVLAN_MODE,
  IN6_ADDR_GEN_MODE_EUI64,
  IN6_ADDR_GEN_MODE_NONE,
  IPV4_DEVCONF_ACCEPT_LOCAL,
  IPV4_DEVCONF_ARP_ACCEPT,
  IPV4_DEVCONF_ARP_ANNOUNCE,
  IPV4_DEVCONF_ARP_IGNORE,
  IPV4_DEVCONF_ARPFILTER,
  IPV4_DEVCONF_PROMOTE_SECONDARIES,
  IPV4_DEVCONF_RP_FILTER,
  IPVLAN_MODE_L2,
} from "../constants/link.js";
import {
  IFF_UP,
  IFLA_ADDRESS,
  IFLA_EXT_MASK,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MASTER,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTEXT_FILTER_SKIP_STATS,
  RTM_DELLINK,
  RTM_NEWLINK,
} from "../constants/netlink.js";
import { AF_INET, AF_INET6, AF_UNSPEC } from "../constants/socket.js";
import type { NetlinkRequest } from "./connection.js";
import { ipvlanFlags, macvlanModeNumbers } from "./link-details.js";
import {
  type AddressGenerationMode,
  type Ipv4SettingName,
  type Ipv4Settings,
  type IpvlanRequest,
  ipv4SettingNames,
  type LinkChange,
  type LinkConfiguration,
  type LinkSettings,
  type LinkTarget,
  type MacvlanRequest,
} from "./link-request.js";
import { isLittleEndian, type MessageWriter, numberIn, readAttributes, viewOf } from "./message.js";

const headerLength = 16;

const ipv4Numbers: Readonly<Record<Ipv4SettingName, number>> = {
  accept_local: IPV4_DEVCONF_ACCEPT_LOCAL,
  arp_accept: IPV4_DEVCONF_ARP_ACCEPT,
  arp_announce: IPV4_DEVCONF_ARP_ANNOUNCE,
  arp_filter: IPV4_DEVCONF_ARPFILTER,
  arp_ignore: IPV4_DEVCONF_ARP_IGNORE,
  promote_secondaries: IPV4_DEVCONF_PROMOTE_SECONDARIES,
  rp_filter: IPV4_DEVCONF_RP_FILTER,
};

const addressGenerationNumbers: Readonly<Record<AddressGenerationMode, number>> = {
  eui64: IN6_ADDR_GEN_MODE_EUI64,
  none: IN6_ADDR_GEN_MODE_NONE,
};

/** The message of one change. */
export function linkRequest(change: LinkChange): NetlinkRequest {
  switch (change.type) {
    case "addMacvlan":
      return creation((writer) => encodeMacvlan(writer, change.link));
    case "addIpvlan":
      return creation((writer) => encodeIpvlan(writer, change.link));
    case "delete":
      return {
        type: RTM_DELLINK,
        flags: 0,
        encode: (writer) => encodeTarget(writer, change.target),
      };
    case "deleteGroup":
      return {
        type: RTM_DELLINK,
        flags: 0,
        encode: (writer) => encodeGroup(writer, change.group),
      };
    case "set":
      return setting((writer) => encodeSettings(writer, change.target, change.settings));
    case "setIpv4":
      return setting((writer) => encodeIpv4(writer, change.target, change.settings));
    case "setAddressGeneration":
      return setting((writer) => encodeAddressGeneration(writer, change.target, change.mode));
    default:
      return unreachable(change);
  }
}

/** Writes the payload of an RTM_GETLINK for one link. */
export function encodeLinkQuery(writer: MessageWriter, target: LinkTarget): void {
  encodeTarget(writer, target);
  writer.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

/**
 * What the payload of an RTM_NEWLINK says of IPv4 and IPv6; null = not about a link as such;
 * undefined = malformed.
 */
export function decodeLinkConfiguration(payload: Uint8Array): LinkConfiguration | null | undefined {
  if (payload.length < headerLength) return undefined;
  if (payload[0] !== AF_UNSPEC) return null;
  const attributes = readAttributes(payload, headerLength);
  const specific = attributes?.get(IFLA_AF_SPEC);
  if (attributes === undefined) return undefined;
  const families = specific === undefined ? undefined : readAttributes(specific);
  return {
    index: viewOf(payload).getUint32(4, isLittleEndian),
    ipv4: ipv4Settings(families?.get(AF_INET)),
    addressGeneration: addressGeneration(families?.get(AF_INET6)),
  };
}

function creation(encode: (writer: MessageWriter) => void): NetlinkRequest {
  return { type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, encode };
}

/** Without NLM_F_CREATE the kernel alters what is there, and answers ENODEV if it is not. */
function setting(encode: (writer: MessageWriter) => void): NetlinkRequest {
  return { type: RTM_NEWLINK, flags: 0, encode };
}

/** struct ifinfomsg; the flags in `mask` are to be as in `flags`. */
function encodeHeader(
  writer: MessageWriter,
  index: number,
  flags: number = 0,
  mask: number = 0,
): void {
  writer.u8(AF_UNSPEC);
  writer.u8(0);
  writer.u16(0);
  writer.u32(index);
  writer.u32(flags);
  writer.u32(mask);
}

function encodeTarget(
  writer: MessageWriter,
  target: LinkTarget,
  flags: number = 0,
  mask: number = 0,
): void {
  if ("index" in target) {
    assert(target.index > 0, "index 0 names no link, and the kernel would look for a name");
    encodeHeader(writer, target.index, flags, mask);
    return;
  }
  encodeHeader(writer, 0, flags, mask);
  writer.attributeText(IFLA_IFNAME, target.name);
}

/** Without index and name the kernel takes all of the group (rtnl_group_dellink). */
function encodeGroup(writer: MessageWriter, group: number): void {
  assert(group > 0, "group 0 is that of all links which were given none");
  encodeHeader(writer, 0);
  writer.attributeU32(IFLA_GROUP, group);
}

function encodeMacvlan(writer: MessageWriter, link: MacvlanRequest): void {
  encodeNewLink(writer, link);
  if (link.hardwareAddress !== undefined) encodeHardwareAddress(writer, link.hardwareAddress);
  writer.nested(IFLA_LINKINFO, () => {
    writer.attribute(IFLA_INFO_KIND, Buffer.from("macvlan"));
    writer.nested(IFLA_INFO_DATA, () => {
      writer.attributeU32(IFLA_MACVLAN_MODE, macvlanModeNumbers[link.mode]);
    });
  });
}

function encodeIpvlan(writer: MessageWriter, link: IpvlanRequest): void {
  encodeNewLink(writer, link);
  writer.nested(IFLA_LINKINFO, () => {
    writer.attribute(IFLA_INFO_KIND, Buffer.from("ipvlan"));
    writer.nested(IFLA_INFO_DATA, () => {
      writer.attributeU16(IFLA_IPVLAN_MODE, IPVLAN_MODE_L2);
      writer.attributeU16(IFLA_IPVLAN_FLAGS, ipvlanFlags[link.mode]);
    });
  });
}

function encodeNewLink(
  writer: MessageWriter,
  link: Pick<MacvlanRequest, "name" | "parentIndex" | "group">,
): void {
  encodeHeader(writer, 0);
  writer.attributeText(IFLA_IFNAME, link.name);
  writer.attributeU32(IFLA_LINK, link.parentIndex);
  if (link.group !== undefined) writer.attributeU32(IFLA_GROUP, link.group);
}

function encodeSettings(writer: MessageWriter, target: LinkTarget, settings: LinkSettings): void {
  const { isUp, flags, hardwareAddress, group, masterIndex } = settings;
  const upMask = isUp === undefined ? 0 : IFF_UP;
  const mask = (flags?.mask ?? 0) | upMask;
  const wanted = ((flags?.flags ?? 0) & ~upMask) | (isUp === true ? IFF_UP : 0);
  encodeTarget(writer, target, wanted >>> 0, mask >>> 0);
  if (hardwareAddress !== undefined) encodeHardwareAddress(writer, hardwareAddress);
  if (group !== undefined) writer.attributeU32(IFLA_GROUP, group);
  if (masterIndex !== undefined) writer.attributeU32(IFLA_MASTER, masterIndex ?? 0);
}

function encodeHardwareAddress(writer: MessageWriter, text: string): void {
  const bytes = parseHardwareAddress(text);
  assert(bytes !== undefined, "a hardware address was checked when it was configured");
  writer.attribute(IFLA_ADDRESS, bytes);
}

/**
 * inet_set_link_af() in net/ipv4/devinet.c: each value takes effect as if written to /proc/sys, but
 * nobody is told (RTM_NEWNETCONF). Not for `forwarding`, whose consequences only /proc/sys has.
 */
function encodeIpv4(writer: MessageWriter, target: LinkTarget, settings: Ipv4Settings): void {
  encodeTarget(writer, target);
  writer.nested(IFLA_AF_SPEC, () => {
    writer.nested(AF_INET, () => {
      writer.nested(IFLA_INET_CONF, () => {
        for (const name of ipv4SettingNames) {
          const value = settings[name];
          if (value !== undefined) writer.attributeU32(ipv4Numbers[name], value);
        }
      });
    });
  });
}

/** On its own: where IPv6 is off, EAFNOSUPPORT refuses all that is in one message with this. */
function encodeAddressGeneration(
  writer: MessageWriter,
  target: LinkTarget,
  mode: AddressGenerationMode,
): void {
  encodeTarget(writer, target);
  writer.nested(IFLA_AF_SPEC, () => {
    writer.nested(AF_INET6, () => {
      writer.attributeU8(IFLA_INET6_ADDR_GEN_MODE, addressGenerationNumbers[mode]);
    });
  });
}

/** The kernel tells all values in an array, in which setting n is at n - 1. */
function ipv4Settings(family: Uint8Array | undefined): Ipv4Settings {
  const values = family && readAttributes(family)?.get(IFLA_INET_CONF);
  if (values === undefined) return {};
  const view = viewOf(values);
  const known = ipv4SettingNames.flatMap((name) => {
    const at = 4 * (ipv4Numbers[name] - 1);
    return at + 4 <= values.length ? [[name, view.getInt32(at, isLittleEndian)] as const] : [];
  });
  return Object.fromEntries(known);
}

function addressGeneration(family: Uint8Array | undefined): LinkConfiguration["addressGeneration"] {
  const mode = numberIn(family && readAttributes(family)?.get(IFLA_INET6_ADDR_GEN_MODE));
  if (mode === IN6_ADDR_GEN_MODE_EUI64) return "eui64";
  return mode === IN6_ADDR_GEN_MODE_NONE ? "none" : mode;
}
