// Reads links, addresses, routes and rules of the kernel and changes all but links, many in one
// system call. Tells of each request what became of it; decides nothing and repeats nothing.
// rtnetlink(7).

import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import {
  NETLINK_ROUTE,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_DELADDR,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
} from "../constants/netlink.js";
import {
  NLM_F_APPEND,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_GETROUTE,
  RTM_GETRULE,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from "../constants/routing.js";
import {
  type AddressRequest,
  decodeAddress,
  encodeDeleteAddress,
  encodeNewAddress,
  type InterfaceAddress,
} from "./address-codec.js";
import {
  type ConnectionCounters,
  encodeRequest,
  NetlinkConnection,
  type NetlinkRequest,
} from "./connection.js";
import { openDatagramTransport } from "./datagram-transport.js";
import { decodeWantedRoute, type RouteProtocols } from "./kernel-tables.js";
import { decodeLink, encodeLinkDump, type Link } from "./link-codec.js";
import type { NetlinkMessage } from "./message.js";
import {
  encodeDeleteRoute,
  encodeNewRoute,
  encodeRouteDump,
  type KernelRoute,
  type ResolvedRoute,
} from "./route-codec.js";
import type { RouteRequest, RuleRequest } from "./route-request.js";
import { decodeRule, encodeRule, encodeRuleDump, type KernelRule } from "./rule-codec.js";
import type { TransportFactory, TransportOptions } from "./transport.js";

export type { AddressRequest, InterfaceAddress } from "./address-codec.js";
export type { Link } from "./link-codec.js";
export type { KernelRoute, ResolvedRoute } from "./route-codec.js";
export type { RouteNames, RouteRequest, RuleRequest } from "./route-request.js";
export type { KernelRule } from "./rule-codec.js";

export interface RouteSocketOptions {
  /** Changes per system call. */
  readonly batchSize?: number;
  readonly timeoutMs?: number;
  /** Receive buffer of the socket, as of {@link TransportOptions}. */
  readonly buffer?: Pick<TransportOptions, "receiveBufferBytes" | "isBufferForced"> | undefined;
  readonly transport?: TransportFactory;
}

/** Called when a batch is acknowledged: `results` belong to the requests from `first` on. */
export type BatchHandler = (first: number, results: readonly (string | null)[]) => void;

/**
 * Measured (docs/adr/0002 and 0004): more in one call is no faster, and after 64 the event loop has
 * waited for 3 ms at most.
 */
const defaultBatchSize = 64;
const defaultTimeoutMs = 2_000;
/** An interrupted dump is asked for again this often; after that the last one has to do. */
const maxDumpAttempts = 4;
/** As `ip route add`, `prepend` and `append` do it. */
const insertionFlags: Readonly<Record<RouteRequest["insertion"], number>> = {
  add: NLM_F_CREATE | NLM_F_EXCL,
  prepend: NLM_F_CREATE,
  append: NLM_F_CREATE | NLM_F_APPEND,
};

export class RouteSocket {
  readonly #connection: NetlinkConnection;
  readonly #batchSize: number;
  #malformed = 0;

  private constructor(options: RouteSocketOptions) {
    this.#connection = new NetlinkConnection(
      options.transport ?? openDatagramTransport,
      { protocol: NETLINK_ROUTE, ...options.buffer },
      { timeoutMs: options.timeoutMs ?? defaultTimeoutMs },
    );
    const wanted = options.batchSize ?? defaultBatchSize;
    this.#batchSize = Math.min(wanted, this.#connection.largestBatch);
  }

  /** Throws KeepalivedError with the errno name as code. */
  static open(options: RouteSocketOptions = {}): RouteSocket {
    return new RouteSocket(options);
  }

  get counters(): Readonly<ConnectionCounters> {
    const counters = this.#connection.counters;
    return { ...counters, malformed: counters.malformed + this.#malformed };
  }

  /** By which notifications name us; 0 until the kernel has answered something. */
  get port(): number {
    return this.#connection.port;
  }

  /** Rejects with KeepalivedError NETLINK_DUMP_FAILED if the kernel does not answer. */
  links(): Promise<readonly Link[]> {
    const request = { type: RTM_GETLINK, flags: 0, encode: encodeLinkDump };
    return this.#table("links", request, RTM_NEWLINK, decodeLink);
  }

  /** All IPv4 and IPv6 addresses in the kernel's order. Rejects as {@link links} does. */
  addresses(): Promise<readonly InterfaceAddress[]> {
    const request: NetlinkRequest = {
      type: RTM_GETADDR,
      flags: 0,
      encode: (writer) => {
        // struct ifaddrmsg with family AF_UNSPEC and no interface: everything.
        writer.u32(0);
        writer.u32(0);
      },
    };
    return this.#table("addresses", request, RTM_NEWADDR, decodeAddress);
  }

  /**
   * The routes of IPv4 and IPv6 in every table, if wanted only those of some RTPROT_*. Rejects as
   * {@link links} does.
   */
  routes(protocols?: RouteProtocols): Promise<readonly KernelRoute[]> {
    const request = { type: RTM_GETROUTE, flags: 0, encode: encodeRouteDump };
    return this.#table("routes", request, RTM_NEWROUTE, (payload) =>
      decodeWantedRoute(payload, protocols),
    );
  }

  /** The rules of IPv4 and IPv6. Rejects as {@link links} does. */
  rules(): Promise<readonly KernelRule[]> {
    const request = { type: RTM_GETRULE, flags: 0, encode: encodeRuleDump };
    return this.#table("rules", request, RTM_NEWRULE, decodeRule);
  }

  /** EEXIST: it is there already, and has been left as it is. */
  addAddresses(
    requests: readonly AddressRequest[],
    onBatch?: BatchHandler,
  ): Promise<readonly (string | null)[]> {
    return this.#change(requests, onBatch, encodeAddition);
  }

  /** EADDRNOTAVAIL: it is not there. */
  deleteAddresses(
    requests: readonly AddressRequest[],
    onBatch?: BatchHandler,
  ): Promise<readonly (string | null)[]> {
    return this.#change(requests, onBatch, encodeRemoval);
  }

  /**
   * EEXIST: with `add`, there is one of this key already; otherwise, the very same one. EINVAL and
   * ENETUNREACH: the kernel does not take it, as when the gateway is on no network of ours.
   */
  addRoutes(
    routes: readonly ResolvedRoute[],
    onBatch?: BatchHandler,
  ): Promise<readonly (string | null)[]> {
    return this.#change(routes, onBatch, encodeRouteAddition);
  }

  /** ESRCH: it is not there. */
  deleteRoutes(
    routes: readonly ResolvedRoute[],
    onBatch?: BatchHandler,
  ): Promise<readonly (string | null)[]> {
    return this.#change(routes, onBatch, encodeRouteRemoval);
  }

  /** EEXIST: it is there already. */
  addRules(
    rules: readonly RuleRequest[],
    onBatch?: BatchHandler,
  ): Promise<readonly (string | null)[]> {
    return this.#change(rules, onBatch, encodeRuleAddition);
  }

  /** ENOENT: it is not there. */
  deleteRules(
    rules: readonly RuleRequest[],
    onBatch?: BatchHandler,
  ): Promise<readonly (string | null)[]> {
    return this.#change(rules, onBatch, encodeRuleRemoval);
  }

  /** Additions of any kind that have been encoded before, as by {@link encodeAddition}. */
  addEncoded(
    requests: readonly Uint8Array[],
    onBatch?: BatchHandler,
  ): Promise<readonly (string | null)[]> {
    return this.#change(requests, onBatch, asItIs);
  }

  /** What is pending settles with ECANCELED. */
  close(): void {
    this.#connection.close();
  }

  async #change<T>(
    requests: readonly T[],
    onBatch: BatchHandler | undefined,
    encode: (request: T) => Uint8Array,
  ): Promise<readonly (string | null)[]> {
    const results: (string | null)[] = [];
    while (results.length < requests.length) {
      const first = results.length;
      const batch = requests.slice(first, first + this.#batchSize);
      const batchResults = await this.#connection.batchEncoded(batch.map(encode));
      results.push(...batchResults);
      onBatch?.(first, batchResults);
      // A kernel that is silent once would be waited for again and again.
      if (batchResults.at(-1) === "ETIMEDOUT") break;
      if (results.length < requests.length) await loopTurn();
    }
    while (results.length < requests.length) results.push("ETIMEDOUT");
    return results;
  }

  async #table<T>(
    what: string,
    request: NetlinkRequest,
    entryType: number,
    decode: (payload: Uint8Array) => T | null | undefined,
  ): Promise<readonly T[]> {
    for (let attempt = 1; ; attempt++) {
      const entries: T[] = [];
      const { error, isInterrupted } = await this.#connection.dump(request, (message) =>
        this.#collect(entries, message, entryType, decode),
      );
      if (error !== null) {
        throw new KeepalivedError(
          "NETLINK_DUMP_FAILED",
          `Cannot read the ${what} of the kernel: ${error}`,
          { what, errno: error },
        );
      }
      if (!isInterrupted || attempt === maxDumpAttempts) return entries;
    }
  }

  #collect<T>(
    entries: T[],
    message: NetlinkMessage,
    entryType: number,
    decode: (payload: Uint8Array) => T | null | undefined,
  ): void {
    if (message.type !== entryType) return;
    const entry = decode(message.payload);
    if (entry === undefined) this.#malformed += 1;
    else if (entry !== null) entries.push(entry);
  }
}

