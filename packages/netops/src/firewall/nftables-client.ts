// nftables over nfnetlink: many changes as one transaction in one system call, and what is there.
// Tells what became of each change; decides nothing and repeats nothing. Our own requests, since
// nft(8) would have to be spawned. Specification: linux/netfilter/nf_tables.h

import {
  NETLINK_NETFILTER,
  NFT_MSG_NEWSET,
  NFT_MSG_NEWSETELEM,
  NFT_MSG_NEWTABLE,
} from "../constants/nftables.js";
import {
  type ConnectionCounters,
  NetlinkConnection,
  type NetlinkRequest,
} from "../netlink/connection.js";
import { openDatagramTransport } from "../netlink/datagram-transport.js";
import type { TransportFactory } from "../netlink/transport.js";
import { batchBegin, batchEnd, encodeChange, messageType } from "./change-codec.js";
import {
  decodeElements,
  decodeSet,
  decodeTable,
  elementDump,
  setDump,
  tableDump,
} from "./table-codec.js";
import type {
  ElementsRequest,
  FirewallChange,
  FirewallOutcome,
  FirewallResult,
  KernelSet,
  SetElement,
  TableKey,
} from "./types.js";

export type * from "./types.js";

export interface NftablesClientOptions {
  readonly timeoutMs?: number;
  readonly transport?: TransportFactory;
}

/** The messages of changes, to be sent any number of times. */
export type EncodedChanges = readonly (readonly Uint8Array[])[];

const defaultTimeoutMs = 2_000;
/** An interrupted dump is asked for again this often; after that it is an error, EINTR. */
const maxDumpAttempts = 4;
/** Every message may be refused, and each refusal quotes its message. */
const receiveBufferBytes = 4 * 1024 * 1024;

export class NftablesClient {
  readonly #connection: NetlinkConnection;
  #malformed = 0;

  private constructor(options: NftablesClientOptions) {
    this.#connection = new NetlinkConnection(
      options.transport ?? openDatagramTransport,
      { protocol: NETLINK_NETFILTER, receiveBufferBytes },
      { timeoutMs: options.timeoutMs ?? defaultTimeoutMs },
    );
  }

  /**
   * Throws KeepalivedError with the errno name as code. That the kernel has nftables is known by
   * {@link tables} only.
   */
  static open(options: NftablesClientOptions = {}): NftablesClient {
    return new NftablesClient(options);
  }

  get counters(): Readonly<ConnectionCounters> {
    const counters = this.#connection.counters;
    return { ...counters, malformed: counters.malformed + this.#malformed };
  }

  /** All of it or nothing, in one system call. */
  apply(changes: readonly FirewallChange[]): Promise<FirewallOutcome> {
    return this.applyEncoded(encodeChanges(changes));
  }

  /** The same with changes that {@link encodeChanges} has encoded before. */
  async applyEncoded(changes: EncodedChanges): Promise<FirewallOutcome> {
    const messages = changes.flat();
    const { error, results } = await this.#connection.transaction(batchBegin, messages, batchEnd);
    const owners = changes.flatMap((some, change) => some.map(() => change));
    const refusals = results.flatMap((errno, i) =>
      errno === null ? [] : [{ change: owners[i] ?? 0, errno }],
    );
    const errno = error ?? refusals[0]?.errno;
    return errno === undefined ? { ok: true } : { ok: false, errno, refusals };
  }

  /** Those of our families. EOPNOTSUPP or EINVAL: the kernel has no nftables. */
  tables(): Promise<FirewallResult<readonly TableKey[]>> {
    return this.#table(tableDump, NFT_MSG_NEWTABLE, (payload) => listOf(decodeTable(payload)));
  }

  /** ENOENT: there is no such table. */
  sets(table: TableKey): Promise<FirewallResult<readonly KernelSet[]>> {
    return this.#table(setDump(table), NFT_MSG_NEWSET, (payload) => listOf(decodeSet(payload)));
  }

  /** ENOENT: there is no such table or set. */
  elements(set: ElementsRequest["set"]): Promise<FirewallResult<readonly SetElement[]>> {
    return this.#table(elementDump(set), NFT_MSG_NEWSETELEM, (payload) =>
      decodeElements(payload, set),
    );
  }

  /** What is pending settles with ECANCELED. */
  close(): void {
    this.#connection.close();
  }

  async #table<T>(
    request: NetlinkRequest,
    entryType: number,
    decode: (payload: Uint8Array) => readonly T[] | undefined,
  ): Promise<FirewallResult<readonly T[]>> {
    for (let attempt = 1; ; attempt++) {
      const entries: T[] = [];
      const { error, isInterrupted } = await this.#connection.dump(request, (message) => {
        if (message.type !== messageType(entryType)) return;
        const some = decode(message.payload);
        if (some === undefined) this.#malformed += 1;
        else entries.push(...some);
      });
      if (error !== null) return { ok: false, errno: error };
      if (!isInterrupted) return { ok: true, value: entries };
      if (attempt === maxDumpAttempts) return { ok: false, errno: "EINTR" };
    }
  }
}

/** For {@link NftablesClient.applyEncoded}. */
export function encodeChanges(changes: readonly FirewallChange[]): EncodedChanges {
  return changes.map(encodeChange);
}

function listOf<T>(entry: T | null | undefined): readonly T[] | undefined {
  if (entry === undefined) return undefined;
  return entry === null ? [] : [entry];
}
