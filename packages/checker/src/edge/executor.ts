// Carries out the core's actions. Probes and log records go at once; kernel work and reports go
// through one queue, in order, so that a reading shows exactly the orders given before it, a report
// comes after what it tells, and `ready` means that the table is as wanted.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import type { CheckerAction } from "../core/action.js";
import type { CheckerEvent } from "../core/event.js";
import type { IpvsControl } from "../core/ipvs-control.js";
import type { IpvsOrder } from "../core/ipvs-table.js";
import type { CheckerPorts } from "./ports.js";

/** Orders handed to the kernel before the event loop gets a turn. */
const ordersPerBatch = 64;

type Job = Exclude<
  CheckerAction,
  { type: "startProbe" | "cancelProbe" | "log" | "watchAddresses" | "watchNames" }
>;

export class Executor {
  readonly #ports: CheckerPorts;
  readonly #happened: (event: CheckerEvent) => void;
  #jobs: Job[] = [];
  /** The first job of #jobs that has not begun: shifting a long array would cost its length. */
  #next = 0;
  #isBusy = false;

  constructor(ports: CheckerPorts, happened: (event: CheckerEvent) => void) {
    this.#ports = ports;
    this.#happened = happened;
  }

  carryOut(actions: readonly CheckerAction[]): void {
    for (const action of actions) this.#carryOutOne(action);
    if (!this.#isBusy && this.#jobs.length > 0) void this.#work();
  }

  /** Forgets the jobs that have not begun; for a stop, which deletes everything anyway. */
  dropJobs(): void {
    this.#jobs = [];
    this.#next = 0;
  }

  #carryOutOne(action: CheckerAction): void {
    const { probes, parent } = this.#ports;
    switch (action.type) {
      case "startProbe":
        probes.start(action.probe, action.request);
        return;
      case "cancelProbe":
        probes.cancel(action.probe);
        return;
      case "watchAddresses":
        this.#ports.addresses.watch();
        return;
      case "watchNames":
        this.#ports.names.watch(action.names);
        return;
      case "log":
        parent.send({ type: "log", record: action.record });
        return;
      default:
        this.#jobs.push(action);
    }
  }

  /** One worker at a time. A throw in here is a bug and ends the process. */
  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let job = this.#jobs[this.#next]; job !== undefined; job = this.#jobs[this.#next]) {
      if (job.type === "ipvs") await this.#executeBatch();
      else {
        this.#next++;
        if (job.type === "readIpvsTable") await this.#read(job.services);
        else if (job.type === "controlIpvs") await this.#control(job.control);
        else this.#report(job);
      }
    }
    this.dropJobs();
    this.#isBusy = false;
  }

  async #executeBatch(): Promise<void> {
    const orders: IpvsOrder[] = [];
    while (orders.length < ordersPerBatch) {
      const job = this.#jobs[this.#next];
      if (job?.type !== "ipvs") break;
      orders.push(job.order);
      this.#next++;
    }
    const errors = await this.#ports.ipvs.execute(orders);
    orders.forEach((order, i) => {
      const error = errors[i];
      if (error) this.#happened({ type: "ipvsOrderFailed", order, error });
    });
  }

  async #read(services: readonly string[]): Promise<void> {
    const result = await this.#ports.ipvs.read(new Set(services));
    if (result.ok) this.#happened({ type: "ipvsTableRead", services: result.services });
    else this.#happened({ type: "ipvsReadFailed", error: result.error });
  }

  async #control(control: IpvsControl): Promise<void> {
    const error = await this.#ports.ipvs.control(control);
    if (error !== null) this.#happened({ type: "ipvsControlFailed", control, error });
  }

  #report(job: Exclude<Job, { type: "ipvs" | "readIpvsTable" | "controlIpvs" }>): void {
    const { parent } = this.#ports;
    switch (job.type) {
      case "reportRealServer":
        parent.send({ type: "realServerState", snapshot: job.snapshot, notice: job.notice });
        return;
      case "reportName":
        parent.send({ type: "nameResolved", ...job.answer });
        return;
      case "reportRealServerRemoved": {
        const { virtualServer, realServer } = job;
        parent.send({ type: "realServerRemoved", virtualServer, realServer });
        return;
      }
      case "reportVirtualServer":
        parent.send({ type: "virtualServerState", snapshot: job.snapshot, notice: job.notice });
        return;
      case "reportVirtualServerRemoved": {
        const { virtualServer, key } = job;
        parent.send({ type: "virtualServerRemoved", virtualServer, key });
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
