// For tests only: a pool with a fake kernel and a clock of the test's, run in step: every action is
// carried out at once, as the edge does it when the kernel is quick.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type {
  CheckerNotice,
  RealServerSnapshot,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { CheckerConfig } from "@keepalived-ts/shared-config/schema/config";
import type { CheckerAction, ProbeRequest } from "../core/action.js";
import type { CheckerEvent, ProbeResult } from "../core/event.js";
import type { IpvsControl } from "../core/ipvs-control.js";
import { createPool, handle, nextDeadline, type Pool } from "../core/pool.js";
import { FakeKernel } from "./fake-kernel.js";

export const passed: ProbeResult = { outcome: "passed" };
export const failed: ProbeResult = { outcome: "failed", reason: "ECONNREFUSED" };

export class Harness {
  readonly pool: Pool = createPool({ seed: 7 });
  readonly kernel: FakeKernel = new FakeKernel();
  readonly probes: Map<number, ProbeRequest> = new Map();
  /** Everything but probes and kernel work, in order. */
  told: CheckerAction[] = [];
  readonly controls: IpvsControl[] = [];
  generation = 0;
  now = 0;

  configure(
    config: CheckerConfig,
    resume: readonly RealServerSnapshot[] = [],
    resumeVirtualServers: readonly VirtualServerSnapshot[] = [],
  ): void {
    const generation = ++this.generation;
    const resumed = { resume, resumeVirtualServers, isSyncMaster: false };
    this.feed({ type: "configured", generation, config, ...resumed });
  }

  feed(event: CheckerEvent): void {
    const events: CheckerEvent[] = [event];
    for (let next = events.shift(); next !== undefined; next = events.shift()) {
      for (const action of handle(this.pool, next, this.now)) {
        const answer = this.#carryOut(action);
        if (answer !== undefined) events.push(answer);
      }
    }
  }

  /** Goes to the next deadline and lets it pass. */
  step(): void {
    this.now = Math.max(this.now, nextDeadline(this.pool) ?? this.now);
    this.feed({ type: "deadlineReached" });
  }

  advance(durationUs: number): void {
    const end = this.now + durationUs;
    for (let at = nextDeadline(this.pool); at !== undefined && at <= end; ) {
      this.step();
      at = nextDeadline(this.pool);
    }
    this.now = end;
  }

  /** Ends the running probe of the server at `address`; false = none is running. */
  finish(address: string, result: ProbeResult): boolean {
    const found = [...this.probes].find(([, { check }]) => targetOf(check) === address);
    if (found === undefined) return false;
    this.probes.delete(found[0]);
    this.feed({ type: "probeFinished", probe: found[0], result });
    return true;
  }

  /** Lets time pass until the server's probe is running, then ends it. */
  probe(address: string, result: ProbeResult): void {
    while (!this.finish(address, result)) this.step();
  }

  logs(): string[] {
    return this.records().map(({ text }) => text);
  }

  records(): LogRecord[] {
    return this.told.flatMap((action) => (action.type === "log" ? [action.record] : []));
  }

  /** What scripts, FIFOs and mail are to be told. */
  notices(): CheckerNotice[] {
    return this.told.flatMap((action) =>
      "notice" in action && action.notice !== null ? [action.notice] : [],
    );
  }

  /** Addresses in the kernel's service at 192.0.2.`host`. */
  addresses(host: number): string[] {
    const service = this.kernel.services.get(`TCP 192.0.2.${host} 80`);
    return service?.destinations.map(({ address }) => address) ?? [];
  }

  #carryOut(action: CheckerAction): CheckerEvent | undefined {
    switch (action.type) {
      case "startProbe":
        this.probes.set(action.probe, action.request);
        return undefined;
      case "cancelProbe":
        this.probes.delete(action.probe);
        return undefined;
      case "ipvs": {
        const { order } = action;
        const error = this.kernel.execute(order);
        return error === null ? undefined : { type: "ipvsOrderFailed", order, error };
      }
      case "readIpvsTable":
        return { type: "ipvsTableRead", services: this.kernel.read(new Set(action.services)) };
      case "controlIpvs":
        this.controls.push(action.control);
        if (action.control.type === "flush") this.kernel.services.clear();
        return undefined;
      default:
        this.told.push(action);
        return undefined;
    }
  }
}

/** Where a check goes, whatever its kind; scripts have no address. */
export function targetOf(check: ProbeRequest["check"]): string {
  return "connectAddress" in check ? check.connectAddress : "";
}
