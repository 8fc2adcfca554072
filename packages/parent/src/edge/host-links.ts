// What the kernel's files tell about interfaces: which there are, their addresses, what they can
// do. /proc/net follows the network namespace of the process. /sys/class/net shows the namespace in
// which /sys was mounted, which need not be ours (unshare -n, nsenter -n): it is believed only when
// it has the same interfaces with the same hardware addresses, and else leaves questions open.

import { lstatSync, readdirSync } from "node:fs";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { join } from "node:path";
import { canonicalIp } from "@keepalived-ts/shared-config/base/ip";
import type { LinkFacts } from "@keepalived-ts/shared-config/schema/host";
import { readBounded } from "./read-bounded.js";

/** linux/if.h and linux/if_arp.h */
const multicastFlag = 0x1000;
const ethernetType = 1;
const attributeBytesMax = 4096;

/** The addresses that node:os lists, by interface or by the label of an address. */
export type AddressTable = NodeJS.Dict<NetworkInterfaceInfo[]>;

export interface LinkSources {
  readonly netDevices: string;
  readonly netClass: string;
  readonly addresses: () => AddressTable;
}

export const standardLinkSources: LinkSources = {
  netDevices: "/proc/self/net/dev",
  netClass: "/sys/class/net",
  addresses: networkInterfaces,
};

export interface SystemLinkFacts extends LinkFacts {
  readonly mtu: number;
  readonly isVmac: boolean;
}

/** The interfaces of this host, for one load. */
export class HostLinks {
  readonly #sources: LinkSources;
  readonly #facts: Map<string, SystemLinkFacts> = new Map();
  #names: ReadonlySet<string> | undefined;
  #table: AddressTable | undefined;
  #addresses: ReadonlyMap<string, ReadonlyMap<string, number>> | undefined;
  #isSystemOurs: boolean | undefined;

  constructor(sources: LinkSources) {
    this.#sources = sources;
  }

  has(name: string): boolean {
    return this.#allNames().has(name);
  }

  /** Canonical, with the lengths of their prefixes. */
  addresses(name: string): ReadonlyMap<string, number> {
    return this.#byLink().get(name) ?? new Map();
  }

  /** Those of all interfaces, canonical. */
  allAddresses(): ReadonlySet<string> {
    return new Set([...this.#byLink().values()].flatMap((addresses) => [...addresses.keys()]));
  }

  /** Undefined where nothing certain is known. */
  facts(name: string): SystemLinkFacts | undefined {
    this.#isSystemOurs ??= this.#findSystemOurs();
    if (!this.#isSystemOurs || !this.has(name)) return undefined;
    const facts = this.#facts.get(name) ?? this.#readFacts(name);
    this.#facts.set(name, facts);
    return facts;
  }

  #readFacts(name: string): SystemLinkFacts {
    const flags = Number(this.#attribute(name, "flags"));
    return {
      mtu: Number(this.#attribute(name, "mtu")),
      isMulticast: (flags & multicastFlag) !== 0,
      isEthernet: Number(this.#attribute(name, "type")) === ethernetType,
      isVmac: /^DEVTYPE=(macvlan|ipvlan)$/m.test(this.#attribute(name, "uevent")),
    };
  }

  #findSystemOurs(): boolean {
    const names = this.#allNames();
    const shown = listLinks(this.#sources.netClass);
    if (shown.length !== names.size || !shown.every((name) => names.has(name))) return false;
    return Object.entries(this.#addressTable()).every(([label, addresses]) => {
      const [name = label] = label.split(":", 1);
      const shownMac = this.#attribute(name, "address").trim();
      // What is no hardware address of six bytes, node:os gives as zeros.
      return shownMac.length !== 17 || (addresses ?? []).every(({ mac }) => mac === shownMac);
    });
  }

  #attribute(name: string, attribute: string): string {
    return readBounded(join(this.#sources.netClass, name, attribute), attributeBytesMax);
  }

  #allNames(): ReadonlySet<string> {
    this.#names ??= readNames(this.#sources.netDevices);
    return this.#names;
  }

  #byLink(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    this.#addresses ??= addressesByLink(this.#addressTable());
    return this.#addresses;
  }

  #addressTable(): AddressTable {
    this.#table ??= this.#sources.addresses();
    return this.#table;
  }
}

/** An IPv4 address with a label is listed under the label. */
function addressesByLink(table: AddressTable): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const byLink = new Map<string, Map<string, number>>();
  for (const [label, addresses] of Object.entries(table)) {
    const [name = label] = label.split(":", 1);
    const found = byLink.get(name) ?? new Map<string, number>();
    for (const { address: text, cidr } of addresses ?? []) {
      const address = canonicalIp(text);
      // A mask with gaps has no length.
      const length = Number(cidr?.split("/")[1] ?? -1);
      if (address !== undefined) found.set(address, length);
    }
    byLink.set(name, found);
  }
  return byLink;
}

function readNames(path: string): ReadonlySet<string> {
  const lines = readBounded(path).split("\n");
  return new Set(lines.flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []));
}

/** Interfaces are links or folders there; bonding_masters is a file. */
function listLinks(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !lstatSync(join(folder, name)).isFile());
  } catch {
    return [];
  }
}
