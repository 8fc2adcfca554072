// Carries out the address work of all instances: one slice in the kernel at a time, instances in
// turn, the first slice announced as soon as the kernel has confirmed it and a group some time
// later, so that the first gratuitous ARP never waits for the last address. All others wait until
// no address is outstanding. What can be made ready before is made ready (preparation.ts).

import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type {
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import { addressFailureText } from "./address-failure.js";
import type { AddressEntry, AddressSlice } from "./address-work.js";
import { AddressWork } from "./address-work.js";
import { ArpAnnouncer } from "./arp-announcer.js";
import type { Losses } from "./losses.js";
import type { AddressOrder, Ports } from "./ports.js";
import { Preparation } from "./preparation.js";
import { ownerPrefix } from "./static-owner.js";

/** So few that the first address and its ARP are out within a fraction of a millisecond. */
const firstSliceCount = 4;
/** The event loop is back within about 2 ms: the kernel takes longer the more addresses it has. */
const sliceCount = 64;
const slowSliceCount = 32;
const announceCount = 64;
/** So many are announced together before the others are added. */
const earlyGroupCount = 256;
const congestionDelayMs = 2;
/** Together they take less than half a millisecond. */
const preparedInTurn = 32;
/** After so long other events have their turn. */
const turnMaxUs = 1_000;

const removeAgainMs = 1_000;

export type AddressQueuePorts = Pick<
  Ports,
  "now" | "addresses" | "arp" | "links" | "parent" | "defer" | "later"
>;

export class AddressQueue {
  readonly #ports: AddressQueuePorts;
  readonly #losses: Losses;
  readonly #settled: () => void;
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
  readonly #preparation: Preparation;
  #isKernelBusy = false;
  #sliceCount = sliceCount;
  /** The instant at which this turn of the event loop began to ask the kernel. */
  #turnBeganAt = 0;
  #isAnnounceScheduled = false;
  #idleWaiters: (() => void)[] = [];

  /** `settled` is called whenever no address is outstanding any more. */
  constructor(ports: AddressQueuePorts, losses: Losses, settled: () => void) {
    this.#ports = ports;
    this.#losses = losses;
    this.#settled = settled;
    this.#announcer = new ArpAnnouncer(ports);
    this.#preparation = new Preparation(ports.defer, preparedInTurn);
  }

  /** The kernel has answered all that was ordered of it. */
  get isSettled(): boolean {
    return !this.#isKernelBusy && this.#removing.size === 0 && this.#adding.size === 0;
  }

  /** These may be wanted at any time: what can be done for that beforehand is done bit by bit. */
  prepare(instances: readonly VrrpInstanceConfig[]): void {
    this.#preparation.start(() => this.#prepareAll(instances));
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
    this.renew(device);
    this.#preparation.restart();
  }

  /** Asks again for what is wanted on that interface and is not there. */
  renew(device: string): void {
    let hasWork = false;
    for (const work of this.#works.values()) {
      if (!work.renew(device)) continue;
      this.#adding.add(work);
      hasWork = true;
    }
    if (hasWork) this.pump();
  }

  linkLost(device: string): void {
    for (const work of this.#works.values()) work.lose(device);
  }

  /** The kernel says that an address is gone, by the netlink port of whoever has done it. */
  addressLost(device: string, address: string, prefixLength: number, port: number = 0): void {
    for (const work of this.#works.values()) {
      const entry = work.held(device, address, prefixLength);
      if (entry === undefined) continue;
      const what = `${address} of ${device}`;
      const isTracked = entry.address.noTrack !== true;
      const loss = { owner: work.instance, what, isTracked, port };
      this.#losses.note(loss, () => {
        if (!work.askAgain(entry, loss)) return;
        this.#adding.add(work);
        this.pump();
      });
    }
  }

  /** Another host has the address: the kernel does not use ours until it is added anew. */
  addressDuplicate(device: string, address: string, prefixLength: number): void {
    for (const work of this.#works.values()) {
      if (work.held(device, address, prefixLength) === undefined) continue;
      const why = `another host has it (duplicate address detection on ${device} failed)`;
      const text = `${ownerPrefix(work.instance)}Cannot use ${address}: ${why}`;
      this.#ports.parent.log({ level: "error", text, data: { device, address } });
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
    this.#turnBeganAt = this.#ports.now();
    this.#next();
  }

  #next(): void {
    for (const kind of ["remove", "add"] as const) {
      const works = kind === "remove" ? this.#removing : this.#adding;
      for (const work of works) {
        works.delete(work);
        const slice = work.takeSlice(kind, firstSliceCount, this.#sliceCount);
        if (slice === undefined) continue;
        works.add(work);
        this.#isKernelBusy = true;
        void this.#carryOut(work, slice);
        return;
      }
    }
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
    this.#settled();
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
    const beganAt = this.#ports.now();
    const results = await this.#ask(slice);
    this.#isKernelBusy = false;
    const isSlow = this.#ports.now() - beganAt > turnMaxUs;
    this.#sliceCount = isSlow ? slowSliceCount : sliceCount;
    slice.entries.forEach((entry, i) => {
      const errno = results[i] ?? null;
      const { loss } = entry;
      entry.loss = undefined;
      if (loss !== undefined && this.#losses.conclude(loss, errno)) {
        this.announce(work.instance, [entry.address], 1);
      }
      if (work.settle(slice.kind, entry, errno) || errno === null) return;
      this.#ports.parent.log({
        level: "error",
        text: addressFailureText(work.instance, slice.kind, entry.address, errno),
        data: { instance: work.instance, device: entry.address.device, errno },
      });
    });
    if (slice.kind === "remove") this.#removeAgainLater(work, slice, results);
    // What was ordered away while it was being added is known to be there only now.
    if (slice.entries.some((entry) => entry.isPending)) this.#removing.add(work);
    // The first ones are announced at once, then a larger group, the others after the last
    // addition: each frame takes the processor away from the requests that are still to come.
    const early = work.takeEarlyGroup(slice.isFirst ? 1 : earlyGroupCount);
    if (early > 0 && work.nextAnnouncement()?.isAnnounced === false) {
      this.#announcer.announce(work, early);
    }
    if (this.#ports.now() - this.#turnBeganAt < turnMaxUs) this.#next();
    else this.#continueLater();
  }

  /** The kernel was asked and has not said whether it has done it. */
  #removeAgainLater(
    work: AddressWork,
    { entries }: AddressSlice,
    results: readonly (string | null)[],
  ): void {
    const open = entries.filter((entry, i) => work.mayAskAgain(entry, results[i] ?? null));
    if (open.length === 0) return;
    this.#ports.later(removeAgainMs, () => {
      work.removeAgain(open);
      this.#removing.add(work);
      this.pump();
    });
  }

  /** The kernel counts as busy meanwhile, so that nothing comes in between. */
  #continueLater(): void {
    this.#isKernelBusy = true;
    this.#ports.defer(() => {
      this.#isKernelBusy = false;
      this.pump();
    });
  }

  /** One result an entry, also when an interface is missing or the socket is in trouble. */
  async #ask(slice: AddressSlice): Promise<readonly (string | null)[]> {
    const orders = slice.entries.map((entry) => this.#order(entry));
    const possible = orders.filter((order) => order !== undefined);
    if (possible.length === 0) return orders.map(() => "ENODEV");
    const answers = await this.#carry(slice.kind, possible);
    if (possible.length === orders.length) return answers;
    let answered = 0;
    return orders.map((order) => (order === undefined ? "ENODEV" : (answers[answered++] ?? null)));
  }

  /** Undefined while its interface is missing. */
  #order(entry: AddressEntry): AddressOrder | undefined {
    const interfaceIndex = this.#ports.links.link(entry.address.device)?.index;
    if (interfaceIndex === undefined) return undefined;
    if (entry.order?.interfaceIndex !== interfaceIndex) {
      const { address, protocol } = entry;
      entry.order = { address, interfaceIndex, protocol, encoded: undefined };
    }
    return entry.order;
  }

  *#prepareAll(instances: readonly VrrpInstanceConfig[]): Generator<void> {
    for (const { name, virtualAddresses, excludedAddresses } of instances) {
      for (const address of virtualAddresses) yield this.#prepare(this.#work(name).expect(address));
      for (const address of excludedAddresses) {
        yield this.#prepare(this.#work(name).expect(address));
      }
    }
  }

  #prepare(entry: AddressEntry): void {
    const order = this.#order(entry);
    const link = this.#ports.links.link(entry.address.device);
    if (order === undefined || link === undefined) return;
    this.#ports.addresses.prepare(order);
    this.#announcer.frame(entry, link);
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
