// The loop and the executor with a scripted kernel, clock and parent.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FromChecker } from "@keepalived-ts/shared-config/ipc/messages";
import type { ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeRequest } from "../core/action.js";
import type { IpvsControl } from "../core/ipvs-control.js";
import type { IpvsOrder } from "../core/ipvs-table.js";
import { config, realServer, second, virtualServer } from "../testing/builders.js";
import { FakeKernel } from "../testing/fake-kernel.js";
import { failed } from "../testing/harness.js";
import { CheckerLoop } from "./loop.js";
import type { IpvsReadResult, ServiceStatistics } from "./ports.js";

/** Answers only when the test lets it: the kernel is slow. */
class SlowKernel {
  readonly kernel: FakeKernel = new FakeKernel();
  readonly batches: number[] = [];
  readonly controls: string[] = [];
  #waiting: (() => void)[] = [];

  async read(services: ReadonlySet<string>): Promise<IpvsReadResult> {
    await this.#turn();
    return { ok: true, services: this.kernel.read(services) };
  }

  async execute(orders: readonly IpvsOrder[]): Promise<(string | null)[]> {
    await this.#turn();
    this.batches.push(orders.length);
    return orders.map((order) => this.kernel.execute(order));
  }

  async statistics(services: readonly ServiceKey[]): Promise<ServiceStatistics[]> {
    await this.#turn();
    const traffic = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    return services.map((key) => ({ key, traffic, destinations: [] }));
  }

  async control(control: IpvsControl): Promise<string | null> {
    await this.#turn();
    this.controls.push(control.type);
    return control.type === "stopDaemon" ? "ESRCH" : null;
  }

