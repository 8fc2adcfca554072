// A non-blocking datagram socket of any family: raw IP, link layer, UDP, Unix. Many datagrams go in
// one system call each way. What the kernel refuses while sending or receiving is a result, since a
// network does that; what it refuses while setting up is thrown. Knows no protocol and never
// retries. Specification: socket(7), ip(7), ipv6(7), packet(7), unix(7)

import { readHost32 } from "../bytes.js";
import { AF_PACKET } from "../constants/socket.js";
import { checkResult, errnoError, errnoName } from "../errno.js";
import { type Descriptor, native } from "../native.js";
import { type ReceivedDatagram, receiveBatch } from "./receive-slab.js";
import { decode } from "./sockaddr.js";

export type { ReceivedDatagram } from "./receive-slab.js";

export interface OutgoingDatagram {
  readonly data: Uint8Array;
  /** An encoded sockaddr; none on a connected socket. */
  readonly address?: Uint8Array | undefined;
}

export interface SendResult {
  readonly sent: number;
  /** The errno's name for the first datagram that was not sent; null when all were. */
  readonly error: string | null;
}

export interface DatagramSocketOptions {
  readonly family: number;
  /** SOCK_DGRAM or SOCK_RAW. */
  readonly type: number;
  /** In host order, of an AF_PACKET socket too. */
  readonly protocol: number;
}

export type ReceiveHandler = (batch: readonly ReceivedDatagram[]) => void;

const againErrno = -11; // EAGAIN
/** Wake-ups for an error that is not there: at most so many in a row before reading stops. */
const vainWakeUpsMost = 16;
const optionBytes: Uint8Array = new Uint8Array(4);

export class DatagramSocket {
  readonly #descriptor: Descriptor;
  #isClosed = false;
  #vainWakeUps = 0;
  /** Gives the size of the batch that it has read. */
  #handleReady: (hasFailed: boolean) => number = () => 0;

