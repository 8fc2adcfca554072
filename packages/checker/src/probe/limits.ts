// How many probes run at a time, and how many are started in one turn of the event loop: a thousand
// servers due at once must neither use up the descriptors nor hold up what else there is to do.
// Probes that find no place wait in order; their connect_timeout begins when they start.

import type { ProbeRequest } from "../core/action.js";
import type { ProbeResult } from "../core/event.js";
import type { RunningProbe, StartProbe } from "./probe.js";

/** One descriptor each. */
export const maximumConcurrentProbes = 2_000;

/** About 5 ms of work; a script is far more of it, since a fork of Node takes 3 to 4 ms. */
const workPerTurn = 64;
const scriptWork = 32;

export interface ProbeRunnerOptions {
  readonly maximumConcurrent: number;
  readonly startProbe: StartProbe;
  readonly finished: (probe: number, result: ProbeResult) => void;
}

export class ProbeRunner {
  readonly #options: ProbeRunnerOptions;
  readonly #waiting: Map<number, ProbeRequest> = new Map();
  readonly #running: Map<number, RunningProbe> = new Map();
  #turn: NodeJS.Immediate | undefined;

  constructor(options: ProbeRunnerOptions) {
    this.#options = options;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** `probe` is a number never used before. */
  start(probe: number, request: ProbeRequest): void {
    this.#waiting.set(probe, request);
    this.#planTurn();
  }

  /** No result will come for `probe`. */
  cancel(probe: number): void {
    if (this.#waiting.delete(probe)) return;
    this.#running.get(probe)?.cancel();
    this.#running.delete(probe);
    this.#planTurn();
  }

  #planTurn(): void {
    if (this.#turn !== undefined || this.#waiting.size === 0) return;
    if (this.#running.size >= this.#options.maximumConcurrent) return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.#startSome();
      this.#planTurn();
    });
  }

  #startSome(): void {
    let budget = workPerTurn;
    for (const [probe, request] of this.#waiting) {
      if (budget <= 0 || this.#running.size >= this.#options.maximumConcurrent) return;
      budget -= request.check.kind === "MISC_CHECK" ? scriptWork : 1;
      this.#waiting.delete(probe);
      const finished = (result: ProbeResult): void => this.#finish(probe, result);
      this.#running.set(probe, this.#options.startProbe(request, finished));
    }
  }

  #finish(probe: number, result: ProbeResult): void {
    this.#running.delete(probe);
    this.#planTurn();
    this.#options.finished(probe, result);
  }
}
