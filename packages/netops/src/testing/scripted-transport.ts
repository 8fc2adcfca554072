// A netlink transport without a kernel, for tests: what was sent is kept, the answers are the
// test's. Does what the real one does in nothing but this: bytes go in and out in order, and a
// closed one is silent.

import { NLMSG_ERROR } from "../constants/netlink.js";
import { MessageWriter, type NetlinkMessage, readMessages } from "../netlink/message.js";
import type {
  NetlinkTransport,
  TransportFactory,
  TransportHandlers,
} from "../netlink/transport.js";

export class ScriptedTransport implements NetlinkTransport {
  /** All messages sent, call by call. */
  readonly sent: NetlinkMessage[][] = [];
  readonly groups: number[] = [];
  readonly receiveBufferBytes: number = 65_536;
  readonly #handlers: TransportHandlers;
  readonly #answer: ScriptedAnswer;
  #isReferenced = true;
  #isClosed = false;

  constructor(handlers: TransportHandlers, answer: ScriptedAnswer) {
    this.#handlers = handlers;
    this.#answer = answer;
  }

  get isReferenced(): boolean {
    return this.#isReferenced;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(data: Uint8Array, failed: (errno: string) => void): void {
    const messages: NetlinkMessage[] = [];
    readMessages(data, (message) => messages.push(message));
    this.sent.push(messages);
    // As with the kernel, the answer comes when the loop turns.
    setImmediate(() => this.#answer(messages, this, failed));
  }

  join(group: number): void {
    this.groups.push(group);
  }

  ref(): void {
    this.#isReferenced = true;
  }

  unref(): void {
    this.#isReferenced = false;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** The kernel sends one datagram with these messages. */
  receive(...messages: readonly Uint8Array[]): void {
    if (!this.#isClosed) this.#handlers.received(Buffer.concat(messages));
  }

  overrun(): void {
    if (!this.#isClosed) this.#handlers.overran();
  }

  fail(errno: string): void {
    if (!this.#isClosed) this.#handlers.failed(errno);
  }
}

/** What the kernel does with the messages of one call. */
export type ScriptedAnswer = (
  messages: readonly NetlinkMessage[],
  transport: ScriptedTransport,
  failed: (errno: string) => void,
) => void;

/** A factory, and the transports that were opened with it in order. */
export function scriptedTransports(answer: ScriptedAnswer): {
  readonly open: TransportFactory;
  readonly opened: readonly ScriptedTransport[];
} {
  const opened: ScriptedTransport[] = [];
  const open: TransportFactory = (_options, handlers) => {
    const transport = new ScriptedTransport(handlers, answer);
    opened.push(transport);
    return transport;
  };
  return { open, opened };
}

/** One message as bytes. */
export function messageBytes(
  type: number,
  flags: number,
  sequence: number,
  payload: Uint8Array,
): Uint8Array {
  const writer = new MessageWriter();
  writer.startMessage(type, flags, sequence);
  for (const byte of payload) writer.u8(byte);
  writer.endMessage();
  return writer.bytes();
}

/**
 * NLMSG_ERROR: an acknowledgement if `errno` is 0, else a refusal. The request it quotes is left
 * out.
 */
export function resultBytes(sequence: number, errno: number = 0): Uint8Array {
  const writer = new MessageWriter();
  writer.startMessage(NLMSG_ERROR, 0, sequence);
  writer.u32(-errno >>> 0);
  writer.endMessage();
  return writer.bytes();
}
