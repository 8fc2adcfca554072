// Everything that the VRRP process tells its parent, in order and never waiting: what the pipe
// does not take is queued, and the queue is bounded. Log records that find it full are dropped and
// counted; state reports are merged, so that the parent knows the last state of every instance.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { FromVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import { LogLimit } from "./log-limit.js";
import type { Ports, ReportPort } from "./ports.js";

/** Messages that the pipe has not confirmed: beyond it the parent is slow or stuck. */
const inFlightMax = 64;
const queueMax = 1_000;
/** Beyond it not every change of an instance is told, but the last one always. */
const reportsMax = 10_000;
/** Messages per turn of the event loop: each costs some 20 us. */
const portion = 16;
/** Telling is never urgent: what a transition has to send and to ask of the kernel goes first. */
const delayMs = 5;

/** What the parent can do without when it is far behind: none of it says how something stands. */
const passing: ReadonlySet<FromVrrp["type"]> = new Set([
  "statistics",
  "lowerPriorityReceived",
  "advertRefused",
]);

/** Hands one message to the pipe; false: it is gone, and noteWritten() will not follow. */
export type SendMessage = (message: FromVrrp) => boolean;

type ReporterPorts = Pick<Ports, "now" | "defer" | "later">;

export class Reporter implements ReportPort {
  readonly #send: SendMessage;
  readonly #ports: ReporterPorts;
  readonly #limit = new LogLimit();
  #queue: FromVrrp[] = [];
  #inFlight = 0;
  #isScheduled = false;
  #willTell = false;
  #dropped = 0;
  #waiters: (() => void)[] = [];

  constructor(send: SendMessage, ports: ReporterPorts) {
    this.#send = send;
    this.#ports = ports;
  }

  log(record: LogRecord): void {
    this.#pass(this.#limit.admit(record, this.#ports.now()));
    this.#tellLater();
  }

  report(message: FromVrrp): void {
    if (this.#queue.length < reportsMax) this.#enqueue(message);
    else this.#merge(message);
  }

  /** Resolves when everything is written; the caller bounds the wait. */
  flushed(): Promise<void> {
    this.#pass(this.#limit.takeDue(Number.POSITIVE_INFINITY));
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#flush();
    });
  }

  /** One of the messages has left this process. */
  noteWritten(): void {
    this.#inFlight -= 1;
    if (this.#queue.length > 0) this.#continue();
    else this.#finish();
  }

  #pass(records: readonly LogRecord[]): void {
    for (const record of records) {
      if (this.#queue.length >= queueMax) this.#dropped += 1;
      else this.#enqueue({ type: "log", record });
    }
  }

  /** What was held back is told even if nothing is said any more. */
  #tellLater(): void {
    const { dueAt } = this.#limit;
    if (dueAt === undefined || this.#willTell) return;
    this.#willTell = true;
    this.#ports.later(Math.ceil((dueAt - this.#ports.now()) / usPerMs), () => {
      this.#willTell = false;
      // A timer may fire a little early.
      this.#pass(this.#limit.takeDue(Math.max(dueAt, this.#ports.now())));
      this.#tellLater();
    });
  }

  #enqueue(message: FromVrrp): void {
    this.#queue.push(message);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#inFlight >= inFlightMax) return;
    this.#isScheduled = true;
    this.#ports.later(delayMs, () => this.#flush());
  }

  /** Takes the place of the last report on the same subject, and starts where that one started. */
  #merge(message: FromVrrp): void {
    if (passing.has(message.type)) return;
    const place = this.#queue.findLastIndex((older) => isOutdatedBy(older, message));
    const [older] = place < 0 ? [] : this.#queue.splice(place, 1);
    const hasStart = older?.type === "instanceState" || older?.type === "groupState";
    const isMerged = hasStart && older.type === message.type;
    this.#enqueue(isMerged ? { ...message, previous: older.previous } : message);
  }

  #flush(): void {
    this.#isScheduled = false;
    const room = Math.min(portion, inFlightMax - this.#inFlight);
    const messages = this.#queue.splice(0, Math.max(room, 0));
    for (const message of messages) if (this.#send(message)) this.#inFlight += 1;
    if (this.#queue.length > 0) this.#continue();
    else this.#finish();
  }

  #continue(): void {
    if (this.#isScheduled || this.#inFlight >= inFlightMax) return;
    this.#isScheduled = true;
    this.#ports.defer(() => this.#flush());
  }

  #finish(): void {
    if (this.#dropped > 0) {
      const text = `Dropped ${this.#dropped} log records that the parent did not take in time`;
      this.#dropped = 0;
      this.#enqueue({ type: "log", record: { level: "warn", text } });
    } else if (this.#inFlight === 0) {
      for (const resolve of this.#waiters.splice(0)) resolve();
    }
  }
}

function isOutdatedBy(older: FromVrrp, newer: FromVrrp): boolean {
  return subjectOf(older) !== undefined && subjectOf(older) === subjectOf(newer);
}

function subjectOf(message: FromVrrp): string | undefined {
  switch (message.type) {
    case "instanceState":
      return `instance ${message.snapshot.instance}`;
    case "instanceRemoved":
      return `instance ${message.instance}`;
    case "groupState":
    case "groupRemoved":
      return `group ${message.group}`;
    default:
      return undefined;
  }
}
