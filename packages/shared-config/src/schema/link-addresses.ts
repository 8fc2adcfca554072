// The addresses of a VRRP instance: one family, at most 255 in an advert, each on an interface; the
// source address and the multicast group of that family. Follows vrrp_complete_instance of
// keepalived's vrrp/vrrp.c.

import { ipFamily } from "../base/ip.js";
import type { Located } from "../text/source.js";
import { lifetimeForever } from "./address-line.js";
import type { VirtualAddress, VrrpInstanceConfig } from "./config.js";
import type { AddressDraft } from "./draft.js";
import { hasLink, type InstanceContext, inherited } from "./link-context.js";

/** RFC 9568 section 5.2.4: the count of addresses is one byte. */
const addressesMax = 255;

/** The family of the addresses; without any, IPv4. IPv6 is not built and never half built. */
export function linkFamily({ draft, owner, report, later }: InstanceContext): 4 | 6 | undefined {
  const { addresses, excluded } = draft;
  const other = addresses.find((each) => each.family !== addresses[0]?.family);
  const sixth = [...addresses, ...excluded].find((each) => each.family === 6);
  if (other !== undefined) {
    report(other.span, {
      severity: "fatal",
      code: "FAMILY_MIX",
      message: `Cannot hold IPv4 and IPv6 addresses together in ${owner}`,
      hint: "make one instance for each family, or use virtual_ipaddress_excluded",
    });
    return undefined;
  }
  if (sixth !== undefined) {
    later.add(`IPv6 addresses in ${owner}`, sixth.span, { harm: "they would not be held" });
  }
  return addresses[0]?.family ?? 4;
}

/** What goes in the adverts and what is held beside. */
export function linkAddresses(
  context: InstanceContext,
  device: string,
): Pick<VrrpInstanceConfig, "virtualAddresses" | "excludedAddresses"> {
  const { addresses, excluded } = context.draft;
  for (const each of [...addresses, ...excluded]) {
    if (each.device !== undefined) hasLink(context, each.device, each.span);
  }
  const max = advertisedMax(context, device);
  reportCount(context, max);
  reportTwins(context);
  const place = (each: AddressDraft): VirtualAddress => placeAddress(each, device);
  return {
    virtualAddresses: addresses.slice(0, max).map(place),
    excludedAddresses: [...addresses.slice(max), ...excluded].map(place),
  };
}

/** How many addresses fit in an advert that fits the interface's MTU. */
function advertisedMax(context: InstanceContext, device: string): number {
  const mtu = context.host.linkMtu?.(device);
  if (mtu === undefined) return addressesMax;
  const isIpv6 = context.draft.addresses[0]?.family === 6;
  const passwordBytes = !isIpv6 && inherited(context, "version") !== 3 ? 8 : 0;
  const headerBytes = (isIpv6 ? 40 : 20) + 8 + passwordBytes;
  const room = Math.floor((mtu - headerBytes) / (isIpv6 ? 16 : 4));
  return Math.min(addressesMax, Math.max(0, room));
}

function reportCount({ draft, owner, report }: InstanceContext, max: number): void {
  const { addresses, mayHaveNoAddress } = draft;
  const surplus = addresses[max];
  if (addresses.length === 0 && mayHaveNoAddress === undefined) {
    report(draft.span, {
      severity: "warning",
      code: "NO_VIRTUAL_ADDRESS",
      message: `Cannot find an address in ${owner}; it runs without one`,
      hint: "add virtual_ipaddress { ... }, or no_virtual_ipaddress if that is meant",
    });
  } else if (surplus !== undefined) {
    report(surplus.span, {
      severity: "error",
      code: "TOO_MANY_ADDRESSES",
      message: `Cannot advertise all addresses of ${owner}; from here on they are excluded`,
      expected: `at most ${max} in virtual_ipaddress, and not ${addresses.length}`,
    });
  }
}

function reportTwins({ draft, owner, report }: InstanceContext): void {
  const seen = new Set<string>();
  for (const each of [...draft.addresses, ...draft.excluded]) {
    const key = `${each.address}/${each.prefixLength} ${each.device ?? ""}`;
    if (seen.has(key)) {
      report(each.span, {
        severity: "hint",
        code: "DUPLICATE_ADDRESS",
        message: `Cannot hold ${each.address} twice in ${owner}`,
      });
    }
    seen.add(key);
  }
}

/** The address on `device` unless its line says else, and with its lifetime. */
export function placeAddress(draft: AddressDraft, device: string): VirtualAddress {
  const { span: _, family, device: own, trackGroup: __, preferredLifetimeS, ...rest } = draft;
  const isHost6 = family === 6 && draft.prefixLength === 128;
  // An IPv6 address of its own is no source unless asked for (vrrp/vrrp_ipaddress.c).
  const lifetimeS = preferredLifetimeS ?? (isHost6 ? 0 : lifetimeForever);
  const lifetime = lifetimeS === lifetimeForever ? {} : { preferredLifetimeS: lifetimeS };
  return { ...rest, device: own ?? device, ...lifetime };
}

/** `mcast_src_ip`, or `unicast_src_ip`, which is the same field to keepalived. */
export function linkSourceAddress(context: InstanceContext, family: 4 | 6): string | undefined {
  const { sourceAddress, unicastSourceAddress } = context.draft;
  if (unicastSourceAddress !== undefined) {
    context.report(unicastSourceAddress.span, {
      severity: "warning",
      code: "UNICAST_WITHOUT_PEERS",
      message: `Cannot find unicast_peer in ${context.owner}; adverts go to the multicast group`,
      hint: "write mcast_src_ip for the source address of multicast adverts",
    });
  }
  return ofFamily(context, unicastSourceAddress ?? sourceAddress, family);
}

/** RFC 9568 sections 5.1.1.2 and 5.1.2.2, unless the configuration says else. */
export function linkMulticastGroup(context: InstanceContext, family: 4 | 6): string {
  const { multicastGroup4, multicastGroup6 } = context.global;
  const own = ofFamily(context, context.draft.multicastGroup, family);
  if (own !== undefined) return own;
  if (family === 6) return multicastGroup6?.value ?? "ff02::12";
  return multicastGroup4?.value ?? "224.0.0.18";
}

function ofFamily(
  context: InstanceContext,
  address: Located<string> | undefined,
  family: 4 | 6,
): string | undefined {
  if (address === undefined || ipFamily(address.value) === family) return address?.value;
  context.report(address.span, {
    severity: "error",
    code: "FAMILY_MISMATCH",
    message: `Cannot use ${address.value} in ${context.owner}; the line is ignored`,
    expected: `an IPv${family} address, as the virtual addresses are`,
  });
  return undefined;
}
