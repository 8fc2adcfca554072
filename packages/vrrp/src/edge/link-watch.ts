// Follows the kernel's links and addresses and turns them into facts for the core: only those of
// interfaces that an instance uses, and only when something in them changed. Also tells when an
// interface comes or goes, so that sockets and addresses on it can follow.

import { isDuplicate } from "@keepalived-ts/netops/netlink/address-codec";
import type { RouteMonitorHandlers } from "@keepalived-ts/netops/netlink/route-monitor";
import { RouteMonitor } from "@keepalived-ts/netops/netlink/route-monitor";
import type { InterfaceAddress, Link } from "@keepalived-ts/netops/netlink/route-socket";
import type { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type {
  ProcessConfig,
  StaticConfig,
  VrrpConfig,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { LinkFact, VrrpEvent } from "../core/event.js";
import { ownLinkOf, placeOf } from "../core/place.js";
import { routingDevices } from "../core/routing.js";
import { LinkTable } from "./link-table.js";
import { ownAdditionFilter } from "./own-address-filter.js";
import type { Ports, ReportPort } from "./ports.js";

/** The kernel may have been short of memory or of descriptors for a moment only. */
const retryMs = 5_000;

export interface LinkWatchHandlers {
  /** A fact for the core. */
  event(event: VrrpEvent): void;
  /** An interface is there that was not. */
  appeared(name: string, index: number): void;
  /** Readies an interface that instances run on; false if it cannot be used. */
  prepare(name: string, index: number): boolean;
  /** Is about to have another name; unlike one that goes away it keeps its addresses. */
  renamed(name: string, index: number): void;
  /** Comes before the event that tells the core. */
  vanished(name: string, index: number): void;
  /** An address is gone from an interface, by the netlink port of whoever has done it. */
  addressLost(device: string, address: string, prefixLength: number, port: number): void;
  /** Duplicate address detection has found another owner of an address. */
  addressDuplicate(device: string, address: string, prefixLength: number): void;
  /** Some news were lost; all is known again now. */
  resynchronised(): void;
  /** Nothing more will be heard of links. */
  failed(error: KeepalivedError): void;
}

export class LinkWatch {
  readonly table: LinkTable = new LinkTable();
  readonly #handlers: LinkWatchHandlers;
  readonly #log: ReportPort["log"];
  readonly #later: Ports["later"];
  readonly #logsAddresses: boolean;
  /** Names of interfaces that could not be used and will be tried again. */
  readonly #retries: Set<string> = new Set();
  #monitor: RouteMonitor | undefined;
  /** Names of the interfaces that instances run on. */
  #interfaces: ReadonlySet<string> = new Set();
  /** Those and the ones that only carry addresses; the core hears of no other. */
  #watched: ReadonlySet<string> = new Set();
  /** What the core was told last, by name. */
  readonly #told: Map<string, LinkFact> = new Map();

  /** `logsAddresses`: every address that comes and goes on this host is told, but for ours. */
  constructor(
    handlers: LinkWatchHandlers,
    log: ReportPort["log"],
    later: Ports["later"],
    logsAddresses = false,
  ) {
    this.#handlers = handlers;
    this.#log = log;
    this.#later = later;
    this.#logsAddresses = logsAddresses;
  }

  /** Reads all links and addresses and follows them from then on. */
  async open({ requestBuffer, monitorBuffer }: ProcessConfig): Promise<void> {
    const { monitor, links, addresses } = await RouteMonitor.open(this.monitorHandlers(), {
      ...{ filter: ownAdditionFilter, requestBuffer },
      ...monitorBuffer,
    });
    this.#monitor = monitor;
    this.table.reset(links, addresses);
    for (const address of addresses) this.#logAddress(address, "added to");
  }

  close(): void {
    this.#monitor?.close();
  }

  /** From now on the interfaces of `config` count; returns what is known of them. */
  configure(config: VrrpConfig): LinkFact[] {
    this.table.setVirtualAddresses(config);
    this.#interfaces = new Set(config.instances.flatMap(placesOf));
    const groups = config.syncGroups.flatMap(({ track }) => trackedInterfaces(track));
    const statics = staticInterfaces(config.statics);
    this.#watched = new Set([...config.instances.flatMap(interfacesOf), ...groups, ...statics]);
    this.#told.clear();
    const facts: LinkFact[] = [];
    for (const name of this.#watched) {
      const fact = this.#prepared(name);
      if (fact === undefined) continue;
      this.#told.set(name, fact);
      facts.push(fact);
    }
    return facts;
  }

  /** Instances that were leaving have left: their addresses may be an interface's own again. */
  narrow(config: VrrpConfig): void {
    this.table.setVirtualAddresses(config);
    for (const name of this.#watched) this.#tell(name);
  }

  /** Something else than the kernel's news has changed what an interface can be used for. */
  review(name: string): void {
    this.#tell(name);
  }

  /** What the kernel's news do; a part of its own so that tests can bring the news. */
  monitorHandlers(): RouteMonitorHandlers {
    return {
      linkChanged: (link) => this.#linkChanged(link),
      linkRemoved: (index) => this.#linkRemoved(index),
      addressAdded: (address) => {
        this.table.addAddress(address);
        this.#addressChanged(address, "added");
        const name = this.table.nameOf(address.interfaceIndex);
        if (name !== undefined && isDuplicate(address)) {
          this.#handlers.addressDuplicate(name, address.address, address.prefixLength);
        }
      },
      addressRemoved: (address, port) => {
        this.table.removeAddress(address);
        this.#addressChanged(address, "removed");
        const name = this.table.nameOf(address.interfaceIndex);
        if (name !== undefined) {
          this.#handlers.addressLost(name, address.address, address.prefixLength, port);
        }
      },
      resynchronised: (links, addresses) => this.#resynchronised(links, addresses),
      failed: (error) => this.#handlers.failed(error),
    };
  }

  #linkChanged(link: Link): void {
    const { index, name } = link;
    const oldName = this.table.nameOf(index);
    const formerName = oldName === name ? undefined : oldName;
    if (formerName !== undefined) this.#handlers.renamed(formerName, index);
    this.table.setLink(link);
    if (formerName !== undefined) this.#forget(formerName, index);
    if (oldName !== name) this.#handlers.appeared(name, index);
    this.#tell(name);
  }

  #linkRemoved(index: number): void {
    const name = this.table.nameOf(index);
    if (name === undefined) return;
    this.table.removeLink(index);
    this.#forget(name, index);
  }

  #forget(name: string, index: number): void {
    this.#handlers.vanished(name, index);
    if (this.#told.delete(name)) {
      this.#log({ level: "info", text: `Interface ${name} deleted` });
      this.#handlers.event({ type: "linkRemoved", index });
    }
  }

  #logAddress(
    { address, interfaceIndex }: InterfaceAddress,
    what: "added to" | "removed from",
  ): void {
    if (!this.#logsAddresses) return;
    const device = this.table.nameOf(interfaceIndex) ?? `#${interfaceIndex}`;
    const text = `Netlink reflector reports IP ${address} ${what} ${device}`;
    this.#log({ level: "info", text });
  }

  #addressChanged(address: InterfaceAddress, what: "added" | "removed"): void {
    this.#logAddress(address, what === "added" ? "added to" : "removed from");
    // Virtual addresses come and go by the thousand at a transition, and by our own order.
    if (this.table.isQuiet(address.address)) return;
    for (const place of this.table.widePlaces) this.#tell(place);
    const name = this.table.nameOf(address.interfaceIndex);
    if (name === undefined || !this.#watched.has(name)) return;
    const text = `Netlink reflector reports IP ${address.address} ${what}`;
    if (!this.#logsAddresses) this.#log({ level: "detail", text });
    this.#tell(name);
  }

  /** Messages were lost: what the tables say now is compared with what was told. */
  #resynchronised(links: readonly Link[], addresses: readonly InterfaceAddress[]): void {
    const before = new Map<number, string>();
    for (const index of this.table.indexes()) before.set(index, this.table.nameOf(index) ?? "");
    for (const { index, name } of links) {
      const oldName = before.get(index);
      if (oldName !== undefined && oldName !== name) this.#handlers.renamed(oldName, index);
    }
    this.table.reset(links, addresses);
    for (const [index, name] of before) {
      if (this.table.nameOf(index) !== name) this.#forget(name, index);
    }
    for (const { index, name } of links) {
      if (before.get(index) !== name) this.#handlers.appeared(name, index);
      this.#tell(name);
    }
    for (const place of this.table.widePlaces) this.#tell(place);
    this.#handlers.resynchronised();
  }

  /** An interface that cannot be used counts as down, and is tried when it changes, or later. */
  #prepared(name: string): LinkFact | undefined {
    const fact = this.table.fact(name);
    if (fact === undefined || !this.#interfaces.has(name)) return fact;
    if (this.#handlers.prepare(name, fact.index)) return fact;
    this.#retry(name);
    return { ...fact, isRunning: false };
  }

  #retry(name: string): void {
    if (this.#retries.has(name)) return;
    this.#retries.add(name);
    this.#later(retryMs, () => {
      this.#retries.delete(name);
      this.#tell(name);
    });
  }

  /** Tells the core of `name` if it matters and differs from what was told last. */
  #tell(name: string): void {
    if (!this.#watched.has(name)) return;
    const link = this.#prepared(name);
    const told = this.#told.get(name);
    if (link === undefined || (told !== undefined && isSame(link, told))) return;
    if (told?.isRunning !== link.isRunning) {
      const text = `Netlink reports ${name} ${link.isRunning ? "up" : "down"}`;
      this.#log({ level: "info", text });
    }
    this.#told.set(name, link);
    this.#handlers.event({ type: "linkChanged", link });
  }
}

