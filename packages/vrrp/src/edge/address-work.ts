// The addresses of one instance: which are wanted, which the kernel has, which are to be
// announced. Orders only change what is wanted; steps are taken one slice at a time by address-
// queue.ts, so that the last order wins whatever was under way when it came. Knows neither sockets
// nor promises.

import type { OutgoingDatagram } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import type { VirtualAddress } from "@keepalived-ts/shared-config/schema/config";
import type { Loss } from "./losses.js";
import { addressProtocol, staticAddressProtocol } from "./own-address-filter.js";
import type { AddressOrder, LinkPort, LinkView } from "./ports.js";
import { staticOwner } from "./static-owner.js";

/** One address of an instance. */
export interface AddressEntry {
  readonly address: VirtualAddress;
  isWanted: boolean;
  /** The kernel is still to be asked, to add or to remove as `isWanted` says. */
  isPending: boolean;
  /** A request is on its way. */
  isUnderWay: boolean;
  /** False only when the kernel is known not to have it. */
  mayBePresent: boolean;
  /** The kernel has confirmed it since it was last ordered: it may be announced. */
  isConfirmed: boolean;
  /** It was said to be gone and is asked for again. */
  loss: Loss | undefined;
  /** Announcements still to be sent. */
  owed: number;
  /** False until the first announcement of a burst is out. */
  isAnnounced: boolean;
  /** Removals in a row of which nobody knows whether they were done. */
  removalTries: number;
  /** IFA_PROTO: whose it is. */
  readonly protocol: number;
  /** Address, prefix length and device as one text. */
  readonly place: string;
  /** What the kernel is asked, kept while the interface stays the same. */
  order: AddressOrder | undefined;
  /** The encoded announcement, kept while the link stays the same; null: there is none. */
  announcement: { readonly link: LinkView; readonly frame: OutgoingDatagram | null } | undefined;
}

/** Requests of one kind that go to the kernel together. */
export interface AddressSlice {
  readonly kind: "add" | "remove";
  /** The first additions after an order. */
  readonly isFirst: boolean;
  readonly entries: readonly AddressEntry[];
}

/** Groups of an order that are announced before its last address is there. */
const earlyGroupsMax = 2;

/** What the kernel may answer without anything being wrong. */
const harmless: Readonly<Record<AddressSlice["kind"], readonly string[]>> = {
  add: ["EEXIST"],
  remove: ["EADDRNOTAVAIL", "ENODEV"],
};

/** After these nobody knows whether the kernel has done what it was asked. */
const unknownOutcomes: readonly string[] = ["ETIMEDOUT", "ENOBUFS", "EIO", "ECANCELED"];

/** A kernel that says nothing for so long is asked no more. */
const removalTriesMax = 5;

export class AddressWork {
  readonly instance: string;
  #entries: AddressEntry[] = [];
  readonly #byKey: Map<string, AddressEntry> = new Map();
  /** The same by identity: the core names an address by the same object until a reload. */
  #byObject: WeakMap<VirtualAddress, AddressEntry> = new WeakMap();
  readonly #byPlace: Map<string, AddressEntry> = new Map();
  /** No address before this index is to be added. */
  #addFrom = 0;
  /** Index of the address to announce next; bursts go round the list. */
  #cursor = 0;
  /** Sum of all `owed`. */
  #owed = 0;
  /** Addresses confirmed since the last order and not yet in an early group. */
  #confirmedCount = 0;
  #earlyGroups = 0;
  /** The next slice is the first after an order: it is short, so that the first ARP is early. */
  #isFresh = false;

  readonly #links: Pick<LinkPort, "hasAddress" | "isForeign">;

