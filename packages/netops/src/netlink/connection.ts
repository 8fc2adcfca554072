// Requests and their answers over one netlink socket: sequence numbers, batches, dumps, time-outs.
// Operations go one after the other, since the kernel runs one dump a socket at a time. Every
// promise settles: by the answer, the time-out, an overrun or the closing. Knows no message type of
// its own.

import {
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
} from "../constants/netlink.js";
import { errnoName } from "../errno.js";
import { MessageWriter, type NetlinkMessage, readMessages, signedIn } from "./message.js";
import type { NetlinkTransport, TransportFactory, TransportOptions } from "./transport.js";

export interface NetlinkRequest {
  readonly type: number;
  /** NLM_F_* beyond REQUEST, ACK and DUMP, which are put in here. */
  readonly flags: number;
  /** Writes the payload. */
  encode(writer: MessageWriter): void;
}

export interface DumpResult {
  readonly error: string | null;
  /** The kernel's tables changed meanwhile (NLM_F_DUMP_INTR): entries may be missing or doubled. */
  readonly isInterrupted: boolean;
}

export interface TransactionResult {
  /** What became of the whole, apart from its requests. */
  readonly error: string | null;
  /** Of each request. With any refusal nothing has been done. */
  readonly results: readonly (string | null)[];
}

export interface ConnectionCounters {
  /** Messages whose lengths did not fit. */
  malformed: number;
  /** Answers to a request that was given up before. */
  stale: number;
  overruns: number;
  timeouts: number;
}

interface Operation {
  readonly data: Uint8Array;
  readonly firstSequence: number;
  readonly results: (string | null)[];
  readonly isDump: boolean;
  /** All or nothing: a refusal of the first message, which begins it, is one of the whole. */
  readonly isTransaction?: boolean;
  readonly visit: (message: NetlinkMessage) => void;
  readonly settle: (error: string | null) => void;
  isInterrupted: boolean;
}

export interface ConnectionOptions {
  readonly timeoutMs: number;
}

const defaultOptions: ConnectionOptions = { timeoutMs: 2_000 };
/** A refusal quotes its request; the kernel counts some 800 bytes for one (skb->truesize). */
const refusalBytes = 1_024;
const ignoreMessage = (): undefined => undefined;

export class NetlinkConnection {
  readonly counters: ConnectionCounters = { malformed: 0, stale: 0, overruns: 0, timeouts: 0 };
  readonly #transport: NetlinkTransport;
  readonly #timeoutMs: number;
  readonly #waiting: Operation[] = [];
  #current: Operation | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  #isClosed = false;
  #port = 0;

