// Tells of every change of links and addresses, and of routes and rules if asked. Subscribes first
// and reads the tables after, and replays what came in between, so nothing is lost. When the kernel
// had to drop notifications (ENOBUFS), the tables are read afresh: `resynchronised`. IPv4 routes
// that the kernel takes away without a word are found by reading them afresh. Keeps no table of its
// own.

import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import {
  NETLINK_ROUTE,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_LINK,
} from "../constants/netlink.js";
import {
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
} from "../constants/routing.js";
import type { InterfaceAddress } from "./address-codec.js";
import { openDatagramTransport } from "./datagram-transport.js";
import {
  decodeChange,
  type RoutePlace,
  type RouteProtocols,
  replay,
  replayRoutes,
  type TableChange,
  type Tables,
} from "./kernel-tables.js";
import type { Link } from "./link-codec.js";
import { type NetlinkMessage, readMessages } from "./message.js";
import type { KernelRoute } from "./route-codec.js";
import { RouteSocket, type RouteSocketOptions } from "./route-socket.js";
import type { KernelRule } from "./rule-codec.js";
import type { NetlinkTransport, TransportFactory } from "./transport.js";

export type { InterfaceAddress } from "./address-codec.js";
export type { RoutePlace } from "./kernel-tables.js";
export type { Link } from "./link-codec.js";
export type { KernelRoute } from "./route-codec.js";
export type { KernelRule } from "./rule-codec.js";

export interface RouteMonitorHandlers {
  linkChanged(link: Link): void;
  linkRemoved(index: number): void;
  addressAdded(address: InterfaceAddress): void;
  /** `port`: by whom, as the kernel tells; see {@link NetlinkMessage}. Of IPv6 it tells nothing. */
  addressRemoved(address: InterfaceAddress, port: number): void;
  /** Notifications were lost; this is all there is now. What was known before is void. */
  resynchronised(links: readonly Link[], addresses: readonly InterfaceAddress[]): void;
  /** With `routeProtocols` one that is there "instead" of another may be of any protocol. */
  routeAdded?(route: KernelRoute, place: RoutePlace): void;
  /** Of an IPv6 route with several next hops those that are gone, perhaps not all. */
  routeRemoved?(route: KernelRoute, port: number): void;
  /** These are all routes there are now. What was known before is void. */
  routesRead?(routes: readonly KernelRoute[]): void;
  ruleAdded?(rule: KernelRule): void;
  ruleRemoved?(rule: KernelRule, port: number): void;
  /** These are all rules there are now. What was known before is void. */
  rulesRead?(rules: readonly KernelRule[]): void;
  /** The monitor has ended and will tell of nothing more. */
  failed(error: KeepalivedError): void;
}

export interface RouteMonitorOptions {
  readonly receiveBufferBytes?: number | undefined;
  readonly isBufferForced?: boolean | undefined;
  /** Of the socket that asks for the tables. */
  readonly requestBuffer?: RouteSocketOptions["buffer"];
  /** Classic BPF: of notifications that it gives 0 for nothing is told. */
  readonly filter?: Uint8Array;
  /** Default no, and then they cost nothing. */
  readonly watchRoutes?: boolean;
  readonly watchRules?: boolean;
  /** RTPROT_*: routes of others are passed over before they are read. Default all. */
  readonly routeProtocols?: ReadonlySet<number>;
  readonly transport?: TransportFactory;
}

export interface RouteMonitorCounters {
  malformed: number;
  overruns: number;
  resynchronisations: number;
}

export interface OpenedRouteMonitor extends Tables {
  readonly monitor: RouteMonitor;
}

/** Room for some 20,000 notifications; without CAP_NET_ADMIN the kernel cuts it to rmem_max. */
const defaultReceiveBufferBytes = 8 * 1024 * 1024;

export class RouteMonitor {
  readonly counters: RouteMonitorCounters = { malformed: 0, overruns: 0, resynchronisations: 0 };
  readonly #handlers: RouteMonitorHandlers;
  readonly #transport: NetlinkTransport;
  readonly #routes: RouteSocket;
  /** While the tables are being read, what changes meanwhile; otherwise undefined. */
  #held: TableChange[] | undefined;
  /** While the routes alone are being read, what changes of them meanwhile. */
  #heldRoutes: TableChange[] | undefined;
  /** Routes may have gone without a word since the reading began. */
  #areRoutesInDoubt = false;
  readonly #watchesRoutes: boolean;
  readonly #watchesRules: boolean;
  readonly #protocols: RouteProtocols;
  #hasOverrun = false;
  #isClosed = false;