  /** `links` tells of addresses seen for the first time whether the kernel has them. */
  constructor(instance: string, links: Pick<LinkPort, "hasAddress" | "isForeign">) {
    this.instance = instance;
    this.#links = links;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** The entry of an address that may be wanted some day. */
  expect(address: VirtualAddress): AddressEntry {
    return this.#entry(address) ?? this.#create(address);
  }

  /** Wants `addresses`. All are asked of the kernel anew, since others may have removed them. */
  add(addresses: readonly VirtualAddress[]): void {
    this.#isFresh = true;
    this.#addFrom = 0;
    this.#confirmedCount = 0;
    this.#earlyGroups = 0;
    for (const address of addresses) {
      const entry = this.expect(address);
      this.#byPlace.set(entry.place, entry);
      entry.isWanted = true;
      entry.isPending = true;
      entry.isConfirmed = false;
      entry.loss = undefined;
    }
  }

  /** Wants `addresses` no longer; those that the kernel is known not to have need no request. */
  remove(addresses: readonly VirtualAddress[]): void {
    for (const address of addresses) {
      const entry = this.expect(address);
      // It was expected for long, perhaps: somebody else may have added it meanwhile.
      if (!entry.isWanted) entry.mayBePresent ||= this.#links.hasAddress(address);
      entry.isWanted = false;
      entry.isConfirmed = false;
      entry.isPending = entry.mayBePresent && !this.#links.isForeign(address);
      this.#forgive(entry);
    }
  }

  /** What the kernel has, or is being asked for, at this place; undefined if it is not wanted. */
  held(device: string, address: string, prefixLength: number): AddressEntry | undefined {
    const entry = this.#byPlace.get(placeKey({ device, address, prefixLength }));
    if (entry === undefined || !entry.isWanted) return undefined;
    // Of a request that is under way the answer may be older than the word that it is gone.
    return entry.isConfirmed || entry.isUnderWay ? entry : undefined;
  }

  /** The kernel says that `entry` is gone: it is asked for again if it is still to be there. */
  askAgain(entry: AddressEntry, loss: Loss): boolean {
    if (!entry.isWanted || !(entry.isConfirmed || entry.isUnderWay)) return false;
    entry.isPending = true;
    entry.isConfirmed = false;
    entry.loss = loss;
    this.#addFrom = 0;
    return true;
  }

  /** What was to be there and is not, by what is known of the kernel now. */
  missing(): readonly VirtualAddress[] {
    return this.#entries
      .filter((entry) => entry.isWanted && entry.isConfirmed)
      .map((entry) => entry.address)
      .filter((address) => !this.#links.hasAddress(address));
  }

  /** Announces `addresses` `repeat` times from now on, as soon as the kernel has them. */
  announce(addresses: readonly VirtualAddress[], repeat: number): void {
    for (const address of addresses) {
      const entry = this.#entry(address);
      if (entry === undefined || !entry.isWanted || entry.owed >= repeat) continue;
      this.#owed += repeat - entry.owed;
      entry.owed = repeat;
      entry.isAnnounced = false;
    }
  }

  /** The interface `device` is new: true if addresses wanted on it are to be asked for again. */
  renew(device: string): boolean {
    const lost = this.#entries.filter(
      (entry) => entry.address.device === device && entry.isWanted && !entry.isConfirmed,
    );
    for (const entry of lost) entry.isPending = true;
    this.#addFrom = 0;
    return lost.length > 0;
  }

  /** The interface `device` is gone, and with it what it carried. */
  lose(device: string): void {
    for (const entry of this.#entries) {
      if (entry.address.device !== device) continue;
      entry.mayBePresent = false;
      entry.isConfirmed = false;
      entry.isPending = false;
      this.#forgive(entry);
    }
  }

  /** Forgets addresses that are neither wanted nor in the kernel: a reload has taken them away. */
  prune(): void {
    this.#entries = this.#entries.filter((entry) => {
      if (entry.isWanted || entry.mayBePresent || entry.isUnderWay) return true;
      this.#byKey.delete(addressKey(entry.address));
      if (this.#byPlace.get(entry.place) === entry) this.#byPlace.delete(entry.place);
      return false;
    });
    this.#byObject = new WeakMap();
    this.#addFrom = 0;
    this.#cursor = 0;
  }

  /**
   * Takes the next requests of one kind. Removals go from the end: the kernel makes the first
   * address of a subnet the primary one and removes all the others with it.
   */
  takeSlice(
    kind: AddressSlice["kind"],
    firstCount: number,
    count: number,
  ): AddressSlice | undefined {
    const isFirst = kind === "add" && this.#isFresh;
    const entries =
      kind === "remove"
        ? this.#takeRemovals(count)
        : this.#takeAdditions(isFirst ? firstCount : count);
    return entries.length === 0 ? undefined : { kind, isFirst, entries };
  }

  /** Notes what the kernel said to one request of a slice; true if nothing is wrong. */
  settle(kind: AddressSlice["kind"], entry: AddressEntry, errno: string | null): boolean {
    entry.isUnderWay = false;
    const isDone = errno === null || harmless[kind].includes(errno);
    if (kind === "remove") {
      if (isDone) entry.mayBePresent = false;
      if (isDone) entry.removalTries = 0;
      return isDone;
    }
    if (!isDone) entry.mayBePresent = unknownOutcomes.includes(errno);
    // Ordered away meanwhile: only now is it known whether there is something to remove.
    if (entry.isWanted) {
      entry.isConfirmed = isDone;
      if (isDone) this.#confirmedCount += 1;
    } else entry.isPending = entry.mayBePresent;
    return isDone;
  }

  /** To be asked of what is settled: whether the kernel is to be asked once more, later. */
  mayAskAgain(entry: AddressEntry, errno: string | null): boolean {
    const isOpen = errno !== null && unknownOutcomes.includes(errno);
    if (!isOpen || entry.isWanted || !entry.mayBePresent) return false;
    entry.removalTries += 1;
    return entry.removalTries <= removalTriesMax;
  }

