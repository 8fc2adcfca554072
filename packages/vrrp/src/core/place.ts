// Which interface an instance belongs to in the tables of links, also when it has none of its own.
// Pure derivations.

import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";

/**
 * The interface whose state counts for the instance: its own, else its VRF's device; "" when
 * routing chooses. Of "" the edge gives a fact like of any interface, with index 0.
 */
export function placeOf(config: Pick<VrrpInstanceConfig, "interface" | "vrf">): string {
  return config.interface === "" ? (config.vrf ?? "") : config.interface;
}

/** The link that the instance has made over its interface, if any: see virtual-links.ts. */
export function ownLinkOf(config: Pick<VrrpInstanceConfig, "vmac" | "ipvlan">):
  | {
      readonly name: string;
    }
  | undefined {
  return config.vmac ?? config.ipvlan;
}

/** The interface that adverts leave by: the instance's own link, unless it says else. */
export function transmitPlaceOf(
  config: Pick<VrrpInstanceConfig, "interface" | "vrf" | "vmac" | "ipvlan" | "vmacTransmitBase">,
): string {
  const own = config.vmacTransmitBase ? undefined : ownLinkOf(config)?.name;
  return own ?? placeOf(config);
}

/** Whether adverts go to single routers. */
export function isUnicast(config: Pick<VrrpInstanceConfig, "unicastPeers">): boolean {
  return config.unicastPeers.length > 0;
}
