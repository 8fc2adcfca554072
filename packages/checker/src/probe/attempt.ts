// The frame of every probe: it ends once, by a result, by its deadline or by being cancelled, and
// then all that it holds is freed. Nothing that happens afterwards is told.

import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { ProbeResult } from "../core/event.js";
import type { Finished, RunningProbe } from "./probe.js";

/** Longest delay that setTimeout() takes; more would fire at once. */
export const timerLimitMs: number = 2 ** 31 - 1;

/** Errors of this host, which say nothing about the server: connect(2), bind(2), socket(2). */
const localErrors: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOBUFS",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
]);

export const connectTimeout: ProbeResult = { outcome: "failed", reason: "connect_timeout" };

export class Attempt implements RunningProbe {
  readonly #finished: Finished;
  readonly #timer: NodeJS.Timeout;
  readonly #releases: (() => void)[] = [];
  #late: ProbeResult;
  #result: ProbeResult | undefined;
  #isOver = false;

  /** `late` is what it means when the time is over. */
  constructor(timeoutUs: number, late: ProbeResult, finished: Finished) {
    this.#finished = finished;
    this.#late = late;
    this.#timer = setTimeout(
      () => this.end(this.#late),
      Math.min(Math.max(Math.ceil(timeoutUs / usPerMs), 1), timerLimitMs),
    );
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** `release` is called at the end; to be said before that. */
  holds(release: () => void): void {
    this.#releases.push(release);
  }

  /** All that matters has been seen: whatever comes now, or nothing, is a success. */
  passesAnyway(): void {
    this.#late = { outcome: "passed" };
  }

  end(result: ProbeResult): void {
    if (this.#isOver) return;
    this.#result = result;
    this.#close();
  }

  pass(): void {
    this.end({ outcome: "passed" });
  }

  fail(reason: string): void {
    this.end({ outcome: "failed", reason });
  }

  /** This host could not ask. */
  giveUp(reason: string): void {
    this.end({ outcome: "notRun", reason });
  }

  /** By what a system call answered. */
  endWith(error: NodeJS.ErrnoException): void {
    const reason = error.code ?? error.message;
    if (localErrors.has(reason)) this.giveUp(reason);
    else this.fail(reason);
  }

  cancel(): void {
    this.#result = undefined;
    if (!this.#isOver) this.#close();
  }

  /** Not at once: we may be inside a callback of OpenSSL, which does not outlive its session. */
  #close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    setImmediate(() => {
      for (const release of this.#releases) release();
      if (this.#result !== undefined) this.#finished(this.#result);
    });
  }
}