/** The request to add an address, to be sent any number of times. */
export function encodeAddition(request: AddressRequest): Uint8Array {
  return encodeRequest({
    type: RTM_NEWADDR,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    encode: (writer) => encodeNewAddress(writer, request),
  });
}

function encodeRemoval(request: AddressRequest): Uint8Array {
  return encodeRequest({
    type: RTM_DELADDR,
    flags: 0,
    encode: (writer) => encodeDeleteAddress(writer, request),
  });
}

/** The request to add a route, to be sent any number of times. */
export function encodeRouteAddition(route: ResolvedRoute): Uint8Array {
  return encodeRequest({
    type: RTM_NEWROUTE,
    flags: insertionFlags[route.request.insertion],
    encode: (writer) => encodeNewRoute(writer, route),
  });
}

function encodeRouteRemoval(route: ResolvedRoute): Uint8Array {
  return encodeRequest({
    type: RTM_DELROUTE,
    flags: 0,
    encode: (writer) => encodeDeleteRoute(writer, route),
  });
}

/** The request to add a rule, to be sent any number of times. */
export function encodeRuleAddition(rule: RuleRequest): Uint8Array {
  return encodeRequest({
    type: RTM_NEWRULE,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    encode: (writer) => encodeRule(writer, rule),
  });
}

function encodeRuleRemoval(rule: RuleRequest): Uint8Array {
  return encodeRequest({
    type: RTM_DELRULE,
    flags: 0,
    encode: (writer) => encodeRule(writer, rule),
  });
}

function asItIs(message: Uint8Array): Uint8Array {
  return message;
}

/** Lets the event loop serve its other sockets and timers once. */
function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
