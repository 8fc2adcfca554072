// Tells of every change of links and addresses. Subscribes first and reads the tables after, and
// replays what came in between, so nothing is lost. When the kernel had to drop notifications
// (ENOBUFS), the tables are read afresh: `resynchronised`. Keeps no table of its own.

import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import {
  NETLINK_ROUTE,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_LINK,
} from "../constants/netlink.js";
import { decodeAddress, type InterfaceAddress } from "./address-codec.js";
import { openDatagramTransport } from "./datagram-transport.js";
import { decodeLink, type Link } from "./link-codec.js";
import { type NetlinkMessage, readMessages } from "./message.js";
import { RouteSocket } from "./route-socket.js";
import type { NetlinkTransport, TransportFactory } from "./transport.js";

export type { InterfaceAddress } from "./address-codec.js";
export type { Link } from "./link-codec.js";

export interface RouteMonitorHandlers {
  linkChanged(link: Link): void;
  linkRemoved(index: number): void;
  addressAdded(address: InterfaceAddress): void;
  addressRemoved(address: InterfaceAddress): void;
  /** Notifications were lost; this is all there is now. What was known before is void. */
  resynchronised(links: readonly Link[], addresses: readonly InterfaceAddress[]): void;
  /** The monitor has ended and will tell of nothing more. */
  failed(error: KeepalivedError): void;
}

export interface RouteMonitorOptions {
  readonly receiveBufferBytes?: number;
  /** Classic BPF: of notifications that it gives 0 for nothing is told. */
  readonly filter?: Uint8Array;
  readonly transport?: TransportFactory;
}

export interface RouteMonitorCounters {
  malformed: number;
  overruns: number;
  resynchronisations: number;
}

export interface OpenedRouteMonitor {
  readonly monitor: RouteMonitor;
  readonly links: readonly Link[];
  readonly addresses: readonly InterfaceAddress[];
}

type RouteChange =
  | { readonly type: "linkChanged"; readonly link: Link }
  | { readonly type: "linkRemoved"; readonly index: number }
  | { readonly type: "addressAdded"; readonly address: InterfaceAddress }
  | { readonly type: "addressRemoved"; readonly address: InterfaceAddress };

interface Tables {
  readonly links: readonly Link[];
  readonly addresses: readonly InterfaceAddress[];
}

/** Room for some 20,000 notifications; without CAP_NET_ADMIN the kernel cuts it to rmem_max. */
const defaultReceiveBufferBytes = 8 * 1024 * 1024;

export class RouteMonitor {
  readonly counters: RouteMonitorCounters = { malformed: 0, overruns: 0, resynchronisations: 0 };
  readonly #handlers: RouteMonitorHandlers;
  readonly #transport: NetlinkTransport;
  readonly #routes: RouteSocket;
  /** While the tables are being read, what changes meanwhile; otherwise undefined. */
  #held: RouteChange[] | undefined;
  #hasOverrun = false;
  #isClosed = false;

