// What has to be done to the kernel's links so that one which an instance wants is there as it
// should be. Pure. A link of another kind that has the name is never touched.

import type { LinkChange } from "@keepalived-ts/netops/netlink/link-socket";
import type { Link } from "@keepalived-ts/netops/netlink/route-socket";
import type { VirtualLink } from "../core/virtual-links.js";

/**
 * `foreign`: the name belongs to a link that is not ours. `fit`: nothing to do. Otherwise what the
 * kernel is to be asked for, in order.
 */
export type LinkPlan = "foreign" | "fit" | readonly LinkChange[];

/** The interface below. */
export interface LinkBelow {
  readonly index: number;
  /** The VRF that it belongs to, and so does what is above; null = none. */
  readonly masterIndex: number | null;
  /** The interface group that it is in. */
  readonly group: number;
}

/**
 * keepalived's (vrrp_if_config.c): the link has no IPv4 address while in BACKUP and hears its twins
 * all the same; it answers for its own addresses only; a removed address takes no other with it.
 */
const ipv4Settings = { arp_ignore: 1, accept_local: 1, rp_filter: 0, promote_secondaries: 1 };

export function planLink(
  wish: VirtualLink,
  below: LinkBelow,
  existing: Link | undefined,
): LinkPlan {
  const { index, masterIndex } = below;
  const target = { name: wish.name };
  const member: LinkChange = { type: "set", target, settings: { masterIndex } };
  const made = [
    creation(wish, index),
    ...(masterIndex === null ? [] : [member]),
    ...settings(wish),
    ...news(wish, below),
  ];
  if (existing === undefined) return made;
  if (existing.kind !== kindOf(wish)) return "foreign";
  if (existing.parentIndex !== index || !isOfMode(wish, existing)) {
    return [{ type: "delete", target }, ...made];
  }
  const { hardwareAddress = existing.hardwareAddress, group = 0 } = wish;
  const isSame =
    existing.hardwareAddress === hardwareAddress &&
    (existing.group ?? 0) === group &&
    existing.masterIndex === masterIndex &&
    existing.isUp;
  if (isSame) return "fit";
  const altered = wish.hardwareAddress === undefined ? { group } : { hardwareAddress, group };
  return [{ type: "set", target, settings: altered }, member, ...settings(wish)];
}

/**
 * A bridge is made promiscuous for a virtual MAC without a word of the kernel (no
 * IFF_UNICAST_FLT); to put it into the group in which it is makes the kernel tell how it is.
 */
function news({ base, tellsBase }: VirtualLink, { group }: LinkBelow): LinkChange[] {
  return tellsBase ? [{ type: "set", target: { name: base }, settings: { group } }] : [];
}

/** What a link that was found, and not made by us now, may lack. */
export function adoption(wish: VirtualLink): readonly LinkChange[] {
  return settings(wish);
}

function kindOf({ ipvlanMode }: VirtualLink): "macvlan" | "ipvlan" {
  return ipvlanMode === undefined ? "macvlan" : "ipvlan";
}

function isOfMode({ ipvlanMode }: VirtualLink, existing: Link): boolean {
  return ipvlanMode === undefined
    ? existing.macvlanMode === "private"
    : existing.ipvlanMode === ipvlanMode;
}

function creation(wish: VirtualLink, parentIndex: number): LinkChange {
  const { name, hardwareAddress, group, ipvlanMode } = wish;
  const link = { name, parentIndex, group };
  return ipvlanMode === undefined
    ? { type: "addMacvlan", link: { ...link, mode: "private", hardwareAddress } }
    : { type: "addIpvlan", link: { ...link, mode: ipvlanMode } };
}

/**
 * A virtual MAC makes no link-local address of its own (RFC 9568 section 7.4): two routers would
 * have the same.
 */
function settings(wish: VirtualLink): LinkChange[] {
  const target = { name: wish.name };
  const isVirtualMac = wish.ipvlanMode === undefined;
  return [
    ...(isVirtualMac && wish.family === 4
      ? [{ type: "setIpv4", target, settings: ipv4Settings } as const]
      : []),
    ...(isVirtualMac && wish.families.includes(6)
      ? [{ type: "setAddressGeneration", target, mode: "none" } as const]
      : []),
    { type: "set", target, settings: { isUp: true } },
  ];
}
