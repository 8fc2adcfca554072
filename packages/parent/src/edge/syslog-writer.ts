// Sends log lines to the syslog socket (RFC 3164 framing, as glibc's syslog(3)) without ever
// waiting: a full socket is tried again from a bounded queue, a missing one is looked for once a
// second, and what is lost is counted and told when the socket is back.

import { AF_UNIX, SOCK_DGRAM } from "@keepalived-ts/netops/constants/socket";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeUnix } from "@keepalived-ts/netops/raw-socket/sockaddr";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import { monotonicNowUs } from "./clock.js";

const queueLinesMax = 10_000;
/** A full socket is tried again after this time, and after twice as long each time in a row. */
const fullRetryMs = 1;
const fullRetryMaxMs = 64;
const missingRetryMs = 1000;
/** The socket is there but its reader is behind (unix(7)). */
const fullErrors: ReadonlySet<string> = new Set(["EAGAIN", "EWOULDBLOCK", "ENOBUFS"]);

/** A datagram socket that is connected to the syslog daemon. */
export interface DatagramSender {
  /** An errno name, or null when it was sent. */
  send(data: Uint8Array): string | null;
  close(): void;
}

export class SyslogWriter {
  readonly #open: () => DatagramSender | undefined;
  readonly #lossText: (lost: number) => string;
  #sender: DatagramSender | undefined;
  #queue: string[] = [];
  #dropped = 0;
  #untold = 0;
  #retry: NodeJS.Timeout | undefined;
  #fullDelayMs = fullRetryMs;
  #isMissing = false;

  /** `lossText` frames the line that tells of lost ones. */
  constructor(open: () => DatagramSender | undefined, lossText: (lost: number) => string) {
    this.#open = open;
    this.#lossText = lossText;
  }

  /** Lines that were lost since the process began. */
  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    if (this.#isMissing) {
      this.#drop(1);
      return;
    }
    if (this.#queue.length >= queueLinesMax) {
      this.#drop(1);
      return;
    }
    this.#queue.push(line);
    if (this.#retry === undefined) this.#sendQueue();
  }

  /**
   * Resolves when all is sent or the socket is missing, at the latest after `timeoutMs`: false =
   * its reader was too slow.
   */
  async drain(timeoutMs: number): Promise<boolean> {
    const endAt = monotonicNowUs() + timeoutMs * usPerMs;
    while (this.#queue.length > 0 && !this.#isMissing && monotonicNowUs() < endAt) {
      await new Promise((resolve) => setTimeout(resolve, fullRetryMs));
    }
    this.#closeSender();
    clearTimeout(this.#retry);
    return this.#queue.length === 0;
  }

  #sendQueue(): void {
    this.#sender ??= this.#open();
    if (this.#sender === undefined) {
      this.#handleMissing();
      return;
    }
    for (let sent = 0; sent < this.#queue.length; sent++) {
      const error = this.#sender.send(Buffer.from(this.#queue[sent] ?? ""));
      if (error === null) continue;
      this.#queue.splice(0, sent);
      if (fullErrors.has(error)) {
        if (sent > 0) this.#fullDelayMs = fullRetryMs;
        this.#retryIn(this.#fullDelayMs);
        this.#fullDelayMs = Math.min(2 * this.#fullDelayMs, fullRetryMaxMs);
        return;
      }
      if (error === "EMSGSIZE") this.#dropFirst();
      else this.#closeSender();
      this.#retryIn(fullRetryMs);
      return;
    }
    this.#queue = [];
    this.#fullDelayMs = fullRetryMs;
    if (this.#untold > 0) this.#tellLoss();
  }

  #retryIn(delayMs: number): void {
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#isMissing = false;
      this.#sendQueue();
    }, delayMs);
    // A missing syslog daemon must not keep a process alive that is done.
    this.#retry.unref();
  }

  #handleMissing(): void {
    this.#isMissing = true;
    this.#drop(this.#queue.length);
    this.#queue = [];
    this.#retryIn(missingRetryMs);
  }

  #tellLoss(): void {
    const lost = this.#untold;
    this.#untold = 0;
    this.write(this.#lossText(lost));
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    this.#untold += lines;
  }

  #dropFirst(): void {
    this.#queue.shift();
    this.#drop(1);
  }

  #closeSender(): void {
    this.#sender?.close();
    this.#sender = undefined;
  }
}

/**
 * Connects to the syslog daemon at `path`; undefined when nobody listens there, or no descriptor is
 * left.
 */
export function connectSyslog(path: string): DatagramSender | undefined {
  let socket: DatagramSocket | undefined;
  try {
    socket = DatagramSocket.open({ family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 });
    socket.connect(encodeUnix(path));
    return socket;
  } catch (thrown) {
    socket?.close();
    if (thrown instanceof KeepalivedError) return undefined;
    throw thrown;
  }
}
