// The clock and the timer of the whole project: CLOCK_MONOTONIC in microseconds, and a timerfd
// armed for an absolute instant of it. setTimeout is not used where an advert waits: it rounds to
// milliseconds and fires up to one early. Specification: timerfd_create(2), clock_gettime(2).

import { assert } from "@keepalived-ts/shared-config/base/assert";
import { checkResult, errnoError } from "./errno.js";
import { type Descriptor, native } from "./native.js";

/** The instant now: microseconds of CLOCK_MONOTONIC, with a fraction. */
export function monotonicUs(): number {
  return native.monotonicUs();
}

/**
 * Calls `onExpired` once at the instant set by armAt(), never before it. While armed it keeps the
 * process alive.
 */
export class MonotonicTimer {
  readonly #descriptor: Descriptor;
  readonly #onExpired: () => void;
  #isArmed = false;
  #isWatched = false;
  #isClosed = false;

  constructor(onExpired: () => void) {
    const opened = native.openTimer();
    if (typeof opened === "number") {
      throw errnoError(opened, "open a timer", () => "look at the limit of open files (ulimit -n)");
    }
    this.#descriptor = opened;
    this.#onExpired = onExpired;
  }

  /** Sets or moves the instant. One in the past expires in the next turn of the event loop. */
  armAt(atUs: number): void {
    assert(Number.isFinite(atUs), "a timer must be armed for a finite instant");
    const result = native.armTimer(this.#descriptor, atUs);
    if (result < 0) throw errnoError(result, `arm a timer for ${atUs}`);
    this.#isArmed = true;
    if (this.#isWatched) return;
    checkResult(native.watch(this.#descriptor, this.#handleExpired), "watch a timer");
    this.#isWatched = true;
  }

  disarm(): void {
    if (!this.#isArmed) return;
    checkResult(native.armTimer(this.#descriptor, Number.POSITIVE_INFINITY), "disarm a timer");
    this.#isArmed = false;
    this.#rest();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isArmed = false;
    native.close(this.#descriptor);
  }

  readonly #handleExpired = (): void => {
    this.#isArmed = false;
    try {
      this.#onExpired();
    } finally {
      if (!this.#isArmed && !this.#isClosed) this.#rest();
    }
  };

  /** Neither keeps the process alive nor this object, so that a forgotten timer is collected. */
  #rest(): void {
    native.unwatch(this.#descriptor);
    this.#isWatched = false;
  }
}