  private constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
  }

  /** Throws KeepalivedError with the errno's name as code. */
  static open(options: DatagramSocketOptions): DatagramSocket {
    const { family, type, protocol } = options;
    const wire = family === AF_PACKET ? swap16(protocol) : protocol;
    const opened = native.openSocket(family, type, wire);
    if (typeof opened !== "number") return new DatagramSocket(opened);
    const action = `open a socket of family ${family}, type ${type}, protocol ${protocol}`;
    throw errnoError(opened, action, hint);
  }

  get fd(): number {
    return native.descriptorNumber(this.#descriptor);
  }

  bind(address: Uint8Array): void {
    const result = native.bind(this.#descriptor, address);
    if (result < 0) throw errnoError(result, `bind a socket to ${addressText(address)}`, hint);
  }

  connect(address: Uint8Array): void {
    const result = native.connect(this.#descriptor, address);
    if (result < 0) throw errnoError(result, `connect a socket to ${addressText(address)}`, hint);
  }

  /** The encoded address that the socket is bound to. */
  localAddress(): Uint8Array {
    const out = new Uint8Array(128);
    const length = checkResult(
      native.localAddress(this.#descriptor, out),
      "read a socket's address",
    );
    return out.subarray(0, length);
  }

  /** A number is passed as an int, bytes as they are. */
  setOption(level: number, name: number, value: number | Uint8Array): void {
    // A mark is unsigned, the kernel's int is not: the same 32 bits.
    const int = typeof value === "number" && value > 0x7fffffff ? value - 0x100000000 : value;
    const result = native.setOption(this.#descriptor, level, name, int);
    checkResult(result, `set socket option ${name} of level ${level}`, hint);
  }

  /** The kernel drops what this classic BPF program (struct sock_filter) gives 0 for. */
  attachFilter(program: Uint8Array): void {
    checkResult(native.attachFilter(this.#descriptor, program), "attach a filter to a socket");
  }

  getOption(level: number, name: number): number {
    optionBytes.fill(0);
    const result = native.getOption(this.#descriptor, level, name, optionBytes);
    const length = checkResult(result, `read socket option ${name} of level ${level}`);
    return length === 1 ? (optionBytes[0] ?? 0) : readHost32(optionBytes, 0) | 0;
  }

  /** Sends any number of datagrams in order, and stops at the first that the kernel refuses. */
  sendBatch(datagrams: readonly OutgoingDatagram[]): SendResult {
    let sent = 0;
    while (sent < datagrams.length) {
      const result = native.sendBatch(this.#descriptor, datagrams, sent);
      if (result < 0) return { sent, error: errnoName(result) };
      sent += result;
    }
    return { sent, error: null };
  }

  /** The errno's name, or null when the datagram was sent. */
  send(data: Uint8Array, address?: Uint8Array): string | null {
    const result = native.send(this.#descriptor, data, address);
    return result < 0 ? errnoName(result) : null;
  }

  /**
   * Starts to read, or goes on with other handlers. `received` gets each batch; `failed` gets
   * errors of the socket (ENETDOWN, ECONNREFUSED), after which reading goes on unless the error is
   * EBADF.
   */
  receive(received: ReceiveHandler, failed: (errno: string) => void): void {
    this.#handleReady = (hasFailed) => {
      if (hasFailed) this.#reportError(failed);
      if (this.#isClosed) return 0;
      const batch = receiveBatch(this.#descriptor);
      if (batch === againErrno) return 0;
      this.#vainWakeUps = 0;
      if (typeof batch === "number") failed(errnoName(batch));
      else received(batch);
      return typeof batch === "number" ? 0 : batch.length;
    };
    this.#watch();
  }

  /** What comes no longer wakes the process; receiveNow() reads it. */
  pause(): void {
    if (!this.#isClosed) native.unwatch(this.#descriptor);
  }

  resume(): void {
    if (!this.#isClosed) this.#watch();
  }

  /**
   * Reads a batch now, without waiting for the event loop to find it; how many datagrams it had.
   * Not from inside a handler of any socket: all share the memory that they are shown.
   */
  receiveNow(): number {
    return this.#isClosed ? 0 : this.#handleReady(false);
  }

  /** Whether reading keeps the process alive; it does at first. */
  ref(): void {
    native.setReferenced(this.#descriptor, true);
  }

  unref(): void {
    native.setReferenced(this.#descriptor, false);
  }

  /** Allowed at any time, also in a handler and more than once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    native.close(this.#descriptor);
  }

  #watch(): void {
    checkResult(native.watch(this.#descriptor, this.#handleReady), "watch a socket");
  }

  #reportError(failed: (errno: string) => void): void {
    const error = native.takeError(this.#descriptor);
    if (error !== 0) {
      this.#vainWakeUps = 0;
      failed(errnoName(error));
      return;
    }
    // A send in this turn of the loop may have taken the error off. One that nothing takes off
    // would keep the descriptor ready and the process busy for ever.
    this.#vainWakeUps += 1;
    if (this.#vainWakeUps < vainWakeUpsMost) return;
    native.unwatch(this.#descriptor);
    failed("EBADF");
  }
}

const hints: Readonly<Record<string, string>> = {
  EPERM: "needs CAP_NET_RAW or CAP_NET_ADMIN: run as root or grant the capability",
  EACCES: "needs a capability: run as root",
  EAFNOSUPPORT: "the kernel lacks this address family",
  EPROTONOSUPPORT: "the kernel lacks this protocol",
  EMFILE: "too many open files: raise the limit (ulimit -n)",
  ENODEV: "there is no such interface",
  EADDRNOTAVAIL: "no interface here has this address",
  EADDRINUSE: "another socket has this address",
  ENOPROTOOPT: "the kernel lacks this option",
};

function hint(errno: string): string | undefined {
  return hints[errno];
}

function addressText(address: Uint8Array): string {
  const decoded = decode(address);
  if (decoded === undefined) return "an address of an unknown family";
  if ("path" in decoded) return JSON.stringify(decoded.path);
  if ("port" in decoded) return `${decoded.address} port ${decoded.port}`;
  return `interface ${decoded.interfaceIndex}, protocol 0x${decoded.protocol.toString(16)}`;
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | ((value >> 8) & 0xff);
}
