// Carries out the core's actions. Probes and log records go at once; kernel work and reports go
// through one queue, in order, so that a reading shows exactly the orders given before it, a report
// comes after what it tells, and `ready` means that the table is as wanted.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import type { CheckerAction } from "../core/action.js";
import type { CheckerEvent } from "../core/event.js";
import type { MarksOrder } from "../core/group-marks.js";
import type { IpvsControl } from "../core/ipvs-control.js";
import type { IpvsOrder } from "../core/ipvs-table.js";
import type { CheckerPorts } from "./ports.js";

/** Orders handed to the kernel before the event loop gets a turn. */
const ordersPerBatch = 64;

type Job = Exclude<
  CheckerAction,
  { type: "startProbe" | "cancelProbe" | "log" | "watchAddresses" | "watchNames" }
>;

type WorkType = "ipvs" | "readIpvsTable" | "controlIpvs" | "markGroups";

/** Nothing to take away, then. */
const isWithout: ReadonlySet<string> = new Set(["EOPNOTSUPP", "EPROTONOSUPPORT"]);

const advice: Readonly<Record<string, string | undefined>> = {
  EPROTONOSUPPORT: "this kernel has no nftables: load its module, nf_tables",
  EOPNOTSUPP: "this kernel has no nftables, or no maps of ranges (Linux 5.6)",
  EINVAL: "this kernel has no nftables, or no maps of ranges (Linux 5.6)",
  EPERM: "needs CAP_NET_ADMIN",
  EEXIST: "two virtual servers have an address, port and protocol in common",
};

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
        else if (job.type === "markGroups") await this.#mark(job.order);
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

  /** The services are there all the same; a reload that changes the groups tries again. */
  async #mark(order: MarksOrder): Promise<void> {
    const errno = await this.#ports.marks.mark(order);
    if (errno === null || (order.marked.length === 0 && isWithout.has(errno))) return;
    const reason = advice[errno] === undefined ? errno : `${errno}, ${advice[errno]}`;
    const what = `Cannot mark virtual server groups in nftables table ${order.table}: ${reason}`;
    const text = `${what}; what is addressed to them does not reach IPVS (nftables_ipvs)`;
    this.#ports.parent.send({ type: "log", record: { level: "error", text } });
  }

  #report(job: Exclude<Job, { type: WorkType }>): void {
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
