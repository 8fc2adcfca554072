// Makes the links that instances want over their interfaces, adopts those that a predecessor has
// left, makes them anew when they are gone, and removes them when they are wanted no longer. What
// is wanted core/virtual-links.ts says, what a link lacks virtual-link-plan.ts. Holds no socket of
// its own; works one order after another.

import type { LinkChange } from "@keepalived-ts/netops/netlink/link-socket";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { LogLevel } from "@keepalived-ts/shared-config/base/log";
import type { VirtualAddress } from "@keepalived-ts/shared-config/schema/config";
import { isSame } from "../core/same.js";
import type { VirtualLink } from "../core/virtual-links.js";
import type { LinkTable } from "./link-table.js";
import { addressProtocol } from "./own-address-filter.js";
import type { AddressOrder, AddressPort, Ports, ReportPort } from "./ports.js";
import { adoption, type LinkBelow, planLink } from "./virtual-link-plan.js";

export interface LinkPorts {
  /** Changes links in order: one result a change, null or the errno name. */
  changeLinks(changes: readonly LinkChange[]): Promise<readonly (string | null)[]>;
  readonly addresses: Pick<AddressPort, "add" | "remove">;
  readonly table: LinkTable;
  readonly log: ReportPort["log"];
  readonly later: Ports["later"];
  /** Links were made or removed: all that are there now. */
  changed(links: readonly VirtualLink[]): void;
}

/** The kernel's word of a change comes within a turn or two of the event loop. */
const wordPollMs = 1;
const wordPollsMax = 200;
/** The kernel may be short of something for a moment only. */
const retryMs = 5_000;
/** RT_SCOPE_* of linux/rtnetlink.h */
const scopeGlobal = 0;
const scopeLink = 253;

interface Source {
  readonly address: VirtualAddress;
  readonly index: number;
}

export class VirtualLinks {
  readonly #ports: LinkPorts;
  #wishes: ReadonlyMap<string, VirtualLink> = new Map();
  /** Those that are there and ours, by name. */
  readonly #made: Map<string, VirtualLink> = new Map();
  /** What adverts come from, with the index of the link that has it. */
  readonly #sources: Map<string, Source> = new Map();
  /** What was last said of a link that could not be made. */
  readonly #complaints: Map<string, string> = new Map();
  /** Those that the kernel has refused: what is done for them makes news of its own. */
  readonly #paused: Set<string> = new Set();
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  /** From now on these are wanted. Resolves when what can be made is there. */
  want(wishes: readonly VirtualLink[]): Promise<void> {
    this.#wishes = new Map(wishes.map((wish) => [wish.name, wish]));
    return this.#next(() => this.#provide());
  }

  /** Whether the link that has the name, if any, is the one that was wanted. */
  isUsable(name: string): boolean {
    return !this.#wishes.has(name) || this.#made.has(name);
  }

