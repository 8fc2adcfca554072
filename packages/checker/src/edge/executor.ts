// Carries out the core's actions. Probes, reports and log records go at once; what concerns the kernel
// goes through one queue, in order, so that a reading shows exactly the orders given before it and
// `ready` means that the table is as wanted.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import type { CheckerAction } from "../core/action.js";
import type { CheckerEvent } from "../core/event.js";
import type { IpvsOrder } from "../core/ipvs-table.js";
import type { CheckerPorts } from "./ports.js";

/** Orders handed to the kernel before the event loop gets a turn. */
const ordersPerBatch = 64;

type KernelJob = Exclude<
  CheckerAction,
  { type: "startProbe" | "cancelProbe" | "reportRealServer" | "log" }
>;

export class Executor {
  readonly #ports: CheckerPorts;
  readonly #happened: (event: CheckerEvent) => void;
  #jobs: KernelJob[] = [];
  #isBusy = false;

  constructor(ports: CheckerPorts, happened: (event: CheckerEvent) => void) {
    this.#ports = ports;
    this.#happened = happened;
  }

  carryOut(actions: readonly CheckerAction[]): void {
    for (const action of actions) this.#carryOutOne(action);
    if (!this.#isBusy && this.#jobs.length > 0) void this.#work();
  }

  /** Forgets the kernel's jobs that have not begun; for a stop, which deletes everything anyway. */
  dropJobs(): void {
    this.#jobs = [];
  }

  #carryOutOne(action: CheckerAction): void {
    const { probes, parent } = this.#ports;
    switch (action.type) {
      case "startProbe":
        probes.start(action.probe, action.check);
        return;
      case "cancelProbe":
        probes.cancel(action.probe);
        return;
      case "reportRealServer":
        parent.send({ type: "realServerState", snapshot: action.snapshot });
        return;
      case "log":
        parent.send({ type: "log", record: action.record });
        return;
      case "ipvs":
      case "readIpvsTable":
      case "reportRealServerRemoved":
      case "reportReady":
      case "reportStopped":
        this.#jobs.push(action);
        return;
      default:
        unreachable(action);
    }
  }

  /** One worker at a time. A throw in here is a bug and ends the process. */
  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      if (job.type === "ipvs") await this.#executeBatch();
      else {
        this.#jobs.shift();
        await this.#carryOutJob(job);
      }
    }
    this.#isBusy = false;
  }

  async #executeBatch(): Promise<void> {
    const orders: IpvsOrder[] = [];
    for (const job of this.#jobs) {
      if (job.type !== "ipvs" || orders.length === ordersPerBatch) break;
      orders.push(job.order);
    }
    this.#jobs.splice(0, orders.length);
    const errors = await this.#ports.ipvs.execute(orders);
    orders.forEach((order, i) => {
      const error = errors[i];
      if (error) this.#happened({ type: "ipvsOrderFailed", order, error });
    });
  }

  async #carryOutJob(job: Exclude<KernelJob, { type: "ipvs" }>): Promise<void> {
    const { ipvs, parent } = this.#ports;
    switch (job.type) {
      case "readIpvsTable": {
        const result = await ipvs.read(new Set(job.services));
        if (result.ok) this.#happened({ type: "ipvsTableRead", services: result.services });
        else this.#happened({ type: "ipvsReadFailed", error: result.error });
        return;
      }
      case "reportRealServerRemoved": {
        const { virtualServer, realServer } = job;
        parent.send({ type: "realServerRemoved", virtualServer, realServer });
        return;
      }
      case "reportReady":
        parent.send({ type: "ready", generation: job.generation });
        return;
      case "reportStopped":
        parent.send({ type: "stopped" });
        return;
      default:
        unreachable(job);
    }
  }
}
