// What is known of the interfaces: the kernel's links and addresses, and what of them the VRRP
// core is told. Pure; fed by link-watch.ts. Our own virtual addresses are not an interface's
// address.

import { isDuplicate, isTentative } from "@keepalived-ts/netops/netlink/address-codec";
import type {
  InterfaceAddress,
  Link,
  RouteNames,
} from "@keepalived-ts/netops/netlink/route-socket";
import type { WatchReport } from "@keepalived-ts/shared-config/ipc/messages";
import type { VirtualAddress, VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import type { LinkFact } from "../core/event.js";
import { placeOf } from "../core/place.js";
import { addressProtocol } from "./own-address-filter.js";
import type { LinkPort, LinkView } from "./ports.js";

/** ARPHRD_ETHER of linux/if_arp.h: the only kind for which gratuitous ARP is built. */
const hardwareTypeEthernet = 1;
/** IFA_F_SECONDARY of linux/if_addr.h */
const flagSecondary = 0x01;
const priorityOwner = 255;
/** RT_SCOPE_LINK of linux/rtnetlink.h: what the kernel calls an address of fe80::/10. */
const scopeLink = 253;

/** Groups are 32 bits wide, and people count from 1. */
const firstOwnGroup = 0x6b61_0001;

interface KnownLink {
  readonly link: Link;
  /** By address and prefix length, in the order in which the kernel told of them. */
  readonly addresses: Map<string, InterfaceAddress>;
}

export class LinkTable implements LinkPort, RouteNames {
  readonly #byIndex: Map<number, KnownLink> = new Map();
  readonly #indexByName: Map<string, number> = new Map();
  /** What was made of the above for others, until something changes. */
  readonly #facts: Map<string, LinkFact> = new Map();
  readonly #views: Map<string, LinkView> = new Map();
  readonly #polled: Map<string, boolean> = new Map();
  #virtualAddresses: ReadonlySet<string> = new Set();
  #ownersAddresses: ReadonlySet<string> = new Set();
  /** Those that `track_src_ip` is about. */
  #trackedSources: ReadonlySet<string> = new Set();
  /** Places of instances without an interface: of them the whole host counts. */
  #widePlaces: ReadonlySet<string> = new Set();

  /** The whole truth, at the start and after messages were lost. */
  reset(links: readonly Link[], addresses: readonly InterfaceAddress[]): void {
    this.#byIndex.clear();
    this.#indexByName.clear();
    this.#forgetAll();
    for (const link of links) this.setLink(link);
    for (const address of addresses) this.addAddress(address);
  }

  /** From now on the addresses of `config` count as virtual, except those of their owner. */
  setVirtualAddresses(config: VrrpConfig): void {
    const addressesOf = (isOwner: boolean): Set<string> =>
      new Set(
        config.instances
          .filter(({ basePriority }) => (basePriority === priorityOwner) === isOwner)
          .flatMap(({ virtualAddresses, excludedAddresses }) => [
            ...virtualAddresses.map(({ address }) => address),
            ...excludedAddresses.map(({ address }) => address),
          ]),
      );
    this.#virtualAddresses = addressesOf(false);
    // The owner's virtual addresses are by definition its interface's own (RFC 9568 section 1.5).
    this.#ownersAddresses = addressesOf(true);
    this.#trackedSources = new Set(
      config.instances
        .filter(({ trackSourceAddress }) => trackSourceAddress)
        .flatMap(({ sourceAddress }) => sourceAddress ?? []),
    );
    const wide = config.instances.filter((instance) => instance.interface === "");
    this.#widePlaces = new Set(wide.map(placeOf));
    this.#forgetAll();
  }

  /** Of these interfaces the kernel's word on their medium is not taken. */
  usePolled(reports: readonly WatchReport[]): void {
    this.#polled.clear();
    for (const report of reports) if (report.kind === "link") this.setPolled(report);
    this.#forgetAll();
  }

  setPolled({ name, value }: WatchReport): void {
    this.#polled.set(name, value !== 0);
    this.#forget(name);
  }

  setLink(link: Link): void {
    const known = this.#byIndex.get(link.index);
    if (known !== undefined && known.link.name !== link.name) this.removeLink(link.index);
    this.#byIndex.set(link.index, { link, addresses: known?.addresses ?? new Map() });
    this.#indexByName.set(link.name, link.index);
    this.#forget(link.name);
  }

  removeLink(index: number): void {
    const known = this.#byIndex.get(index);
    if (known === undefined) return;
    this.#byIndex.delete(index);
    this.#forget(known.link.name);
    if (this.#indexByName.get(known.link.name) === index) {
      this.#indexByName.delete(known.link.name);
    }
  }

  addAddress(address: InterfaceAddress): void {
    const known = this.#byIndex.get(address.interfaceIndex);
    if (known === undefined) return;
    known.addresses.set(addressKey(address), address);
    if (!this.isQuiet(address.address)) this.#forget(known.link.name);
  }

  removeAddress(address: InterfaceAddress): void {
    const known = this.#byIndex.get(address.interfaceIndex);
    if (known === undefined) return;
    known.addresses.delete(addressKey(address));
    if (!this.isQuiet(address.address)) this.#forget(known.link.name);
  }

  /** Its coming and going changes nothing that the core is told: a virtual address. */
  isQuiet(address: string): boolean {
    return this.#virtualAddresses.has(address) && !this.#trackedSources.has(address);
  }

  /** Names of places that belong to no interface alone: see placeOf(). */
  get widePlaces(): ReadonlySet<string> {
    return this.#widePlaces;
  }

  indexes(): readonly number[] {
    return [...this.#byIndex.keys()];
  }

  nameOf(index: number): string | undefined {
    return this.#byIndex.get(index)?.link.name;
  }

  /** The number of an interface group that no link belongs to. */
  unusedGroup(): number {
    const used = new Set([...this.#byIndex.values()].map(({ link }) => link.group));
    let group = firstOwnGroup;
    while (used.has(group)) group++;
    return group;
  }

  /** As the kernel tells it. */
  kernelLink(name: string): Link | undefined {
    return this.#known(name)?.link;
  }

  /** What the core is to know of the interface `name`; the same object while nothing changes. */
  fact(name: string): LinkFact | undefined {
    const cached = this.#facts.get(name);
    if (cached !== undefined) return cached;
    const fact = name === "" ? this.#anywhere() : this.#factOf(name);
    if (fact !== undefined) this.#facts.set(name, fact);
    return fact;
  }

  link(name: string): LinkView | undefined {
    const cached = this.#views.get(name);
    if (cached !== undefined) return cached;
    const known = this.#known(name);
    if (known === undefined) return undefined;
    const { index, hardwareAddress, hardwareType, hasArp } = known.link;
    const view = {
      index,
      hardwareAddress,
      hasArp: hasArp && hardwareType === hardwareTypeEthernet,
      ipv4Address: this.fact(name)?.ipv4Address ?? null,
    };
    this.#views.set(name, view);
    return view;
  }

  interfaceIndex(name: string): number | undefined {
    return this.#indexByName.get(name);
  }

  vrfTable(name: string): number | undefined {
    return this.#known(name)?.link.vrfTable;
  }

  hasAddress(address: VirtualAddress): boolean {
    return this.#known(address.device)?.addresses.has(addressKey(address)) ?? false;
  }

  /**
   * Of an owner's addresses those that the interface had without us; removing them could cut the
   * host off. Kernels before 5.18 do not say who added an address: there all of them are spared.
   */
  isForeign({ address, prefixLength, device }: VirtualAddress): boolean {
    if (!this.#ownersAddresses.has(address)) return false;
    const known = this.#known(device)?.addresses.get(addressKey({ address, prefixLength }));
    return known !== undefined && known.protocol !== addressProtocol;
  }

  #factOf(name: string): LinkFact | undefined {
    const known = this.#known(name);
    if (known === undefined) return undefined;
    const { index, isUp } = known.link;
    const polled = this.#polled.get(name);
    const isRunning = polled === undefined ? known.link.isRunning : isUp && polled;
    const places = this.#widePlaces.has(name) ? [...this.#byIndex.values()] : [known];
    return {
      index,
      name,
      isRunning,
      ipv4Address: this.#firstAddress(known),
      ipv6Address: this.#linkLocalAddress(known),
      presentSources: this.#presentSources(places),
    };
  }

  /** For instances whose interface routing chooses. */
  #anywhere(): LinkFact {
    const presentSources = this.#presentSources([...this.#byIndex.values()]);
    const none = { ipv4Address: null, ipv6Address: null };
    return { index: 0, name: "", isRunning: true, ...none, presentSources };
  }

  #presentSources(places: readonly KnownLink[]): readonly string[] {
    if (this.#trackedSources.size === 0) return [];
    const found = places.flatMap(({ addresses }) =>
      [...addresses.values()].filter(isUsable).map(({ address }) => address),
    );
    return [...this.#trackedSources].filter((source) => found.includes(source));
  }

  #forget(name: string): void {
    for (const place of this.#widePlaces) this.#facts.delete(place);
    this.#facts.delete(name);
    this.#views.delete(name);
  }

  #forgetAll(): void {
    this.#facts.clear();
    this.#views.clear();
  }

  #known(name: string): KnownLink | undefined {
    const index = this.#indexByName.get(name);
    return index === undefined ? undefined : this.#byIndex.get(index);
  }

  /** The kernel chooses sources among primary addresses first, in its own order. */
  #firstAddress({ addresses }: KnownLink): string | null {
    let secondary: string | null = null;
    for (const { address, family, flags } of addresses.values()) {
      if (family !== 4 || this.#virtualAddresses.has(address)) continue;
      if ((flags & flagSecondary) === 0) return address;
      secondary ??= address;
    }
    return secondary;
  }

  #linkLocalAddress({ addresses }: KnownLink): string | null {
    for (const each of addresses.values()) {
      const isLinkLocal = each.family === 6 && each.scope === scopeLink;
      if (isLinkLocal && isUsable(each) && !this.#virtualAddresses.has(each.address)) {
        return each.address;
      }
    }
    return null;
  }
}

/** Before duplicate address detection has ended the kernel refuses to send from it. */
function isUsable(address: InterfaceAddress): boolean {
  return !isTentative(address) && !isDuplicate(address);
}

function addressKey(address: { readonly address: string; readonly prefixLength: number }): string {
  return `${address.address}/${address.prefixLength}`;
}