  /** Something about an interface has changed that a link may sit on, or be. */
  review(device: string): void {
    const wishes = [...this.#wishes.values()];
    if (this.#isClosed || !wishes.some(({ name, base }) => name === device || base === device)) {
      return;
    }
    void this.#next(() => this.#provide());
  }

  /** Somebody has removed an address, or the kernel has with the link down. */
  sourceLost(device: string, address: string): void {
    if (this.#sources.get(device)?.address.address !== address) return;
    this.#sources.delete(device);
    this.review(device);
  }

  /** It is gone from the kernel. */
  vanished(device: string): void {
    this.#made.delete(device);
    this.#sources.delete(device);
    this.#paused.delete(device);
    this.review(device);
  }

  /** Removes those of ours that nobody wants. */
  dropUnwanted(): Promise<void> {
    return this.#next(() => this.#remove((name) => !this.#wishes.has(name)));
  }

  /** Removes all; nothing is made afterwards. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#next(() => this.#remove(() => true));
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work);
    return this.#last;
  }

  async #provide(): Promise<void> {
    const orders = [...this.#wishes.values()].flatMap((wish) => this.#orderFor(wish));
    const results = await this.#change(orders.flatMap(({ changes }) => changes));
    let from = 0;
    const made = orders.filter(({ wish, changes }) => {
      const errnos = results.slice(from, from + changes.length);
      from += changes.length;
      return this.#settle(wish, changes, errnos);
    });
    await this.#untilKnown(made.map(({ wish }) => wish));
    if (made.length > 0) this.#ports.changed([...this.#made.values()]);
    await this.#addSources();
  }

  #orderFor(wish: VirtualLink): { wish: VirtualLink; changes: readonly LinkChange[] }[] {
    const { table } = this.#ports;
    const base = this.#below(wish);
    if (base === undefined || this.#paused.has(wish.name)) return [];
    const plan = planLink(wish, base, table.kernelLink(wish.name));
    if (plan === "foreign") {
      const text = `Cannot make the interface ${wish.name} of (${wish.instance})`;
      this.#complain(wish, `${text}: one that is not ours has the name; give another one`);
      return [];
    }
    if (plan !== "fit") return [{ wish, changes: [...this.#clearance(wish), ...plan] }];
    const made = this.#made.get(wish.name);
    return isSame(made, wish) ? [] : [{ wish, changes: adoption(wish) }];
  }

  /** A bridge or bond as master concerns the interface alone. */
  #below({ base }: VirtualLink): LinkBelow | undefined {
    const { table } = this.#ports;
    const link = table.kernelLink(base);
    if (link === undefined) return undefined;
    const master = link.masterIndex === null ? undefined : table.nameOf(link.masterIndex);
    const isVrf = master !== undefined && table.kernelLink(master)?.kind === "vrf";
    const { index, masterIndex, group = 0 } = link;
    return { index, masterIndex: isVrf ? masterIndex : null, group };
  }

  /** The kernel has no two links up over the same one with the same hardware address. */
  #clearance({ base, hardwareAddress }: VirtualLink): LinkChange[] {
    if (hardwareAddress === undefined) return [];
    const others = [...this.#made.values()].filter(({ name }) => !this.#wishes.has(name));
    return others
      .filter((each) => each.base === base && each.hardwareAddress === hardwareAddress)
      .map(({ name }) => ({ type: "delete", target: { name } }));
  }

  /** False if the link is not there as it should be. */
  #settle(
    wish: VirtualLink,
    changes: readonly LinkChange[],
    errnos: readonly (string | null)[],
  ): boolean {
    const failed = changes.findIndex(({ type }, i) => errnos[i] !== null && !isOptional(type));
    const errno = errnos[failed];
    if (errno !== undefined && errno !== null) {
      this.#made.delete(wish.name);
      this.#complain(wish, failureText(wish, errno));
      this.#retry(wish.name);
      return false;
    }
    const isNew = changes.some(({ type }) => type === "addMacvlan" || type === "addIpvlan");
    this.#made.set(wish.name, wish);
    this.#complaints.delete(wish.name);
    const what = isNew ? "Success creating" : "Using";
    const kind = wish.ipvlanMode === undefined ? "VMAC" : "ipvlan";
    this.#say("info", `(${wish.instance}) ${what} ${kind} interface ${wish.name}`);
    return true;
  }

