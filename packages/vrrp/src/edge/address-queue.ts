// Carries out the address work of all instances: one slice in the kernel at a time, instances in
// turn, the first slice announced as soon as the kernel has confirmed it and the others in groups,
// so that the first gratuitous ARP never waits for the last address. Further passes of a burst
// wait until no address is outstanding.

import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { VirtualAddress } from "@keepalived-ts/shared-config/schema/config";
import { addressFailureText } from "./address-failure.js";
import type { AddressSlice } from "./address-work.js";
import { AddressWork } from "./address-work.js";
import { ArpAnnouncer } from "./arp-announcer.js";
import type { AddressOrder, Ports } from "./ports.js";

/** So few that the first address and its ARP are out within a fraction of a millisecond. */
const firstSliceCount = 4;
/** So few that the event loop is back within about a millisecond. */
const sliceCount = 64;
const announceCount = 64;
/** Addresses that are in place and wait for their first announcement, at most. */
const announceGroupCount = 512;
const congestionDelayMs = 2;

export type AddressQueuePorts = Pick<
  Ports,
  "addresses" | "arp" | "links" | "parent" | "defer" | "later"
>;

export class AddressQueue {
  readonly #ports: AddressQueuePorts;
  readonly #announcer: ArpAnnouncer;
  readonly #works: Map<string, AddressWork> = new Map();
  /**
   * Works with requests for the kernel, in turn. All removals come before any addition: an address
   * that a reload moves from one instance to another must end up present.
   */
  readonly #removing: Set<AddressWork> = new Set();
  readonly #adding: Set<AddressWork> = new Set();
  /** Works that may owe announcements, in turn. */
  readonly #announcing: Set<AddressWork> = new Set();
  #isKernelBusy = false;
  #isAnnounceScheduled = false;
  #idleWaiters: (() => void)[] = [];

  constructor(ports: AddressQueuePorts) {
    this.#ports = ports;
    this.#announcer = new ArpAnnouncer(ports);
  }

  /** Orders take effect with the next {@link pump}. */
  add(instance: string, addresses: readonly VirtualAddress[]): void {
    const work = this.#work(instance);
    work.add(addresses);
    this.#adding.add(work);
  }

  remove(instance: string, addresses: readonly VirtualAddress[]): void {
    const work = this.#work(instance);
    work.remove(addresses);
    this.#removing.add(work);
  }

  announce(instance: string, addresses: readonly VirtualAddress[], repeat: number): void {
    const work = this.#work(instance);
    work.announce(addresses, repeat);
    this.#announcing.add(work);
  }

  /** An interface of that name is there (again): what is wanted on it is asked for anew. */
  linkAppeared(device: string): void {
    for (const work of this.#works.values()) if (work.renew(device)) this.#adding.add(work);
    this.pump();
  }

  linkLost(device: string): void {
    for (const work of this.#works.values()) work.lose(device);
  }

  /** The kernel says that an address is gone: if it was to be there, it is put back. */
  addressLost(device: string, address: string, prefixLength: number): void {
    for (const work of this.#works.values()) {
      if (!work.miss(device, address, prefixLength)) continue;
      const text = `(${work.instance}) ${address} was removed from ${device}, putting it back`;
      this.#ports.parent.log({ level: "warn", text });
      this.#adding.add(work);
      this.#announcing.add(work);
      this.pump();
    }
  }

  /** News of the kernel were lost: puts back what is missing by what is known now. */
  review(): void {
    for (const work of this.#works.values()) {
      for (const { device, address, prefixLength } of work.missing()) {
        this.addressLost(device, address, prefixLength);
      }
    }
  }

  /** After a reload: forgets what is over. */
  prune(): void {
    for (const [instance, work] of this.#works) {
      work.prune();
      if (work.isEmpty) this.#works.delete(instance);
    }
  }

  /** Resolves when the kernel has answered everything and nothing waits to be asked. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.pump();
    });
  }

  /** Starts what can be started now. */
  pump(): void {
    if (this.#isKernelBusy) return;
    for (const kind of ["remove", "add"] as const) {
      const works = kind === "remove" ? this.#removing : this.#adding;
      for (const work of works) {
        works.delete(work);
        const slice = work.takeSlice(kind, firstSliceCount, sliceCount);
        if (slice === undefined) continue;
        works.add(work);
        this.#isKernelBusy = true;
        void this.#carryOut(work, slice);
        return;
      }
    }
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
    this.#announceRest();
  }

  #work(instance: string): AddressWork {
    let work = this.#works.get(instance);
    if (work === undefined) {
      work = new AddressWork(instance, this.#ports.links);
      this.#works.set(instance, work);
    }
    return work;
  }

  async #carryOut(work: AddressWork, slice: AddressSlice): Promise<void> {
    const results = await this.#ask(slice);
    this.#isKernelBusy = false;
    slice.entries.forEach((entry, i) => {
      const errno = results[i] ?? null;
      if (work.settle(slice.kind, entry, errno) || errno === null) return;
      this.#ports.parent.log({
        level: "error",
        text: addressFailureText(work.instance, slice.kind, entry.address, errno),
        data: { instance: work.instance, device: entry.address.device, errno },
      });
    });
    // What was ordered away while it was being added is known to be there only now.
    if (slice.entries.some((entry) => entry.isPending)) this.#removing.add(work);
    // The first is announced at once, the others in large groups: each frame takes the processor
    // away from the requests that are still to come. Repetitions wait until all else is done.
    const { confirmedCount } = work;
    const isEnough = slice.isFirst || confirmedCount >= announceGroupCount;
    if (isEnough && work.nextAnnouncement()?.isAnnounced === false) {
      work.confirmedCount = 0;
      this.#announcer.announce(work, confirmedCount);
    }
    this.pump();
  }

  /** One result an entry, also when an interface is missing or the socket is in trouble. */
  async #ask(slice: AddressSlice): Promise<(string | null)[]> {
    const results: (string | null)[] = slice.entries.map(() => null);
    const orders: AddressOrder[] = [];
    const places: number[] = [];
    slice.entries.forEach(({ address }, i) => {
      const link = this.#ports.links.link(address.device);
      if (link === undefined) {
        results[i] = "ENODEV";
        return;
      }
      orders.push({ address, interfaceIndex: link.index });
      places.push(i);
    });
    if (orders.length === 0) return results;
    const answers = await this.#carry(slice.kind, orders);
    places.forEach((place, i) => {
      results[place] = answers[i] ?? null;
    });
    return results;
  }

  async #carry(
    kind: AddressSlice["kind"],
    orders: readonly AddressOrder[],
  ): Promise<readonly (string | null)[]> {
    try {
      return await this.#ports.addresses[kind](orders);
    } catch (thrown) {
      const code = thrown instanceof KeepalivedError ? thrown.code : errorText(thrown);
      return orders.map(() => code);
    }
  }

  /** One portion of owed announcements now, the next one in a later turn of the event loop. */
  #announceRest(): void {
    if (this.#isAnnounceScheduled) return;
    for (const work of this.#announcing) {
      this.#announcing.delete(work);
      const result = this.#announcer.announce(work, announceCount);
      if (result === "waiting") continue;
      this.#announcing.add(work);
      this.#isAnnounceScheduled = true;
      const again = (): void => {
        this.#isAnnounceScheduled = false;
        this.pump();
      };
      if (result === "more") this.#ports.defer(again);
      else this.#ports.later(congestionDelayMs, again);
      return;
    }
  }
}
