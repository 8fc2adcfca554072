// Asks the VRRP process how its instances stand, for all who want to know: one question at a time,
// answered in portions. Who asks while an answer is under way gets the next one, so nobody is told
// of a moment before the question.

import { type HistogramCounts, newHistogram } from "@keepalived-ts/shared-config/base/histogram";
import type { FromVrrp, InstanceStatus } from "@keepalived-ts/shared-config/ipc/messages";

type Statistics = Extract<FromVrrp, { type: "statistics" }>;

export interface StatusAnswer {
  readonly instances: ReadonlyMap<string, InstanceStatus>;
  readonly unknownVirtualRouter: number;
  readonly eventLoopDelayMaxUs: number;
  readonly advertLateness: HistogramCounts;
}

/** Before any answer, and in place of one that does not come. */
export const noAnswer: StatusAnswer = {
  instances: new Map(),
  unknownVirtualRouter: 0,
  eventLoopDelayMaxUs: 0,
  advertLateness: newHistogram(),
};

/** "absent": there is no VRRP process. "silent": it has not answered in time. */
export type StatusOutcome = StatusAnswer | "absent" | "silent";

type Asker = (outcome: StatusOutcome) => void;

/** A process that is so late is hung or being replaced. */
export const answerMaxMs = 5_000;

export class StatusQuery {
  /** Sends the question; false = there is nobody to ask. */
  readonly #send: (clears: boolean) => boolean;
  #asked: Asker[] = [];
  #next: { readonly asker: Asker; readonly clears: boolean }[] = [];
  #instances: Map<string, InstanceStatus> = new Map();
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (clears: boolean) => boolean) {
    this.#send = send;
  }

  /** `clears`: counters begin again from 0 once they have been told. */
  ask(clears: boolean, asker: Asker): void {
    this.#next.push({ asker, clears });
    if (this.#asked.length === 0) this.#begin();
  }

  /** A portion of the answer. */
  received(statistics: Statistics): void {
    for (const status of statistics.instances) this.#instances.set(status.instance, status);
    if (!statistics.isLast || this.#asked.length === 0) return;
    const { unknownVirtualRouter, eventLoopDelayMaxUs, advertLateness } = statistics;
    const counts = { unknownVirtualRouter, eventLoopDelayMaxUs, advertLateness };
    this.#finish({ instances: this.#instances, ...counts });
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #begin(): void {
    const waiting = this.#next.splice(0);
    this.#asked = waiting.map(({ asker }) => asker);
    this.#instances = new Map();
    if (!this.#send(waiting.some(({ clears }) => clears))) {
      this.#finish("absent");
      return;
    }
    this.#timer = setTimeout(() => this.#finish("silent"), answerMaxMs);
  }

  #finish(outcome: StatusOutcome): void {
    clearTimeout(this.#timer);
    for (const asker of this.#asked.splice(0)) asker(outcome);
    if (this.#next.length > 0) this.#begin();
  }
}