  private constructor(handlers: RouteMonitorHandlers, options: RouteMonitorOptions) {
    const open = options.transport ?? openDatagramTransport;
    this.#handlers = handlers;
    this.#routes = RouteSocket.open(options.transport ? { transport: options.transport } : {});
    try {
      this.#transport = open(
        {
          protocol: NETLINK_ROUTE,
          receiveBufferBytes: options.receiveBufferBytes ?? defaultReceiveBufferBytes,
          filter: options.filter,
        },
        {
          received: (data) => this.#handleData(data),
          overran: () => this.#handleOverrun(),
          failed: (errno) => this.#fail(errno),
        },
      );
      for (const group of [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR]) {
        this.#transport.join(group);
      }
    } catch (thrown) {
      this.#routes.close();
      throw thrown;
    }
  }

  /** Rejects with KeepalivedError if there is no socket or the tables cannot be read. */
  static async open(
    handlers: RouteMonitorHandlers,
    options: RouteMonitorOptions = {},
  ): Promise<OpenedRouteMonitor> {
    const monitor = new RouteMonitor(handlers, options);
    try {
      const tables = await monitor.#readTables();
      if (monitor.#hasOverrun) monitor.#resynchronise();
      return { monitor, ...tables };
    } catch (thrown) {
      monitor.close();
      throw thrown;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#transport.close();
    this.#routes.close();
  }

  async #readTables(): Promise<Tables> {
    const held: RouteChange[] = [];
    this.#held = held;
    try {
      const links = await this.#routes.links();
      const addresses = await this.#routes.addresses();
      return replay({ links, addresses }, held);
    } finally {
      this.#held = undefined;
    }
  }

  #handleOverrun(): void {
    if (this.#isClosed) return;
    this.counters.overruns += 1;
    this.#hasOverrun = true;
    if (this.#held === undefined) this.#resynchronise();
  }

  /**
   * Delivers after each reading, even if more was lost meanwhile, so that a flood cannot silence
   * it.
   */
  #resynchronise(): void {
    this.#hasOverrun = false;
    this.#readTables().then(
      ({ links, addresses }) => {
        if (this.#isClosed) return;
        this.counters.resynchronisations += 1;
        this.#handlers.resynchronised(links, addresses);
        if (this.#hasOverrun) this.#resynchronise();
      },
      (thrown: unknown) => this.#failWith(thrown),
    );
  }

  #handleData(data: Uint8Array): void {
    if (!readMessages(data, (message) => this.#handleMessage(message))) {
      this.counters.malformed += 1;
    }
  }

  #handleMessage(message: NetlinkMessage): void {
    if (this.#isClosed) return;
    const change = decodeChange(message);
    if (change === undefined) this.counters.malformed += 1;
    else if (change !== null) this.#handleChange(change);
  }

  #handleChange(change: RouteChange): void {
    if (this.#held !== undefined) {
      this.#held.push(change);
      return;
    }
    this.#tell(change);
  }

  #tell(change: RouteChange): void {
    if (change.type === "linkChanged") this.#handlers.linkChanged(change.link);
    else if (change.type === "linkRemoved") this.#handlers.linkRemoved(change.index);
    else if (change.type === "addressAdded") this.#handlers.addressAdded(change.address);
    else this.#handlers.addressRemoved(change.address);
  }

  #fail(errno: string): void {
    this.#failWith(
      new KeepalivedError("NETLINK_FAILED", `Cannot watch links and addresses: ${errno}`, {
        errno,
      }),
    );
  }

  #failWith(thrown: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#handlers.failed(
      thrown instanceof KeepalivedError
        ? thrown
        : new KeepalivedError("NETLINK_FAILED", "Cannot watch links and addresses", {}, thrown),
    );
  }
}

/** The change in a message; null = none of ours; undefined = malformed. */
function decodeChange(message: NetlinkMessage): RouteChange | null | undefined {
  switch (message.type) {
    case RTM_NEWLINK: {
      const link = decodeLink(message.payload);
      return link ? { type: "linkChanged", link } : link;
    }
    case RTM_DELLINK: {
      const link = decodeLink(message.payload);
      return link ? { type: "linkRemoved", index: link.index } : link;
    }
    case RTM_NEWADDR: {
      const address = decodeAddress(message.payload);
      return address ? { type: "addressAdded", address } : address;
    }
    case RTM_DELADDR: {
      const address = decodeAddress(message.payload);
      return address ? { type: "addressRemoved", address } : address;
    }
    default:
      return null;
  }
}

/**
 * What the tables look like after the changes that came while they were read. A change may be in
 * the tables already; the last one of an object decides, and that is never older than the table's
 * entry.
 */
function replay(tables: Tables, changes: readonly RouteChange[]): Tables {
  if (changes.length === 0) return tables;
  const links = new Map(tables.links.map((link) => [link.index, link]));
  const addresses = new Map(tables.addresses.map((address) => [addressKey(address), address]));
  for (const change of changes) {
    if (change.type === "linkChanged") links.set(change.link.index, change.link);
    else if (change.type === "linkRemoved") links.delete(change.index);
    else if (change.type === "addressAdded") {
      addresses.set(addressKey(change.address), change.address);
    } else addresses.delete(addressKey(change.address));
  }
  return { links: [...links.values()], addresses: [...addresses.values()] };
}

function addressKey(address: InterfaceAddress): string {
  return `${address.interfaceIndex} ${address.address}/${address.prefixLength}`;
}