  /** Another router has them by now: they must not stay here. */
  removeAgain(entries: readonly AddressEntry[]): void {
    for (const entry of entries) {
      if (!entry.isWanted && entry.mayBePresent && !entry.isUnderWay) entry.isPending = true;
    }
  }

  /**
   * How many to announce before others are added: what the kernel has confirmed, if that is enough,
   * and 0 when there were as many such groups as an order has.
   */
  takeEarlyGroup(countMin: number): number {
    const count = this.#confirmedCount;
    if (count < countMin || this.#earlyGroups === earlyGroupsMax) return 0;
    this.#earlyGroups += 1;
    this.#confirmedCount = 0;
    return count;
  }

  /** The address to announce next, or undefined if none is owed or its turn has not come. */
  nextAnnouncement(): AddressEntry | undefined {
    while (this.#owed > 0) {
      const entry = this.#entries[this.#cursor];
      if (entry === undefined) {
        this.#cursor = 0;
      } else if (entry.owed === 0) {
        this.#cursor += 1;
      } else if (entry.isPending || entry.isUnderWay) {
        return undefined;
      } else if (entry.isConfirmed) {
        return entry;
      } else {
        this.#forgive(entry);
      }
    }
    return undefined;
  }

  /** `entry`, named by {@link nextAnnouncement}, was announced, or there is nothing to announce. */
  passAnnouncement(entry: AddressEntry): void {
    entry.owed -= 1;
    entry.isAnnounced = true;
    this.#owed -= 1;
    this.#cursor += 1;
  }

  /** The frames of these entries, passed last, did not leave: they are owed again. */
  takeBackAnnouncements(entries: readonly AddressEntry[]): void {
    const [first] = entries;
    if (first === undefined) return;
    for (const entry of entries) entry.owed += 1;
    this.#owed += entries.length;
    this.#cursor = this.#entries.indexOf(first);
  }

  /** `entry` is owed no announcement any longer. */
  #forgive(entry: AddressEntry): void {
    this.#owed -= entry.owed;
    entry.owed = 0;
  }

  #entry(address: VirtualAddress): AddressEntry | undefined {
    const known = this.#byObject.get(address);
    if (known !== undefined) return known;
    const entry = this.#byKey.get(addressKey(address));
    if (entry !== undefined) this.#byObject.set(address, entry);
    return entry;
  }

  #create(address: VirtualAddress): AddressEntry {
    const entry: AddressEntry = {
      address,
      isWanted: false,
      isPending: false,
      isUnderWay: false,
      mayBePresent: this.#links.hasAddress(address),
      isConfirmed: false,
      loss: undefined,
      owed: 0,
      isAnnounced: false,
      removalTries: 0,
      protocol: this.instance === staticOwner ? staticAddressProtocol : addressProtocol,
      place: placeKey(address),
      order: undefined,
      announcement: undefined,
    };
    this.#byKey.set(addressKey(address), entry);
    this.#byObject.set(address, entry);
    this.#entries.push(entry);
    return entry;
  }

  #takeAdditions(count: number): AddressEntry[] {
    const taken: AddressEntry[] = [];
    let index = this.#addFrom;
    for (; index < this.#entries.length && taken.length < count; index++) {
      const entry = this.#entries[index];
      if (entry === undefined || !entry.isWanted || !this.#take(entry)) continue;
      entry.mayBePresent = true;
      taken.push(entry);
    }
    this.#addFrom = index;
    this.#isFresh = false;
    return taken;
  }

  #takeRemovals(count: number): AddressEntry[] {
    const taken: AddressEntry[] = [];
    for (let index = this.#entries.length - 1; index >= 0 && taken.length < count; index--) {
      const entry = this.#entries[index];
      if (entry !== undefined && !entry.isWanted && this.#take(entry)) taken.push(entry);
    }
    return taken;
  }

  #take(entry: AddressEntry): boolean {
    if (!entry.isPending || entry.isUnderWay) return false;
    entry.isPending = false;
    entry.isUnderWay = true;
    return true;
  }
}

type Place = Pick<VirtualAddress, "address" | "prefixLength" | "device">;

function placeKey({ address, prefixLength, device }: Place): string {
  return `${address}/${prefixLength} ${device}`;
}

/** With every attribute: one that a reload gives another label is another address. */
function addressKey(entry: VirtualAddress): string {
  const { address, prefixLength, device, scope, label = "", broadcast = "" } = entry;
  const plain = `${address}/${prefixLength} ${device} ${scope} ${label} ${broadcast}`;
  return `${plain} ${optionsKey(entry)}`;
}

function optionsKey(entry: VirtualAddress): string {
  const flags = [
    entry.homeAddress,
    entry.detectDuplicates,
    entry.manageTemporaryAddresses,
    entry.noPrefixRoute,
    entry.multicastAutoJoin,
  ];
  const bits = flags.map((flag) => (flag === true ? 1 : 0)).join("");
  return `${bits} ${entry.peer ?? ""} ${entry.preferredLifetimeS ?? ""}`;
}