function interfacesOf(instance: VrrpInstanceConfig): string[] {
  const addresses = [...instance.virtualAddresses, ...instance.excludedAddresses];
  const devices = addresses.map(({ device }) => device);
  const bases = (instance.addressLinks ?? []).map((link) => link.interface);
  const routing = routingDevices(instance).map(([device]) => device);
  const others = [...bases, ...devices, ...routing];
  return [...placesOf(instance), ...others, ...trackedInterfaces(instance.track)];
}

/** Where adverts are received or sent, and links that must be ours to be used. */
function placesOf(instance: VrrpInstanceConfig): string[] {
  const own = ownLinkOf(instance);
  const others = (instance.addressLinks ?? []).map(({ name }) => name);
  return [placeOf(instance), ...(own === undefined ? [] : [own.name]), ...others];
}

/** All of them: what is static comes back with its interface. */
function staticInterfaces({ addresses, routes, rules }: StaticConfig): string[] {
  return [
    ...addresses.map(({ device }) => device),
    ...routes.flatMap(({ device, nextHops }) => [device, ...nextHops.map((hop) => hop.device)]),
    ...rules.map(({ inputInterface }) => inputInterface),
  ].filter((device) => device !== undefined);
}

function trackedInterfaces({ interfaces }: VrrpInstanceConfig["track"]): string[] {
  return interfaces.map((each) => each.interface);
}

function isSame(a: LinkFact, b: LinkFact): boolean {
  return (
    a.index === b.index &&
    a.name === b.name &&
    a.isRunning === b.isRunning &&
    a.ipv4Address === b.ipv4Address &&
    a.ipv6Address === b.ipv6Address &&
    a.presentSources.length === b.presentSources.length &&
    a.presentSources.every((source) => b.presentSources.includes(source))
  );
}