  constructor(
    open: TransportFactory,
    transport: TransportOptions,
    options: ConnectionOptions = defaultOptions,
  ) {
    this.#timeoutMs = options.timeoutMs;
    this.#transport = open(transport, {
      received: (data) => this.#handleData(data),
      overran: () => this.#handleOverrun(),
      failed: (errno) => this.#settleCurrent(errno),
    });
    this.#transport.unref();
  }

  /**
   * Sends all requests in one system call. Result i is null or the errno name of request i. Only
   * the last one asks for an acknowledgement: the kernel works in order and reports every failure
   * unasked (netlink_rcv_skb() in net/netlink/af_netlink.c), so silence before it means success.
   */
  batch(
    requests: readonly NetlinkRequest[],
    visit: (message: NetlinkMessage) => void = ignoreMessage,
  ): Promise<(string | null)[]> {
    if (requests.length === 0) return Promise.resolve([]);
    const firstSequence = this.#takeSequences(requests.length);
    return this.#ask(encodeBatch(requests, firstSequence), firstSequence, requests.length, visit);
  }

  /** The same with requests that {@link encodeRequest} has encoded before. */
  batchEncoded(requests: readonly Uint8Array[]): Promise<(string | null)[]> {
    if (requests.length === 0) return Promise.resolve([]);
    const firstSequence = this.#takeSequences(requests.length);
    const data = joinBatch(requests, firstSequence);
    return this.#ask(data, firstSequence, requests.length, ignoreMessage);
  }

  /**
   * A transaction of nfnetlink in one system call: `begin`, `requests`, `end`, encoded before. The
   * last request is acknowledged (not the end, which Linux before 6.10 never does); an error of the
   * whole is a refusal of the begin (nfnetlink_rcv_batch() in net/netfilter/nfnetlink.c).
   */
  transaction(
    begin: Uint8Array,
    requests: readonly Uint8Array[],
    end: Uint8Array,
  ): Promise<TransactionResult> {
    if (requests.length === 0) return Promise.resolve({ error: null, results: [] });
    const count = requests.length + 1;
    const firstSequence = this.#takeSequences(count + 1);
    const writer = new MessageWriter(64 * count);
    [begin, ...requests, end].forEach((message, i) => {
      writer.copyMessage(message, i === requests.length ? NLM_F_ACK : 0, firstSequence + i);
    });
    return new Promise((resolve) => {
      const results = new Array<string | null>(count).fill(null);
      this.#start({
        data: writer.bytes(),
        firstSequence,
        results,
        isDump: false,
        isTransaction: true,
        isInterrupted: false,
        visit: ignoreMessage,
        settle: (error) => {
          resolve({ error: error ?? results[0] ?? null, results: results.slice(1) });
        },
      });
    });
  }

  /** One request; `visit` gets its answers. */
  async request(
    request: NetlinkRequest,
    visit: (message: NetlinkMessage) => void = ignoreMessage,
  ): Promise<string | null> {
    const [result = null] = await this.batch([request], visit);
    return result;
  }

  /** A table of the kernel, of any size; `visit` gets each entry's message. */
  dump(request: NetlinkRequest, visit: (message: NetlinkMessage) => void): Promise<DumpResult> {
    return new Promise((resolve) => {
      const firstSequence = this.#takeSequences(1);
      const writer = new MessageWriter(256);
      writer.startMessage(request.type, request.flags | NLM_F_REQUEST | NLM_F_DUMP, firstSequence);
      request.encode(writer);
      writer.endMessage();
      const operation: Operation = {
        data: writer.bytes(),
        firstSequence,
        results: [null],
        isDump: true,
        isInterrupted: false,
        visit,
        settle: (error) => {
          resolve({
            error: error ?? operation.results[0] ?? null,
            isInterrupted: operation.isInterrupted,
          });
        },
      };
      this.#start(operation);
    });
  }

  /** By which notifications name us; 0 until the kernel has answered something. */
  get port(): number {
    return this.#port;
  }

  /** As many requests in one batch that the buffer holds the refusal of each of them. */
  get largestBatch(): number {
    return Math.max(1, Math.floor(this.#transport.receiveBufferBytes / refusalBytes));
  }

  /** Everything pending settles with ECANCELED. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#transport.close();
    this.#settleCurrent("ECANCELED");
  }

  #ask(
    data: Uint8Array,
    firstSequence: number,
    count: number,
    visit: (message: NetlinkMessage) => void,
  ): Promise<(string | null)[]> {
    return new Promise((resolve) => {
      const results = new Array<string | null>(count).fill(null);
      this.#start({
        data,
        firstSequence,
        results,
        isDump: false,
        isInterrupted: false,
        visit,
        settle: (error) => resolve(error === null ? results : results.map(() => error)),
      });
    });
  }

  #takeSequences(count: number): number {
    // 0 is the sequence of unasked messages, and a batch's numbers must not wrap around.
    if (this.#sequence + count >= 0xffff_ffff) this.#sequence = 0;
    const first = this.#sequence + 1;
    this.#sequence += count;
    return first;
  }

  #start(operation: Operation): void {
    if (this.#isClosed) {
      operation.settle("ECANCELED");
      return;
    }
    if (this.#current === undefined) this.#send(operation);
    else this.#waiting.push(operation);
  }

  #send(operation: Operation): void {
    this.#current = operation;
    this.#transport.ref();
    this.#armTimer(operation);
    this.#transport.send(operation.data, (errno) => {
      if (this.#current === operation) this.#settleCurrent(errno);
    });
  }

  #armTimer(operation: Operation): void {
    this.#timer = setTimeout(() => {
      // The loop may have been blocked for long: give the socket one turn before giving up on it.
      setImmediate(() => {
        if (this.#current !== operation) return;
        this.counters.timeouts += 1;
        this.#settleCurrent("ETIMEDOUT");
      });
    }, this.#timeoutMs);
  }

  /** Ends the operation that is under way, with an error of the whole or with its results. */
  #settleCurrent(error: string | null): void {
    const operation = this.#current;
    if (operation === undefined) return;
    clearTimeout(this.#timer);
    this.#current = undefined;
    operation.settle(error);
    if (this.#isClosed) {
      for (const waiting of this.#waiting.splice(0)) waiting.settle("ECANCELED");
      return;
    }
    this.#transport.unref();
    const next = this.#waiting.shift();
    if (next !== undefined) this.#send(next);
  }

  #handleOverrun(): void {
    this.counters.overruns += 1;
    this.#settleCurrent("ENOBUFS");
  }

  #handleData(data: Uint8Array): void {
    // The time-out is one of silence: a long table may take longer than that as a whole.
    this.#timer?.refresh();
    if (!readMessages(data, (message) => this.#handleMessage(message))) {
      this.counters.malformed += 1;
    }
  }

  #handleMessage(message: NetlinkMessage): void {
    const operation = this.#current;
    const index = operation === undefined ? -1 : message.sequence - operation.firstSequence;
    if (operation === undefined || index < 0 || index >= operation.results.length) {
      this.counters.stale += 1;
      return;
    }
    this.#port = message.port;
    if ((message.flags & NLM_F_DUMP_INTR) !== 0) operation.isInterrupted = true;
    switch (message.type) {
      case NLMSG_NOOP:
        return;
      case NLMSG_OVERRUN:
        this.#handleOverrun();
        return;
      case NLMSG_ERROR:
        this.#handleResult(operation, index, message.payload);
        return;
      case NLMSG_DONE:
        if (operation.isDump) this.#handleResult(operation, index, message.payload);
        return;
      default:
        operation.visit(message);
    }
  }

  /** NLMSG_ERROR and NLMSG_DONE both start with 0 or a negative errno. */
  #handleResult(operation: Operation, index: number, payload: Uint8Array): void {
    const code = signedIn(payload.subarray(0, 4));
    if (code === undefined) this.counters.malformed += 1;
    operation.results[index] = resultOf(code);
    const isWhole = operation.isTransaction === true && index === 0;
    if (isWhole || index === operation.results.length - 1) this.#settleCurrent(null);
  }
}

