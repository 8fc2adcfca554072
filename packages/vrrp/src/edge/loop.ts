// The heart of the VRRP process: events go into the core one after another, its actions are
// carried out, and one timer is armed for its next deadline. The clock decides whether a deadline
// is due, not the timer. Decides nothing about VRRP.

import type { VrrpEvent } from "../core/event.js";
import type { Router } from "../core/router.js";
import { handle, isFinished, nextDeadline } from "../core/router.js";
import { Executor } from "./executor.js";
import type { DeadlineTimer, Ports } from "./ports.js";

/**
 * So long before a takeover the process wakes up: an idle processor, its caches and the interpreter
 * need half a millisecond to get going, which would come on top of the master-down interval.
 */
const warmUpLeadUs = 10_000;
/** With less time left a warm-up would delay what it is for. */
const warmUpMinUs = 5_000;

export class Loop {
  readonly #ports: Ports;
  readonly #router: Router;
  readonly #timer: DeadlineTimer;
  readonly executor: Executor;
  /** The instant that the timer will fire at, undefined while it is not armed. */
  #armedAt: number | undefined;
  /** The takeover that was warmed up for. */
  #warmFor: number | undefined;
  #delayMaxUs = 0;
  #finishWaiters: (() => void)[] = [];

  constructor(ports: Ports, router: Router) {
    this.#ports = ports;
    this.#router = router;
    this.executor = new Executor(ports, (instance, what) =>
      this.dispatch({ type: "holdingLost", instance, what }),
    );
    this.#timer = ports.createTimer(() => this.#expired());
  }

  /** Hands one fact to the core, carries out what follows from it and arms the timer. */
  dispatch(event: VrrpEvent): void {
    this.handle(event);
    this.arm();
  }

  /** The first part of {@link dispatch}: several facts that came together need one {@link arm}. */
  handle(event: VrrpEvent): void {
    const now = this.#ports.now();
    this.executor.run(handle(this.#router, event, now));
    this.#noteDelay(this.#ports.now() - now);
    if (this.#finishWaiters.length > 0) this.#noteFinish();
  }

  /**
   * A timer that fires too early costs a look at the clock, so it is left alone when the deadline
   * has moved away: in BACKUP every advert moves it.
   */
  arm(): void {
    const due = nextDeadline(this.#router);
    if (due === undefined) return;
    const at = due === this.#warmFor || !this.#isTakeover() ? due : due - warmUpLeadUs;
    if (this.#armedAt !== undefined && this.#armedAt <= at) return;
    this.#armedAt = at;
    this.#timer.armAt(at);
  }

  /** The longest time since the last call for which a deadline had to wait or an event took. */
  takeDelayMaxUs(): number {
    const delay = this.#delayMaxUs;
    this.#delayMaxUs = 0;
    return delay;
  }

  /** Resolves when the core was stopped and waits for no successor any more. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      this.#finishWaiters.push(resolve);
      this.#noteFinish();
    });
  }

  close(): void {
    this.#timer.close();
  }

  #noteFinish(): void {
    if (!isFinished(this.#router)) return;
    for (const resolve of this.#finishWaiters.splice(0)) resolve();
  }

  #expired(): void {
    this.#armedAt = undefined;
    const due = nextDeadline(this.#router);
    const now = this.#ports.now();
    if (due !== undefined && due <= now) {
      this.#noteDelay(now - due);
      this.#ports.late(now - due);
      // What may be there already: the advert of a master that is about to be given up.
      this.#ports.adverts.lookAgain();
      this.handle({ type: "deadlineReached" });
    } else if (due !== undefined && due - now <= warmUpLeadUs && this.#isTakeover()) {
      this.#warmFor = due;
      if (due - now >= warmUpMinUs) this.#ports.warmUp();
    }
    this.arm();
  }

  /** The next deadline is the end of a master that has been silent for almost too long. */
  #isTakeover(): boolean {
    return this.#router.deadlines.nextKey()?.name === "masterDown";
  }

  #noteDelay(delayUs: number): void {
    if (delayUs > this.#delayMaxUs) this.#delayMaxUs = delayUs;
  }
}
