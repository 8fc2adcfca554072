// The addresses of a VRRP instance: no more in an advert than fit, each on an interface. Follows
// vrrp_complete_instance of keepalived's vrrp/vrrp.c.

import type { Span } from "../text/source.js";
import { lifetimeForever } from "./address-line.js";
import type { VirtualAddress, VrrpInstanceConfig } from "./config.js";
import type { AddressDraft, InstanceDraft } from "./draft.js";
import { hasLink, type InstanceContext } from "./link-context.js";

/** What goes in the adverts, at most `addressesMax`, and what is held beside. */
export function linkAddresses(
  context: InstanceContext,
  device: string,
  addressesMax: number,
): Pick<VrrpInstanceConfig, "virtualAddresses" | "excludedAddresses"> {
  const { addresses, excluded } = context.draft;
  for (const each of [...addresses, ...excluded]) {
    if (each.device !== undefined) hasLink(context, each.device, each.span);
    else if (device === "") reportNowhere(context, each);
  }
  reportSurplus(context, addressesMax);
  reportTwins(context);
  const place = (each: AddressDraft): VirtualAddress => placeAddress(each, device);
  return {
    virtualAddresses: addresses.slice(0, addressesMax).map(place),
    excludedAddresses: [...addresses.slice(addressesMax), ...excluded].map(place),
  };
}

/** keepalived leaves the address out; part of the service would then be missing. */
function reportNowhere({ owner, report }: InstanceContext, { address, span }: AddressDraft): void {
  report(span, {
    severity: "fatal",
    code: "MISSING_KEYWORD",
    message: `Cannot hold ${address} in ${owner} without an interface`,
    hint: 'add "dev <interface>" to the line, or interface to the block',
  });
}

function reportSurplus({ draft, owner, report }: InstanceContext, addressesMax: number): void {
  const { addresses } = draft;
  const surplus = addresses[addressesMax];
  if (surplus === undefined) return;
  report(surplus.span, {
    severity: "error",
    code: "TOO_MANY_ADDRESSES",
    message: `Cannot advertise all addresses of ${owner}; from here on they are excluded`,
    expected: `at most ${addressesMax} in virtual_ipaddress, and not ${addresses.length}`,
  });
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

/** Finds the line of an address; the table is made when somebody asks. */
export function addressFinder(
  draft: Pick<InstanceDraft, "addresses" | "excluded" | "span">,
): (address: string) => Span {
  let spans: Map<string, Span> | undefined;
  return (address) => {
    // Of two lines the first counts.
    const lines = (): AddressDraft[] => [...draft.addresses, ...draft.excluded].toReversed();
    spans ??= new Map(lines().map((line) => [line.address, line.span]));
    return spans.get(address) ?? draft.span;
  };
}
