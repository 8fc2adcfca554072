// A netlink socket as this package uses it: bytes out, bytes in, overruns told apart from failures;
// and the one for IPVS, on npm's `netlink`. Decodes nothing. rtnetlink has its own in
// netlink/datagram-transport.ts, tests have testing/scripted-transport.ts.

import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
// Not the package's index: that also loads its nl80211 and WireGuard codecs, 42 ms instead of 9 ms,
// which a restarted VRRP process does not have to spare.
import { RawNetlinkSocket } from "netlink/dist/raw.js";

export interface TransportHandlers {
  /**
   * One datagram from the kernel: one or more messages. The bytes are valid only during the call.
   */
  received(data: Uint8Array): void;
  /** The receive buffer was full (ENOBUFS): messages are lost, the socket goes on. */
  overran(): void;
  /** Any other error of the socket, by errno name. */
  failed(errno: string): void;
}

export interface NetlinkTransport {
  /** SO_RCVBUF as the kernel counts it. */
  readonly receiveBufferBytes: number;
  /** One system call; `failed` is called with the errno name if the kernel refuses it. */
  send(data: Uint8Array, failed: (errno: string) => void): void;
  join(group: number): void;
  ref(): void;
  unref(): void;
  /** No handler is called after this. */
  close(): void;
}

export interface TransportOptions {
  readonly protocol: number;
  /** SO_RCVBUF; the kernel limits it to net.core.rmem_max and doubles it. */
  readonly receiveBufferBytes?: number | undefined;
  /** Beyond that limit where the process may; the default. */
  readonly isBufferForced?: boolean | undefined;
  /** Classic BPF (struct sock_filter): what it gives 0 for is not received. */
  readonly filter?: Uint8Array | undefined;
}

export type TransportFactory = (
  options: TransportOptions,
  handlers: TransportHandlers,
) => NetlinkTransport;

/**
 * Opens a socket of the kernel for requests; throws KeepalivedError with the errno name as code.
 * Not for multicast groups: if the buffer overflows while nobody reads, npm's addon ends the
 * process.
 */
export function openTransport(
  options: TransportOptions,
  handlers: TransportHandlers,
): NetlinkTransport {
  return new KernelTransport(options, handlers);
}

class KernelTransport implements NetlinkTransport {
  readonly #socket: RawNetlinkSocket;
  readonly #handlers: TransportHandlers;
  #isClosed = false;

  constructor(options: TransportOptions, handlers: TransportHandlers) {
    this.#handlers = handlers;
    this.#socket = openSocket(options);
    this.#socket.on("message", (data, sender) => {
      // Port 0 is the kernel. A process may send here too if it has CAP_NET_ADMIN: not listened to.
      if (sender.port === 0) this.#deliver(() => this.#handlers.received(data));
    });
    this.#socket.on("truncatedMessage", () => this.#deliver(() => this.#handlers.overran()));
    this.#socket.on("error", (error) => {
      this.#deliver(() => {
        if (error.code === "ENOBUFS") this.#handlers.overran();
        else this.#handlers.failed(error.code);
      });
    });
  }

  get receiveBufferBytes(): number {
    return this.#socket.getRecvBufferSize();
  }

  send(data: Uint8Array, failed: (errno: string) => void): void {
    if (this.#isClosed) return;
    try {
      this.#socket.send(data, undefined, (error) => {
        if (error !== undefined) this.#deliver(() => failed(error.code));
      });
    } catch (thrown) {
      // The addon closes a socket whose poll handle has failed, and then throws here.
      setImmediate(() => this.#deliver(() => failed(errnoOf(thrown))));
    }
  }

  join(group: number): void {
    this.#socket.addMembership(group);
  }

  ref(): void {
    if (!this.#isClosed) this.#socket.ref();
  }

  unref(): void {
    if (!this.#isClosed) this.#socket.unref();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // The addon uses its poll handle after it has called back, so it must not be closed from inside
    // one of its callbacks: that is a null pointer when something was queued for sending.
    setImmediate(() => this.#socket.close());
  }

  /** What is thrown inside a callback of the addon would abort the process without a trace. */
  #deliver(call: () => void): void {
    if (this.#isClosed) return;
    try {
      call();
    } catch (thrown) {
      setImmediate(() => {
        throw thrown;
      });
    }
  }
}

function openSocket(options: TransportOptions): RawNetlinkSocket {
  try {
    return new RawNetlinkSocket(options.protocol, {
      localPort: 0, // The kernel picks one that is free; the package would derive it from the pid.
      recvBufferSize: options.receiveBufferBytes ?? 0, // 0 leaves the system's default.
      sendBufferSize: 0,
    });
  } catch (thrown) {
    const code = errnoOf(thrown);
    throw new KeepalivedError(
      code,
      `Cannot open a netlink socket of protocol ${options.protocol}: ${errorText(thrown)}`,
      { protocol: options.protocol },
      thrown,
    );
  }
}

function errnoOf(thrown: unknown): string {
  if (thrown instanceof Error && "code" in thrown && typeof thrown.code === "string") {
    return thrown.code;
  }
  return "EIO"; // The package's own errors have no code.
}
