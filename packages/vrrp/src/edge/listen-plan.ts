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
  /** On a link that an instance has made. */
  readonly above?: LinkAbove | undefined;
}

export interface LinkAbove {
  /** The interface below: what is heard counts as heard there. */
  readonly base: string;
  /**
   * Only what was sent with it is received: it reaches a virtual MAC alone, and all else is heard
   * below.
   */
  readonly hardwareAddress: string | undefined;
}

interface GrowingWish {
  readonly groups: Set<string>;
  hasHeaders: boolean;
}

interface GrowingPlace {
  readonly byFamily: Map<4 | 6, GrowingWish>;
  readonly bySource: Map<string, GrowingWish>;
  readonly above?: LinkAbove;
}

export function listenPlan(config: VrrpConfig): ReadonlyMap<string, PlaceWish> {
  const plan = new Map<string, GrowingPlace>();
  for (const instance of config.instances) {
    const name = placeOf(instance);
    const place = plan.get(name) ?? { byFamily: new Map(), bySource: new Map() };
    plan.set(name, place);
    // It never leaves FAULT, and its interface may not even know groups.
    if (instance.staysInFault) continue;
    addWish(place, instance);
    addLinkAbove(plan, instance);
  }
  return plan;
}

function addLinkAbove(plan: Map<string, GrowingPlace>, instance: VrrpInstanceConfig): void {
  const { vmac, ipvlan, family, multicastGroup, headerAuthentication } = instance;
  const { addressLinks = [] } = instance;
  for (const { name, interface: base, hardwareAddress } of addressLinks) {
    const above = { base, hardwareAddress };
    plan.set(name, { byFamily: new Map(), bySource: new Map(), above });
  }
  // All slaves of an interface get a copy of what is multicast, and the interface itself one too.
  if (ipvlan !== undefined) plan.set(ipvlan.name, sendingOnly(instance));
  if (vmac === undefined) return;
  const groups = new Set([multicastGroup]);
  const wish = { groups, hasHeaders: headerAuthentication !== undefined };
  const above = { base: instance.interface, hardwareAddress: vmac.hardwareAddress };
  // Unicast adverts leave by the interface below, and come in there.
  const byFamily = new Map(isUnicast(instance) ? [] : [[family, wish] as const]);
  plan.set(vmac.name, { byFamily, bySource: new Map(), above });
}

function sendingOnly({ family, interface: base }: VrrpInstanceConfig): GrowingPlace {
  const wish = { groups: new Set<string>(), hasHeaders: false };
  const above = { base, hardwareAddress: undefined };
  return { byFamily: new Map([[family, wish]]), bySource: new Map(), above };
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
