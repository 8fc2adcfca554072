// What is known of the interfaces: the kernel's links and IPv4 addresses, and what of them the
// VRRP core is told. Pure; fed by link-watch.ts. Our own virtual addresses are not an interface's
// address.

import type { InterfaceAddress, Link } from "@keepalived-ts/netops/netlink/route-socket";
import type { VirtualAddress, VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import type { LinkFact } from "../core/event.js";
import { addressProtocol } from "./own-address-filter.js";
import type { LinkPort, LinkView } from "./ports.js";

/** ARPHRD_ETHER of linux/if_arp.h: the only kind for which gratuitous ARP is built. */
const hardwareTypeEthernet = 1;
/** IFA_F_SECONDARY of linux/if_addr.h */
const flagSecondary = 0x01;
const priorityOwner = 255;

interface KnownLink {
  readonly link: Link;
  /** By address and prefix length, in the order in which the kernel told of them. */
  readonly addresses: Map<string, InterfaceAddress>;
}

export class LinkTable implements LinkPort {
  readonly #byIndex: Map<number, KnownLink> = new Map();
  readonly #indexByName: Map<string, number> = new Map();
  /** What was made of the above for others, until something changes. */
  readonly #facts: Map<string, LinkFact> = new Map();
  readonly #views: Map<string, LinkView> = new Map();
  #virtualAddresses: ReadonlySet<string> = new Set();
  #ownersAddresses: ReadonlySet<string> = new Set();

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
    this.#forgetAll();
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
    if (known === undefined || address.family !== 4) return;
    known.addresses.set(addressKey(address), address);
    if (!this.isVirtual(address.address)) this.#forget(known.link.name);
  }

  removeAddress(address: InterfaceAddress): void {
    const known = this.#byIndex.get(address.interfaceIndex);
    if (known === undefined || address.family !== 4) return;
    known.addresses.delete(addressKey(address));
    if (!this.isVirtual(address.address)) this.#forget(known.link.name);
  }

  isVirtual(address: string): boolean {
    return this.#virtualAddresses.has(address);
  }

  indexes(): readonly number[] {
    return [...this.#byIndex.keys()];
  }

  nameOf(index: number): string | undefined {
    return this.#byIndex.get(index)?.link.name;
  }

  /** What the core is to know of the interface `name`; the same object while nothing changes. */
  fact(name: string): LinkFact | undefined {
    const cached = this.#facts.get(name);
    if (cached !== undefined) return cached;
    const known = this.#known(name);
    if (known === undefined) return undefined;
    const { index, isRunning } = known.link;
    const fact = { index, name, isRunning, ipv4Address: this.#firstAddress(known) };
    this.#facts.set(name, fact);
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

  /** IPv6 addresses are not followed: they count as present, and are asked for. */
  hasAddress(address: VirtualAddress): boolean {
    if (address.address.includes(":")) return true;
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

  #forget(name: string): void {
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
    for (const { address, flags } of addresses.values()) {
      if (this.isVirtual(address)) continue;
      if ((flags & flagSecondary) === 0) return address;
      secondary ??= address;
    }
    return secondary;
  }
}

function addressKey(address: { readonly address: string; readonly prefixLength: number }): string {
  return `${address.address}/${address.prefixLength}`;
}
