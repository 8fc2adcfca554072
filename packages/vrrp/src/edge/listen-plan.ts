// What the configuration wants to hear, interface by interface: groups of IPv4 and IPv6, unicast,
// authentication headers. Pure. Opens nothing.

import type { VrrpConfig, VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { isUnicast, placeOf } from "../core/place.js";
import { trailerLength } from "../packet/hmac-trailer.js";

/** What is received through one socket of one family. */
export interface ListenWish {
  readonly groups: ReadonlySet<string>;
  /** Adverts behind an authentication header are another protocol to the kernel. */
  readonly hasHeaders: boolean;
  readonly buffer: BufferWish;
}

/** How much the kernel is to keep until it is read; nothing of both: a size of our own. */
export interface BufferWish {
  readonly bytes: number;
  /** As often the MTU of the interface. */
  readonly mtus: number;
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
  buffer: BufferWish;
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
    const buffer = bufferOf(instance, config.receiveBuffers);
    addWish(place, instance, buffer);
    addLinkAbove(plan, instance, buffer);
  }
  return plan;
}

function addLinkAbove(
  plan: Map<string, GrowingPlace>,
  instance: VrrpInstanceConfig,
  buffer: BufferWish,
): void {
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
  const wish = { groups, hasHeaders: headerAuthentication !== undefined, buffer };
  const above = { base: instance.interface, hardwareAddress: vmac.hardwareAddress };
  // Unicast adverts leave by the interface below, and come in there.
  const byFamily = new Map(isUnicast(instance) ? [] : [[family, wish] as const]);
  plan.set(vmac.name, { byFamily, bySource: new Map(), above });
}

function sendingOnly({ family, interface: base }: VrrpInstanceConfig): GrowingPlace {
  const wish = { groups: new Set<string>(), hasHeaders: false, buffer: noBuffer };
  const above = { base, hardwareAddress: undefined };
  return { byFamily: new Map([[family, wish]]), bySource: new Map(), above };
}

/** Headers of IP, VRRP, AH and the data of version 2 (RFC 2338 section 5.3). */
const advertBytes = { ip: { 4: 20, 6: 40 }, vrrp: 8, password: 8, header: 24 };
const noBuffer: BufferWish = { bytes: 0, mtus: 0 };

/** `kernel_rx_buf_size`, else `vrrp_rx_bufs_policy`. */
function bufferOf(instance: VrrpInstanceConfig, policy: VrrpConfig["receiveBuffers"]): BufferWish {
  const { kernelReceiveBufferBytes } = instance;
  if (kernelReceiveBufferBytes !== undefined) return { bytes: kernelReceiveBufferBytes, mtus: 0 };
  if (policy === undefined) return noBuffer;
  const { unit, count } = policy;
  if (unit === "MTU") return { bytes: 0, mtus: count };
  return { bytes: unit === "bytes" ? count : count * advertSize(instance), mtus: 0 };
}

function advertSize(instance: VrrpInstanceConfig): number {
  const { family, version, headerAuthentication, hmacAuthentication, virtualAddresses } = instance;
  const addresses = virtualAddresses.length * (family === 4 ? 4 : 16);
  return (
    advertBytes.ip[family] +
    advertBytes.vrrp +
    addresses +
    (version === 2 && family === 4 ? advertBytes.password : 0) +
    (headerAuthentication === undefined ? 0 : advertBytes.header) +
    (hmacAuthentication === undefined ? 0 : trailerLength)
  );
}

function addWish(
  { byFamily, bySource }: GrowingPlace,
  instance: VrrpInstanceConfig,
  { bytes, mtus }: BufferWish,
): void {
  const { family, sourceAddress = "", multicastGroup, headerAuthentication } = instance;
  const wish =
    instance.interface === "" ? wishAt(bySource, sourceAddress) : wishAt(byFamily, family);
  if (!isUnicast(instance)) wish.groups.add(multicastGroup);
  if (headerAuthentication !== undefined) wish.hasHeaders = true;
  wish.buffer = { bytes: wish.buffer.bytes + bytes, mtus: wish.buffer.mtus + mtus };
}

function wishAt<K>(wishes: Map<K, GrowingWish>, key: K): GrowingWish {
  let wish = wishes.get(key);
  if (wish === undefined) {
    wish = { groups: new Set(), hasHeaders: false, buffer: noBuffer };
    wishes.set(key, wish);
  }
  return wish;
}
