// Everything that the checker tells its parent, in order: what the pipe does not take is kept here,
// since Node would keep it without bound for a parent that stands still. Of a server's reports the
// last one is kept; log records and notices beyond a number are dropped and counted. Decides
// nothing else.

import type { FromChecker, VirtualServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type { ParentPort } from "./ports.js";

/** Portions that the pipe has not confirmed: beyond it the parent is slow or stuck. */
const inFlightMax = 8;
/** Messages in a portion, for each write costs more than a message does. Statistics are long. */
const portionMax = 32;
const logsMax = 10_000;
const noticesMax = 10_000;

/** False: the parent is gone, and `written` will not be called. */
export type SendMessages = (messages: readonly FromChecker[], written: () => void) => boolean;

export class ParentQueue implements ParentPort {
  readonly #send: SendMessages;
  /** In order of their turn; a report without notice by the server's name, others by a number. */
  readonly #waiting: Map<string | number, FromChecker> = new Map();
  #number = 0;
  #inFlight = 0;
  #waitingLogs = 0;
  #waitingNotices = 0;
  #dropped = 0;
  #droppedNotices = 0;

  constructor(send: SendMessages) {
    this.#send = send;
  }

  send(message: FromChecker): void {
    if (message.type === "log" && this.#waitingLogs >= logsMax) {
      this.#dropped += 1;
      return;
    }
    if (message.type === "log") this.#waitingLogs += 1;
    if (hasNotice(message)) this.#keepNotice(message);
    else this.#keep(serverOf(message) ?? this.#number++, message);
    this.#sendWaiting(inFlightMax);
  }

  #keep(key: string | number, message: FromChecker): void {
    // The newer report takes its turn behind all that was said before it.
    this.#waiting.delete(key);
    this.#waiting.set(key, message);
  }

  /** Each is to be told, but not without end. */
  #keepNotice(message: StateMessage): void {
    if (this.#waitingNotices < noticesMax) {
      this.#waitingNotices += 1;
      this.#keep(this.#number++, message);
      return;
    }
    this.#droppedNotices += 1;
    this.#keep(serverOf(message) ?? this.#number++, { ...message, notice: null });
  }

  /** Hands everything to the pipe, for the process is about to end. */
  flush(): void {
    this.#sendWaiting(Number.POSITIVE_INFINITY);
  }

  #sendWaiting(limit: number): void {
    while (this.#waiting.size > 0) {
      if (this.#inFlight >= limit) return;
      if (this.#send(this.#takePortion(), this.#handleWritten)) this.#inFlight += 1;
    }
    this.#tellDropped();
  }

  #takePortion(): readonly FromChecker[] {
    const portion: FromChecker[] = [];
    for (const [key, message] of this.#waiting) {
      this.#waiting.delete(key);
      if (message.type === "log") this.#waitingLogs -= 1;
      if (hasNotice(message)) this.#waitingNotices -= 1;
      portion.push(message);
      if (portion.length === portionMax || message.type === "statistics") break;
    }
    return portion;
  }

  readonly #handleWritten = (): void => {
    this.#inFlight -= 1;
    this.#sendWaiting(inFlightMax);
  };

  #tellDropped(): void {
    if (this.#dropped === 0 && this.#droppedNotices === 0) return;
    const what = `${this.#dropped} log records and ${this.#droppedNotices} notices`;
    this.#dropped = 0;
    this.#droppedNotices = 0;
    const text = `Dropped ${what} that the parent did not take in time`;
    this.send({ type: "log", record: { level: "warn", text } });
  }
}

type StateMessage = Extract<FromChecker, { type: "realServerState" | "virtualServerState" }>;

function hasNotice(message: FromChecker): message is StateMessage {
  return "notice" in message && message.notice !== null;
}

function serverOf(message: FromChecker): string | undefined {
  switch (message.type) {
    case "realServerRemoved":
      return `${message.virtualServer} ${message.realServer}`;
    case "realServerState":
      return `${message.snapshot.virtualServer} ${message.snapshot.realServer}`;
    case "virtualServerRemoved":
      return virtualServerOf(message);
    case "virtualServerState":
      return virtualServerOf(message.snapshot);
    default:
      return undefined;
  }
}

/** The name does not say of which family a mark is. */
function virtualServerOf({
  virtualServer,
  key,
}: Pick<VirtualServerSnapshot, "virtualServer" | "key">): string {
  return `${virtualServer} ${key.kind === "address" ? "" : key.family}`;
}