  /** Lets everything asked so far, and all that follows from it, be done. */
  async finishAll(): Promise<void> {
    for (let go = this.#waiting.shift(); go !== undefined; go = this.#waiting.shift()) {
      go();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

class Bench {
  readonly ipvs: SlowKernel = new SlowKernel();
  readonly messages: FromChecker[] = [];
  readonly probes: Map<number, ProbeRequest> = new Map();
  readonly loop: CheckerLoop;
  now = 0;
  armedAt: number | undefined;
  readonly lateness: number[] = [];

  constructor() {
    const clock = {
      now: () => this.now,
      armAt: (atUs: number) => {
        this.armedAt = atUs;
      },
      disarm: () => {
        this.armedAt = undefined;
      },
      late: (lateUs: number) => void this.lateness.push(lateUs),
    };
    const probes = {
      start: (probe: number, request: ProbeRequest) => void this.probes.set(probe, request),
      cancel: (probe: number) => void this.probes.delete(probe),
    };
    const addresses = { watch: () => undefined };
    const names = { watch: () => undefined };
    const parent = { send: (message: FromChecker) => void this.messages.push(message) };
    this.loop = new CheckerLoop(
      { seed: 3 },
      {
        clock,
        ipvs: this.ipvs,
        marks: { mark: async () => null },
        addresses,
        names,
        probes,
        parent,
      },
    );
  }

  configure(count: number): void {
    const servers = Array.from({ length: count }, (_, i) =>
      realServer(1, { address: `10.0.${i >> 8}.${i & 255}` }),
    );
    const next = config(virtualServer(1, servers));
    const past = { resume: [], resumeVirtualServers: [], trackers: [] };
    const resumed = { ...past, isSyncMaster: false };
    this.loop.dispatch({ type: "configured", generation: 1, config: next, ...resumed });
  }

  /** The timer's instant comes. */
  expire(): void {
    assert.ok(this.armedAt !== undefined);
    this.now = this.armedAt;
    this.loop.timerExpired();
  }

  types(): string[] {
    return this.messages.flatMap(({ type }) => (type === "log" ? [] : [type]));
  }
}

test("ready is told after the table is as wanted, not before", async () => {
  const bench = new Bench();
  bench.configure(2);
  assert.ok(!bench.types().includes("ready"));
  await bench.ipvs.finishAll();
  assert.equal(bench.types().at(-1), "ready");
  assert.equal(bench.ipvs.kernel.services.size, 1);
});

test("orders go to the kernel in batches of 64 at most", async () => {
  const bench = new Bench();
  bench.configure(199);
  await bench.ipvs.finishAll();
  assert.deepEqual(bench.ipvs.batches, [64, 64, 64, 8]);
});

test("the timer is armed for the next deadline and re-armed when it fires early", async () => {
  const bench = new Bench();
  bench.configure(1);
  await bench.ipvs.finishAll();
  const at = bench.armedAt;
  assert.ok(at !== undefined && at <= 10 * second);
  bench.now = at - 5_000;
  bench.loop.timerExpired();
  assert.equal(bench.probes.size, 0);
  assert.equal(bench.armedAt, at);
  bench.expire();
  assert.equal(bench.probes.size, 1);
});

/** Times of the turns that started probes, after the first second. */
async function turnsFor(bench: Bench, servers: number): Promise<number[]> {
  bench.configure(servers);
  await bench.ipvs.finishAll();
  const from = bench.now + 1.1 * second;
  const turns: number[] = [];
  while (bench.probes.size < servers) {
    const before = bench.probes.size;
    bench.expire();
    if (bench.probes.size > before && bench.now > from) turns.push(bench.now);
  }
  return turns;
}

test("of few probes none waits for another", async () => {
  const bench = new Bench();
  const turns = await turnsFor(bench, 1_000);
  assert.ok(turns.length > 800, `${turns.length} turns`);
  assert.ok(turns.some((at) => at % 5_000 !== 0));
});

test("of many probes those that are due within the same 5 ms are started together", async () => {
  const bench = new Bench();
  const turns = await turnsFor(bench, 2_500);
  assert.ok(turns.length <= 1_801, `${turns.length} turns for nine seconds of warm-up`);
  assert.ok(turns.every((at) => at % 5_000 === 0));
  assert.deepEqual(
    bench.lateness.filter((lateUs) => lateUs > 0),
    [],
    "waiting for the others is no lateness",
  );
});

test("a stop forgets what waits for the kernel, withdraws and then says stopped", async () => {
  const bench = new Bench();
  bench.configure(500);
  await bench.ipvs.finishAll();
  while (bench.probes.size < 500) bench.expire();
  for (const probe of [...bench.probes.keys()]) {
    bench.loop.dispatch({ type: "probeFinished", probe, result: failed });
  }
  const before = bench.ipvs.kernel.orders.length;
  bench.loop.dispatch({ type: "stopRequested" });
  await bench.ipvs.finishAll();
  assert.equal(bench.types().at(-1), "stopped");
  assert.equal(bench.ipvs.kernel.services.size, 0);
  const late = bench.ipvs.kernel.orders.length - before;
  assert.ok(late <= 65, `${late} orders after the stop: one batch under way and the deletion`);
  assert.equal(bench.armedAt, undefined);
});

test("a second order to stop drops nothing of what the first one withdraws", async () => {
  const bench = new Bench();
  bench.configure(500);
  await bench.ipvs.finishAll();
  bench.loop.dispatch({ type: "stopRequested" });
  bench.loop.dispatch({ type: "stopRequested" });
  await bench.ipvs.finishAll();
  assert.equal(bench.types().at(-1), "stopped");
  assert.equal(bench.ipvs.kernel.services.size, 0);
});

test("a refusal of the kernel comes back to the core and is told to the parent", async () => {
  const bench = new Bench();
  bench.ipvs.kernel.missingSchedulers.add("rr");
  bench.configure(1);
  await bench.ipvs.finishAll();
  const errors = bench.messages.flatMap((message) =>
    message.type === "log" && message.record.level === "error" ? [message.record.text] : [],
  );
  assert.match(errors[0] ?? "", /^Cannot add VS \[192\.0\.2\.1\]:tcp:80 to IPVS: ENOENT/);
  assert.ok(bench.types().includes("ready"));
});

test("reportStatistics() tells whose each service is, one question at a time", async () => {
  const bench = new Bench();
  bench.configure(2);
  await bench.ipvs.finishAll();
  bench.messages.length = 0;
  const both = Promise.all([bench.loop.reportStatistics(), bench.loop.reportStatistics()]);
  await bench.ipvs.finishAll();
  await both;
  const told = bench.messages.filter(({ type }) => type === "statistics");
  assert.equal(told.length, 1);
  assert.deepEqual(told[0], {
    type: "statistics",
    services: [
      {
        virtualServers: [virtualServer(1, []).name],
        traffic: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        destinations: [],
      },
    ],
    probeDurations: {},
    isLast: true,
  });
});
