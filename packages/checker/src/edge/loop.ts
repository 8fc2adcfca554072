// The one place where events meet the core: event in, actions out to the executor, the clock's
// timer armed for the core's next deadline. The clock, not the timer, says what is due.

import type { CheckerEvent } from "../core/event.js";
import { createPool, handle, nextDeadline, type Pool } from "../core/pool.js";
import { Executor } from "./executor.js";
import type { CheckerPorts } from "./ports.js";

export class CheckerLoop {
  readonly #ports: CheckerPorts;
  readonly #pool: Pool;
  readonly #executor: Executor;
  #armedAt: number | undefined;

  constructor(options: { readonly seed: number }, ports: CheckerPorts) {
    this.#ports = ports;
    this.#pool = createPool(options);
    this.#executor = new Executor(ports, (event) => this.dispatch(event));
  }

  dispatch(event: CheckerEvent): void {
    if (event.type === "stopRequested") this.#executor.dropJobs();
    this.#executor.carryOut(handle(this.#pool, event, this.#ports.clock.now()));
    this.#arm();
  }

  /** To be called when the clock's timer expires. */
  timerExpired(): void {
    this.#armedAt = undefined;
    const at = nextDeadline(this.#pool);
    const now = this.#ports.clock.now();
    if (at !== undefined && at <= now) {
      this.#ports.clock.late(now - at);
      this.dispatch({ type: "deadlineReached" });
    } else this.#arm();
  }

  #arm(): void {
    const at = nextDeadline(this.#pool);
    if (at === this.#armedAt) return;
    this.#armedAt = at;
    if (at === undefined) this.#ports.clock.disarm();
    else this.#ports.clock.armAt(at);
  }
}