function resultOf(code: number | undefined): string | null {
  if (code === undefined) return "EBADMSG";
  return code < 0 ? errnoName(-code) : null;
}

function encodeBatch(requests: readonly NetlinkRequest[], firstSequence: number): Uint8Array {
  const writer = new MessageWriter(128 * requests.length);
  requests.forEach((request, i) => {
    const ack = i === requests.length - 1 ? NLM_F_ACK : 0;
    writer.startMessage(request.type, request.flags | NLM_F_REQUEST | ack, firstSequence + i);
    request.encode(writer);
    writer.endMessage();
  });
  return writer.bytes();
}

/** A request of {@link NetlinkConnection.batchEncoded}, which may be sent any number of times. */
export function encodeRequest(request: NetlinkRequest): Uint8Array {
  const writer = new MessageWriter(128);
  writer.startMessage(request.type, request.flags | NLM_F_REQUEST, 0);
  request.encode(writer);
  writer.endMessage();
  // A copy, as the writer's memory is a part of Node's pool.
  return new Uint8Array(writer.bytes());
}

function joinBatch(requests: readonly Uint8Array[], firstSequence: number): Uint8Array {
  const writer = new MessageWriter(64 * requests.length);
  requests.forEach((request, i) => {
    const ack = i === requests.length - 1 ? NLM_F_ACK : 0;
    writer.copyMessage(request, ack, firstSequence + i);
  });
  return writer.bytes();
}