  private constructor(handlers: RouteMonitorHandlers, options: RouteMonitorOptions) {
    const open = options.transport ?? openDatagramTransport;
    this.#handlers = handlers;
    this.#watchesRoutes = options.watchRoutes ?? false;
    this.#watchesRules = options.watchRules ?? false;
    this.#protocols = options.routeProtocols;
    this.#routes = RouteSocket.open({
      buffer: options.requestBuffer,
      ...(options.transport ? { transport: options.transport } : {}),
    });
    try {
      this.#transport = open(
        {
          protocol: NETLINK_ROUTE,
          receiveBufferBytes: options.receiveBufferBytes ?? defaultReceiveBufferBytes,
          isBufferForced: options.isBufferForced,
          filter: options.filter,
        },
        {
          received: (data) => this.#handleData(data),
          overran: () => this.#handleOverrun(),
          failed: (errno) => this.#fail(errno),
        },
      );
      for (const group of this.#groups()) this.#transport.join(group);
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
      monitor.#readAgainIfNeeded();
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

  #groups(): number[] {
    return [
      ...[RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR],
      ...(this.#watchesRoutes ? [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE] : []),
      ...(this.#watchesRules ? [RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE] : []),
    ];
  }

  async #readTables(): Promise<Tables> {
    const held: TableChange[] = [];
    this.#held = held;
    this.#heldRoutes = undefined;
    this.#areRoutesInDoubt = false;
    try {
      const links = await this.#routes.links();
      const addresses = await this.#routes.addresses();
      const routes = this.#watchesRoutes ? await this.#routes.routes(this.#protocols) : [];
      const rules = this.#watchesRules ? await this.#routes.rules() : [];
      this.#areRoutesInDoubt = this.#watchesRoutes && held.some(takesRoutesSilently);
      return replay({ links, addresses, routes, rules }, held, this.#protocols);
    } finally {
      this.#held = undefined;
    }
  }

  #readAgainIfNeeded(): void {
    if (this.#hasOverrun) this.#resynchronise();
    else if (this.#areRoutesInDoubt) this.#readRoutes();
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
      ({ links, addresses, routes, rules }) => {
        if (this.#isClosed) return;
        this.counters.resynchronisations += 1;
        this.#handlers.resynchronised(links, addresses);
        if (this.#watchesRoutes) this.#handlers.routesRead?.(routes);
        if (this.#watchesRules) this.#handlers.rulesRead?.(rules);
        this.#readAgainIfNeeded();
      },
      (thrown: unknown) => this.#failWith(thrown),
    );
  }

  /** All else is told meanwhile. Given up when everything is read because of an overrun. */
  #readRoutes(): void {
    const held: TableChange[] = [];
    this.#heldRoutes = held;
    this.#areRoutesInDoubt = false;
    this.#readSettledRoutes().then(
      (routes) => {
        if (this.#isClosed || this.#heldRoutes !== held) return;
        this.#heldRoutes = undefined;
        this.#handlers.routesRead?.(replayRoutes(routes, held, this.#protocols));
        this.#readAgainIfNeeded();
      },
      (thrown: unknown) => this.#failWith(thrown),
    );
  }

  /**
   * The kernel tells of a link or an address before it takes the routes away, but does both under
   * one lock (__dev_notify_flags() in net/core/dev.c, __inet_del_ifa() in net/ipv4/devinet.c).
   * Links are read under it, routes not on every kernel: once the links are there, the routes are
   * gone.
   */
  async #readSettledRoutes(): Promise<readonly KernelRoute[]> {
    // Others may have news of the same change to act on, and reading may take long.
    await new Promise<void>((resolve) => setImmediate(resolve));
    await this.#routes.links();
    return this.#routes.routes(this.#protocols);
  }

  #handleData(data: Uint8Array): void {
    if (!readMessages(data, (message) => this.#handleMessage(message))) {
      this.counters.malformed += 1;
    }
  }

  #handleMessage(message: NetlinkMessage): void {
    if (this.#isClosed) return;
    const change = decodeChange(message, this.#protocols);
    if (change === undefined) this.counters.malformed += 1;
    else if (change !== null) this.#handleChange(change, message.port);
  }

  #handleChange(change: TableChange, port: number): void {
    if (this.#held !== undefined) {
      this.#held.push(change);
      return;
    }
    if (this.#heldRoutes !== undefined && "route" in change) {
      this.#heldRoutes.push(change);
      return;
    }
    this.#tell(change, port);
    if (!this.#watchesRoutes || !takesRoutesSilently(change)) return;
    if (this.#heldRoutes === undefined) this.#readRoutes();
    else this.#areRoutesInDoubt = true;
  }

  #tell(change: TableChange, port: number): void {
    const handlers = this.#handlers;
    if (change.type === "linkChanged") handlers.linkChanged(change.link);
    else if (change.type === "linkRemoved") handlers.linkRemoved(change.index);
    else if (change.type === "addressAdded") handlers.addressAdded(change.address);
    else if (change.type === "addressRemoved") handlers.addressRemoved(change.address, port);
    else if (change.type === "routeAdded") {
      handlers.routeAdded?.(change.route, change.place);
    } else if (change.type === "routeRemoved") handlers.routeRemoved?.(change.route, port);
    else if (change.type === "ruleAdded") handlers.ruleAdded?.(change.rule);
    else handlers.ruleRemoved?.(change.rule, port);
  }

  #fail(errno: string): void {
    this.#failWith(
      new KeepalivedError("NETLINK_FAILED", `Cannot watch the tables of the kernel: ${errno}`, {
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
        : new KeepalivedError(
            "NETLINK_FAILED",
            "Cannot watch the tables of the kernel",
            {},
            thrown,
          ),
    );
  }
}

/**
 * IPv4 routes go without a word when their interface goes down or disappears, or when the address
 * that they prefer as a source or the interface's last one is taken away (fib_table_flush() in
 * net/ipv4/fib_trie.c).
 */
function takesRoutesSilently(change: TableChange): boolean {
  if (change.type === "linkChanged") return !change.link.isUp;
  if (change.type === "addressRemoved") return change.address.family === 4;
  return change.type === "linkRemoved";
}
