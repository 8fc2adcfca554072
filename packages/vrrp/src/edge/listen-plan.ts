// What the configuration wants to hear, interface by interface: groups of IPv4 and IPv6, unicast,
// authentication headers. Pure. Opens nothing.

import type { VrrpConfig, VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { isUnicast, placeOf } from "../core/place.js";

/** What is received through one socket of one family. */
export interface ListenWish {
  readonly groups: ReadonlySet<string>;
  /** Adverts behind an authentication header are another protocol to the kernel. */
  readonly hasHeaders: boolean;
}

/** The wishes of all instances of one place: see placeOf(). */
export interface PlaceWish {
  readonly byFamily: ReadonlyMap<4 | 6, ListenWish>;
  /** Of instances without an interface: what comes to this address. */
  readonly bySource: ReadonlyMap<string, ListenWish>;
}

interface GrowingWish {
  readonly groups: Set<string>;
  hasHeaders: boolean;
}

interface GrowingPlace {
  readonly byFamily: Map<4 | 6, GrowingWish>;
  readonly bySource: Map<string, GrowingWish>;
}

export function listenPlan(config: VrrpConfig): ReadonlyMap<string, PlaceWish> {
  const plan = new Map<string, GrowingPlace>();
  for (const instance of config.instances) {
    const name = placeOf(instance);
    const place = plan.get(name) ?? { byFamily: new Map(), bySource: new Map() };
    plan.set(name, place);
    // It never leaves FAULT, and its interface may not even know groups.
    if (!instance.staysInFault) addWish(place, instance);
  }
  return plan;
}

function addWish({ byFamily, bySource }: GrowingPlace, instance: VrrpInstanceConfig): void {
  const { family, sourceAddress = "", multicastGroup, headerAuthentication } = instance;
  const wish =
    instance.interface === "" ? wishAt(bySource, sourceAddress) : wishAt(byFamily, family);
  if (!isUnicast(instance)) wish.groups.add(multicastGroup);
  if (headerAuthentication !== undefined) wish.hasHeaders = true;
}

function wishAt<K>(wishes: Map<K, GrowingWish>, key: K): GrowingWish {
  let wish = wishes.get(key);
  if (wish === undefined) {
    wish = { groups: new Set(), hasHeaders: false };
    wishes.set(key, wish);
  }
  return wish;
}