  /** Later steps, and the core, ask the table of links. */
  async #untilKnown(wishes: readonly VirtualLink[]): Promise<void> {
    const { table, later } = this.#ports;
    const isKnown = ({ name }: VirtualLink): boolean => table.kernelLink(name)?.isUp === true;
    for (let i = 0; i < wordPollsMax && !wishes.every(isKnown); i++) {
      await new Promise<void>((resolve) => later(wordPollMs, resolve));
    }
  }

  /** Adverts leave a link only if it has an address, over IPv6; an ipvlan needs one anyway. */
  async #addSources(): Promise<void> {
    const { addresses } = this.#ports;
    for (const wish of this.#made.values()) {
      const address = this.#sourceFor(wish);
      const index = this.#ports.table.kernelLink(wish.name)?.index;
      if (address === undefined || index === undefined) continue;
      const former = this.#sources.get(wish.name);
      const isThere = former?.index === index && isSame(former.address, address);
      if (isThere || this.#paused.has(wish.name)) continue;
      if (former?.index === index) {
        await this.#ask(() => addresses.remove([orderOf(former.address, index)]));
      }
      const [errno] = await this.#ask(() => addresses.add([orderOf(address, index)]));
      if (errno === null || errno === "EEXIST") this.#sources.set(wish.name, { address, index });
      else {
        const what = `Cannot add ${address.address}, that adverts come from, to ${wish.name}`;
        this.#complain(wish, `(${wish.instance}) ${what}: ${errno}`);
        this.#retry(wish.name);
      }
    }
  }

  /** A virtual MAC has that of the interface below, deprecated: nothing else is to come from it. */
  #sourceFor(wish: VirtualLink): VirtualAddress | undefined {
    const { name, family, base, sourceAddress, ownAddress, ipvlanMode } = wish;
    if (ownAddress !== undefined) return { ...ownAddress, device: name, scope: scopeGlobal };
    if (ipvlanMode !== undefined || family === 4) return undefined;
    const address = sourceAddress ?? this.#ports.table.fact(base)?.ipv6Address;
    if (address === null || address === undefined) return undefined;
    const rest = { prefixLength: 64, device: name, scope: scopeLink, preferredLifetimeS: 0 };
    return { address, ...rest };
  }

  #retry(name: string): void {
    this.#paused.add(name);
    this.#ports.later(retryMs, () => {
      this.#paused.delete(name);
      this.review(name);
    });
  }

  async #remove(isOver: (name: string) => boolean): Promise<void> {
    const names = [...this.#made.keys()].filter(isOver);
    if (names.length === 0) return;
    const results = await this.#delete(names);
    names.forEach((name, i) => {
      this.#made.delete(name);
      this.#sources.delete(name);
      const errno = results[i] ?? null;
      if (errno === null) this.#say("info", `Removed interface ${name}`);
      else if (errno !== "ENODEV") this.#say("error", `Cannot remove interface ${name}: ${errno}`);
    });
    this.#ports.changed([...this.#made.values()]);
  }

  /** The kernel takes 10 to 30 ms for one, and no more for a group of them. */
  async #delete(names: readonly string[]): Promise<readonly (string | null)[]> {
    const targets = names.map((name) => ({ name }));
    if (names.length > 1) {
      const group = this.#ports.table.unusedGroup();
      const settings = { group };
      const results = await this.#change([
        ...targets.map((target): LinkChange => ({ type: "set", target, settings })),
        { type: "deleteGroup", group },
      ]);
      if (results.every((errno) => errno === null || errno === "ENODEV")) {
        return names.map(() => null);
      }
    }
    return await this.#change(targets.map((target) => ({ type: "delete", target })));
  }

  async #change(changes: readonly LinkChange[]): Promise<readonly (string | null)[]> {
    if (changes.length === 0) return [];
    const results = await this.#ask(() => this.#ports.changeLinks(changes));
    // One that was never asked shares the fate of the whole.
    return results.length === changes.length ? results : changes.map(() => results[0] ?? null);
  }

  async #ask(ask: () => Promise<readonly (string | null)[]>): Promise<readonly (string | null)[]> {
    try {
      return await ask();
    } catch (thrown) {
      return [thrown instanceof KeepalivedError ? thrown.code : errorText(thrown)];
    }
  }

  #complain({ name }: VirtualLink, text: string): void {
    if (this.#complaints.get(name) === text) return;
    this.#complaints.set(name, text);
    this.#say("error", text);
  }

  #say(level: LogLevel, text: string): void {
    this.#ports.log({ level, text });
  }
}

/** Where IPv6 is off there is nothing to keep from making addresses; what is gone is gone. */
function isOptional(type: LinkChange["type"]): boolean {
  return type === "setAddressGeneration" || type === "delete";
}

function orderOf(address: VirtualAddress, interfaceIndex: number): AddressOrder {
  return { address, interfaceIndex, protocol: addressProtocol, encoded: undefined };
}

const advice: Readonly<Record<string, string>> = {
  EOPNOTSUPP: "this kernel has no links of that kind; load the module macvlan or ipvlan",
  EADDRINUSE: "another interface above the same one has its MAC address; remove that one",
  EBUSY: "the interface below belongs to a bridge or is used otherwise",
  EPERM: "needs CAP_NET_ADMIN",
};

function failureText({ instance, name, base }: VirtualLink, errno: string): string {
  const what = `(${instance}) Cannot make the interface ${name} over ${base}: ${errno}`;
  return advice[errno] === undefined ? what : `${what}, ${advice[errno]}`;
}
