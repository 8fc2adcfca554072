// Makes, sets and deletes links, many changes in one system call, and reads what a link has set for
// IPv4 and IPv6. Tells of each change what became of it; decides nothing and repeats nothing.
// rtnetlink(7)

import { NETLINK_ROUTE, RTM_GETLINK, RTM_NEWLINK } from "../constants/netlink.js";
import { type ConnectionCounters, NetlinkConnection } from "./connection.js";
import { openDatagramTransport } from "./datagram-transport.js";
import type { LinkChange, LinkConfiguration, LinkTarget } from "./link-request.js";
import { decodeLinkConfiguration, encodeLinkQuery, linkRequest } from "./link-request-codec.js";
import type { TransportFactory, TransportOptions } from "./transport.js";

export type * from "./link-request.js";

export interface LinkSocketOptions {
  readonly timeoutMs?: number;
  /** Receive buffer of the socket, as of {@link TransportOptions}. */
  readonly buffer?: Pick<TransportOptions, "receiveBufferBytes" | "isBufferForced"> | undefined;
  readonly transport?: TransportFactory;
}

export type LinkConfigurationResult =
  | { readonly ok: true; readonly value: LinkConfiguration }
  | { readonly ok: false; readonly errno: string };

const defaultTimeoutMs = 2_000;
/** To make a macvlan, configure it and bring it up takes 0.4 ms: some 2 ms in one turn. */
const changesPerCall = 16;

export class LinkSocket {
  readonly #connection: NetlinkConnection;
  #malformed = 0;

  private constructor(options: LinkSocketOptions) {
    this.#connection = new NetlinkConnection(
      options.transport ?? openDatagramTransport,
      { protocol: NETLINK_ROUTE, ...options.buffer },
      { timeoutMs: options.timeoutMs ?? defaultTimeoutMs },
    );
  }

  /** Throws KeepalivedError with the errno name as code. */
  static open(options: LinkSocketOptions = {}): LinkSocket {
    return new LinkSocket(options);
  }

  get counters(): Readonly<ConnectionCounters> {
    const counters = this.#connection.counters;
    return { ...counters, malformed: counters.malformed + this.#malformed };
  }

  /**
   * In order; result i is null or the errno name of change i, and one that is refused does not hold
   * up the others. EEXIST: a link of this name is there. ENODEV: there is no such link.
   * EOPNOTSUPP: the kernel has no links of this kind. EADDRINUSE, on bringing it up: another
   * macvlan of the same parent has this hardware address.
   *
   * To delete a macvlan takes the kernel 10 to 30 ms, in which the caller stands still: it waits
   * until no processor uses the link any more (synchronize_net()). So each has a turn of its own;
   * all links of a group go in the time of one.
   */
  async apply(changes: readonly LinkChange[]): Promise<readonly (string | null)[]> {
    const results: (string | null)[] = [];
    while (results.length < changes.length) {
      const rest = changes.slice(results.length);
      const perCall = Math.min(callLength(rest), this.#connection.largestBatch);
      const requests = rest.slice(0, perCall).map(linkRequest);
      results.push(...(await this.#connection.batch(requests)));
      if (results.length < changes.length) await loopTurn();
    }
    return results;
  }

  /** ENODEV: there is no such link. */
  async configuration(target: LinkTarget): Promise<LinkConfigurationResult> {
    const values: LinkConfiguration[] = [];
    const errno = await this.#connection.request(
      { type: RTM_GETLINK, flags: 0, encode: (writer) => encodeLinkQuery(writer, target) },
      (message) => {
        if (message.type !== RTM_NEWLINK) return;
        const value = decodeLinkConfiguration(message.payload);
        if (value === undefined) this.#malformed += 1;
        else if (value !== null) values.push(value);
      },
    );
    if (errno !== null) return { ok: false, errno };
    const [value] = values;
    return value === undefined ? { ok: false, errno: "EBADMSG" } : { ok: true, value };
  }

  /** What is pending settles with ECANCELED. */
  close(): void {
    this.#connection.close();
  }
}

/** As many of the first changes as go in one system call: a deletion goes alone. */
function callLength(changes: readonly LinkChange[]): number {
  const isDeletion = ({ type }: LinkChange): boolean => /^delete/.test(type);
  const deletion = changes.findIndex(isDeletion);
  return Math.min(changesPerCall, deletion < 0 ? changes.length : Math.max(deletion, 1));
}

/** Lets the event loop serve its other sockets and timers once. */
function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
