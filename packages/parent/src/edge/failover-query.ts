// Orders a failover from the VRRP process and waits for what comes of it. Who asks while one of the
// same instance is under way gets the same answer.

import type { FromVrrp } from "@keepalived-ts/shared-config/ipc/messages";

type Ended = Extract<FromVrrp, { type: "failoverEnded" }>;

/** The address that has taken over; "nobody": the instance is MASTER as before. */
export type FailoverOutcome = { readonly successor: string } | "nobody" | "silent";

/** A hand-over takes 4.5 s at most. */
const answerMaxMs = 8_000;

export class FailoverQuery {
  /** Sends the order; false = there is nobody to give it to. */
  readonly #send: (instance: string) => boolean;
  readonly #waiting: Map<string, ((outcome: FailoverOutcome) => void)[]> = new Map();

  constructor(send: (instance: string) => boolean) {
    this.#send = send;
  }

  ask(instance: string): Promise<FailoverOutcome> {
    return new Promise((resolve) => {
      const others = this.#waiting.get(instance);
      if (others !== undefined) {
        others.push(resolve);
        return;
      }
      if (!this.#send(instance)) {
        resolve("silent");
        return;
      }
      this.#waiting.set(instance, [resolve]);
      setTimeout(() => this.#finish(instance, "silent"), answerMaxMs).unref();
    });
  }

  received({ instance, successor }: Ended): void {
    this.#finish(instance, successor === null ? "nobody" : { successor });
  }

  #finish(instance: string, outcome: FailoverOutcome): void {
    const waiting = this.#waiting.get(instance) ?? [];
    this.#waiting.delete(instance);
    for (const resolve of waiting) resolve(outcome);
  }
}
