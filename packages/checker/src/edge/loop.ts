// The one place where events meet the core: event in, actions out to the executor, the clock's
// timer armed for the core's next deadline. The clock, not the timer, says what is due.

import type { CheckerAction } from "../core/action.js";
import type { CheckerEvent } from "../core/event.js";
import { serviceText } from "../core/ipvs-table.js";
import { createPool, handle, nextDeadline, type Pool } from "../core/pool.js";
import { ownedServices } from "../core/view.js";
import { Executor } from "./executor.js";
import type { CheckerPorts } from "./ports.js";

const servicesPerMessage = 50;

/**
 * Where many are due, deadlines wait for the next multiple of this, so that probes of a thousand
 * servers go a few at a time: each turn of the event loop costs more than a probe's share of it.
 */
const gridUs = 5_000;
/** More probes in a second are many. */
const busyProbes = 150;
const secondUs = 1_000_000;

export class CheckerLoop {
  readonly #ports: CheckerPorts;
  readonly #pool: Pool;
  readonly #executor: Executor;
  #armedAt: number | undefined;
  #secondFrom = Number.NEGATIVE_INFINITY;
  #probes = 0;
  #isBusy = false;
  #isReporting = false;

  constructor(options: { readonly seed: number }, ports: CheckerPorts) {
    this.#ports = ports;
    this.#pool = createPool(options);
    this.#executor = new Executor(ports, (event) => this.dispatch(event));
  }

  dispatch(event: CheckerEvent): void {
    // A second one orders nothing in place of what it would drop.
    const isStop = event.type === "stopRequested" && !this.#pool.isStopping;
    if (isStop) this.#executor.dropJobs();
    const now = this.#ports.clock.now();
    const actions = handle(this.#pool, event, now);
    this.#countProbes(actions, now);
    this.#executor.carryOut(actions);
    this.#arm();
  }

  /** To be called when the clock's timer expires. */
  timerExpired(): void {
    const armedAt = this.#armedAt;
    this.#armedAt = undefined;
    const at = nextDeadline(this.#pool);
    const now = this.#ports.clock.now();
    if (at !== undefined && at <= now) {
      this.#ports.clock.late(Math.max(now - (armedAt ?? at), 0));
      this.dispatch({ type: "deadlineReached" });
    } else this.#arm();
  }

  /** Tells the parent what the kernel has counted; a second question meanwhile adds nothing. */
  async reportStatistics(): Promise<void> {
    if (this.#isReporting) return;
    this.#isReporting = true;
    const services = ownedServices(this.#pool);
    const keys = [...services.values()].map(({ key }) => key);
    const found = await this.#ports.ipvs.statistics(keys);
    this.#isReporting = false;
    const told = found.map(({ key, traffic, destinations }) => ({
      virtualServers: services.get(serviceText(key))?.virtualServers ?? [],
      traffic,
      destinations,
    }));
    for (let from = 0; from === 0 || from < told.length; from += servicesPerMessage) {
      const portion = told.slice(from, from + servicesPerMessage);
      const isLast = from + servicesPerMessage >= told.length;
      const probeDurations = Object.fromEntries(this.#pool.probeDurations);
      this.#ports.parent.send({ type: "statistics", services: portion, probeDurations, isLast });
    }
  }

  #countProbes(actions: readonly CheckerAction[], now: number): void {
    if (now - this.#secondFrom >= secondUs) {
      this.#isBusy = this.#probes > busyProbes;
      this.#probes = 0;
      this.#secondFrom = now;
    }
    for (const { type } of actions) if (type === "startProbe") this.#probes += 1;
  }

  #arm(): void {
    const next = nextDeadline(this.#pool);
    const grainUs = this.#isBusy ? gridUs : 1;
    const at = next === undefined ? undefined : Math.ceil(next / grainUs) * grainUs;
    if (at === this.#armedAt) return;
    this.#armedAt = at;
    if (at === undefined) this.#ports.clock.disarm();
    else this.#ports.clock.armAt(at);
  }
}
