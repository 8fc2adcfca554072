// Everything that the checker tells its parent, in order: what the pipe does not take is kept here,
// since Node would keep it without bound for a parent that stands still. Of a server's reports the
// last one is kept, log records beyond a number are dropped and counted. Decides nothing else.

import type { FromChecker } from "@keepalived-ts/shared-config/ipc/messages";
import type { ParentPort } from "./ports.js";

/** Messages that the pipe has not confirmed: beyond it the parent is slow or stuck. */
const inFlightMax = 64;
const logsMax = 1_000;

/** False: the parent is gone, and `written` will not be called. */
export type SendMessage = (message: FromChecker, written: () => void) => boolean;

export class ParentQueue implements ParentPort {
  readonly #send: SendMessage;
  /** In order of their turn; a server's report by the server's name, all others by a number. */
  readonly #waiting: Map<string | number, FromChecker> = new Map();
  #number = 0;
  #inFlight = 0;
  #waitingLogs = 0;
  #dropped = 0;

  constructor(send: SendMessage) {
    this.#send = send;
  }

  send(message: FromChecker): void {
    if (message.type === "log" && this.#waitingLogs >= logsMax) {
      this.#dropped += 1;
      return;
    }
    if (message.type === "log") this.#waitingLogs += 1;
    const key = serverOf(message) ?? this.#number++;
    // The newer report takes its turn behind all that was said before it.
    this.#waiting.delete(key);
    this.#waiting.set(key, message);
    this.#sendWaiting(inFlightMax);
  }

  /** Hands everything to the pipe, for the process is about to end. */
  flush(): void {
    this.#sendWaiting(Number.POSITIVE_INFINITY);
  }

  #sendWaiting(limit: number): void {
    for (const [key, message] of this.#waiting) {
      if (this.#inFlight >= limit) return;
      this.#waiting.delete(key);
      if (message.type === "log") this.#waitingLogs -= 1;
      if (this.#send(message, this.#handleWritten)) this.#inFlight += 1;
    }
    this.#tellDropped();
  }

  readonly #handleWritten = (): void => {
    this.#inFlight -= 1;
    this.#sendWaiting(inFlightMax);
  };

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    const text = `Dropped ${this.#dropped} log records that the parent did not take in time`;
    this.#dropped = 0;
    this.send({ type: "log", record: { level: "warn", text } });
  }
}

function serverOf(message: FromChecker): string | undefined {
  if (message.type === "realServerRemoved") return `${message.virtualServer} ${message.realServer}`;
  if (message.type !== "realServerState") return undefined;
  const { virtualServer, realServer } = message.snapshot;
  return `${virtualServer} ${realServer}`;
}
