// What the packet filter is needed for: addresses that are not to be used though they are there
// (RFC 9568 section 6.1, Accept_Mode), and links with a virtual MAC, whose own reports must not be
// sent. Pure derivations of the configuration.

import { ipFamily, parseIp } from "@keepalived-ts/shared-config/base/ip";
import type { VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import type { VirtualLink } from "./virtual-links.js";

/** What is to be filtered in one family. */
export interface FilterNeeds {
  readonly hasAddresses: boolean;
  readonly hasLinkLocal: boolean;
  readonly hasVirtualMacs: boolean;
}

export function filterNeeds(
  { instances }: Pick<VrrpConfig, "instances">,
  links: readonly VirtualLink[],
): Readonly<Record<"ip" | "ip6", FilterNeeds>> {
  const blocked = instances
    .filter(({ acceptMode }) => !acceptMode)
    .flatMap(({ virtualAddresses, excludedAddresses }) => [
      ...virtualAddresses,
      ...excludedAddresses,
    ]);
  const needsOf = (family: 4 | 6): FilterNeeds => ({
    hasAddresses: blocked.some(({ address }) => ipFamily(address) === family),
    hasLinkLocal: family === 6 && blocked.some(({ address }) => isLinkLocal(address)),
    hasVirtualMacs: links.some(
      ({ families, ipvlanMode }) => ipvlanMode === undefined && families.includes(family),
    ),
  });
  return { ip: needsOf(4), ip6: needsOf(6) };
}

/** fe80::/10, RFC 4291 section 2.4. */
export function isLinkLocal(address: string): boolean {
  const bytes = parseIp(address);
  return bytes?.[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}
