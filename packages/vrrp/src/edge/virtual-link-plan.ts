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

/**
 * keepalived's (vrrp_if_config.c): the link has no IPv4 address while in BACKUP and hears its twins
 * all the same; it answers for its own addresses only; a removed address takes no other with it.
 */
const ipv4Settings = { arp_ignore: 1, accept_local: 1, rp_filter: 0, promote_secondaries: 1 };

export function planLink(
  wish: VirtualLink,
  baseIndex: number,
  existing: Link | undefined,
): LinkPlan {
  const target = { name: wish.name };
  if (existing === undefined) return [...creation(wish, baseIndex), ...settings(wish)];
  if (existing.kind !== "macvlan") return "foreign";
  if (existing.parentIndex !== baseIndex || existing.macvlanMode !== "private") {
    return [{ type: "delete", target }, ...creation(wish, baseIndex), ...settings(wish)];
  }
  const isSame =
    existing.hardwareAddress === wish.hardwareAddress &&
    (existing.group ?? 0) === (wish.group ?? 0) &&
    existing.isUp;
  if (isSame) return "fit";
  const { hardwareAddress, group = 0 } = wish;
  return [{ type: "set", target, settings: { hardwareAddress, group } }, ...settings(wish)];
}

/** What a link that was found, and not made by us now, may lack. */
export function adoption(wish: VirtualLink): readonly LinkChange[] {
  return settings(wish);
}

function creation(wish: VirtualLink, parentIndex: number): LinkChange[] {
  const { name, hardwareAddress, group } = wish;
  const link = { name, parentIndex, mode: "private", hardwareAddress, group } as const;
  return [{ type: "addMacvlan", link }];
}

/** No link-local address of its own (RFC 9568 section 7.4): two routers would have the same. */
function settings({ name, family, families }: VirtualLink): LinkChange[] {
  const target = { name };
  return [
    ...(family === 4 ? [{ type: "setIpv4", target, settings: ipv4Settings } as const] : []),
    ...(families.includes(6)
      ? [{ type: "setAddressGeneration", target, mode: "none" } as const]
      : []),
    { type: "set", target, settings: { isUp: true } },
  ];
}
