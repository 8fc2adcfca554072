// Random lives of a checker: probes end, time passes, reloads come, somebody changes the kernel's
// table, schedulers are missing, servers are drained, DNS changes its mind, the process is killed
// and resumed, and the kernel lags behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  NameAnswer,
  RealServerSnapshot,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { CheckerConfig, RealServerConfig } from "@keepalived-ts/shared-config/schema/config";
import { plainRealServer } from "@keepalived-ts/shared-config/schema/config-empty";
import fc from "fast-check";
import {
  config,
  destination,
  parameters,
  second,
  tcpCheck,
  virtualServer,
} from "../testing/builders.js";
import { FakeKernel } from "../testing/fake-kernel.js";
import { failed, passed, targetOf } from "../testing/harness.js";
import type { CheckerAction } from "./action.js";
import type { CheckerEvent } from "./event.js";
import {
  applyOrder,
  type Destination,
  type IpvsOrder,
  type IpvsTable,
  type ServiceModel,
  serviceText,
} from "./ipvs-table.js";
import { createPool, handle, nextDeadline, type Pool, snapshots } from "./pool.js";
import { serviceKeys } from "./service-keys.js";

type Step =
  | { readonly do: "probe"; readonly pick: number; readonly result: "passed" | "failed" | "notRun" }
  | { readonly do: "wait" }
  | { readonly do: "kernel"; readonly jobs: number }
  | { readonly do: "reload"; readonly config: CheckerConfig }
  | { readonly do: "tamper"; readonly pick: number; readonly how: number; readonly host: number }
  | { readonly do: "scheduler"; readonly isMissing: boolean }
  | { readonly do: "connections"; readonly host: number; readonly count: number }
  | {
      readonly do: "drain";
      readonly service: number;
      readonly host: number;
      readonly isOn: boolean;
    }
  | { readonly do: "answer"; readonly hosts: readonly number[] }
  | { readonly do: "kill"; readonly config: CheckerConfig | null };

const foreign = {
  key: { kind: "address", address: "192.0.2.99", port: 80, protocol: "TCP" } as const,
  parameters: parameters({ scheduler: "lc" }),
  destinations: [destination(77)],
};

/** A process with its parent's memory, the kernel, and the queue between the two. */
class World {
  readonly kernel: FakeKernel = new FakeKernel();
  readonly mirror: Map<string, RealServerSnapshot> = new Map();
  readonly virtualServers: Map<string, VirtualServerSnapshot> = new Map();
  readonly answers: Map<string, NameAnswer> = new Map();
  /** What DNS says of the one name that there is. */
  hosts: readonly number[] = [];
  config: CheckerConfig;
  pool: Pool = createPool({ seed: 1 });
  jobs: CheckerAction[] = [];
  probes: Map<number, string> = new Map();
  /** Orders that the kernel refused, but for the deletion of what is not there. */
  refused: string[] = [];
  warnings: string[] = [];
  generation = 0;
  ready = 0;
  now = 0;

  constructor(first: CheckerConfig) {
    this.config = first;
    this.kernel.services.set(serviceText(foreign.key), foreign);
    this.configure(first, [], []);
  }

  configure(
    next: CheckerConfig,
    resume: readonly RealServerSnapshot[],
    resumeVirtualServers: readonly VirtualServerSnapshot[],
  ): void {
    this.config = next;
    const generation = ++this.generation;
    const resumed = { resume, resumeVirtualServers, trackers: [], isSyncMaster: false };
    const isTakeover = resume.length + resumeVirtualServers.length > 0;
    const answers = isTakeover ? [...this.answers.values()] : [];
    this.feed({ type: "configured", generation, config: next, ...resumed, answers });
  }

  feed(event: CheckerEvent): void {
    const before = copyTable(this.pool.kernel);
    const actions = handle(this.pool, event, this.now);
    const orders = actions.flatMap((action) => (action.type === "ipvs" ? [action.order] : []));
    if (event.type !== "ipvsTableRead") checkSteps(before, orders);
    for (const action of actions) this.#take(action);
  }

  step(step: Step): void {
    switch (step.do) {
      case "probe":
        this.#endProbe(step.pick, step.result);
        return;
      case "wait":
        this.now = Math.max(this.now, nextDeadline(this.pool) ?? this.now);
        this.feed({ type: "deadlineReached" });
        return;
      case "kernel":
        this.work(step.jobs);
        return;
      case "reload":
        this.configure(step.config, [], []);
        return;
      case "tamper":
        this.#tamper(step.pick, step.how, step.host);
        return;
      case "scheduler":
        if (step.isMissing) this.kernel.missingSchedulers.add("wrr");
        else this.kernel.missingSchedulers.clear();
        return;
      case "connections":
        this.kernel.connections?.set(`10.0.0.${step.host}`, step.count);
        return;
      case "drain":
        this.#drain(step.service, step.host, step.isOn);
        return;
      case "answer":
        this.hosts = step.hosts;
        this.#answer();
        return;
      case "kill":
        this.#kill(step.config ?? this.config);
        return;
    }
  }

  /** Lets the kernel carry out `count` jobs of the queue. */
  work(count: number): void {
    for (let i = 0; i < count; i++) {
      const job = this.jobs.shift();
      if (job === undefined) return;
      this.#workOne(job);
    }
  }

  /** No more trouble: time for two comparisons, and a kernel that keeps up. */
  settle(): void {
    this.kernel.missingSchedulers.clear();
    this.#answer();
    const end = this.now + 40 * second;
    while (this.now < end) {
      this.work(Number.POSITIVE_INFINITY);
      this.step({ do: "wait" });
    }
    this.work(Number.POSITIVE_INFINITY);
  }

  /** As the parent does it: it remembers first. */
  #drain(service: number, host: number, isOn: boolean): void {
    const order = {
      virtualServer: `[192.0.2.${service}]:tcp:80`,
      realServer: `[10.0.0.${host}]:tcp:80`,
    };
    const known = this.mirror.get(`${order.virtualServer} ${order.realServer}`);
    if (known === undefined || known.draining !== undefined) return;
    this.mirror.set(`${order.virtualServer} ${order.realServer}`, { ...known, isDrained: isOn });
    this.feed({ type: "drainOrdered", ...order, isOn });
  }

  #answer(): void {
    const addresses = this.hosts.map((host) => `10.0.0.${host}`);
    if (addresses.length === 0) return;
    this.feed({ type: "nameResolved", answer: { name: dnsName, family: 4, addresses } });
  }

  #take(action: CheckerAction): void {
    if (action.type === "startProbe") this.probes.set(action.probe, targetOf(action.request.check));
    else if (action.type === "cancelProbe") this.probes.delete(action.probe);
    else if (action.type !== "log") this.jobs.push(action);
    else if (action.record.level === "warn") this.warnings.push(action.record.text);
  }

  #workOne(job: CheckerAction): void {
    if (job.type === "ipvs") {
      const error = this.kernel.execute(job.order);
      if (error === null) return;
      if (job.order.type !== "deleteService") this.refused.push(`${job.order.type} ${error}`);
      this.feed({ type: "ipvsOrderFailed", order: job.order, error });
    } else if (job.type === "readIpvsTable") {
      this.feed({ type: "ipvsTableRead", services: this.kernel.read(new Set(job.services)) });
    } else if (job.type === "reportRealServer") {
      const { snapshot } = job;
      this.mirror.set(`${snapshot.virtualServer} ${snapshot.realServer}`, snapshot);
    } else if (job.type === "reportRealServerRemoved") {
      this.mirror.delete(`${job.virtualServer} ${job.realServer}`);
    } else if (job.type === "reportVirtualServer") {
      this.virtualServers.set(job.snapshot.virtualServer, job.snapshot);
    } else if (job.type === "reportVirtualServerRemoved") {
      this.virtualServers.delete(job.virtualServer);
    } else if (job.type === "reportName") {
      this.answers.set(job.answer.name, job.answer);
    } else if (job.type === "reportReady") this.ready = job.generation;
  }

  #endProbe(pick: number, outcome: "passed" | "failed" | "notRun"): void {
    const running = [...this.probes.keys()];
    const probe = running[pick % Math.max(running.length, 1)];
    if (probe === undefined) return;
    this.probes.delete(probe);
    const result = outcome === "notRun" ? { outcome, reason: "EMFILE" } : resultOf(outcome);
    this.feed({ type: "probeFinished", probe, result });
  }

  /** Somebody works on one of our services by hand. */
  #tamper(pick: number, how: number, host: number): void {
    const keys = this.config.virtualServers.flatMap(({ key }) => serviceKeys(key, []));
    const key = keys[pick % Math.max(keys.length, 1)];
    if (key === undefined) return;
    const service = this.kernel.services.get(serviceText(key));
    if (service === undefined) return;
    if (how === 0) this.kernel.services.delete(serviceText(key));
    else if (how === 1) service.destinations = [...service.destinations, ...unheld(service, host)];
    else if (how === 2) service.destinations = service.destinations.slice(1);
    else if (how === 3) service.parameters = { ...service.parameters, flags: 8 };
    else service.destinations = service.destinations.map((one) => ({ ...one, weight: 9 }));
  }

  #kill(next: CheckerConfig): void {
    this.pool = createPool({ seed: this.generation });
    this.jobs = [];
    this.probes = new Map();
    this.configure(next, [...this.mirror.values()], [...this.virtualServers.values()]);
  }
}

function resultOf(outcome: "passed" | "failed"): typeof passed | typeof failed {
  return outcome === "passed" ? passed : failed;
}

function unheld(service: { destinations: readonly Destination[] }, host: number): Destination[] {
  const wanted = destination(host);
  return service.destinations.some(({ address }) => address === wanted.address) ? [] : [wanted];
}

function copyTable(table: IpvsTable): IpvsTable {
  return new Map(
    [...table].map(([text, one]) => [text, { ...one, destinations: new Map(one.destinations) }]),
  );
}

function isServing(model: ServiceModel | undefined): boolean {
  return [...(model?.destinations.values() ?? [])].some(({ weight }) => weight > 0);
}

/** No step on the way leaves a service without a live server which has one before and after. */
function checkSteps(before: IpvsTable, orders: readonly IpvsOrder[]): void {
  const after = copyTable(before);
  for (const order of orders) applyOrder(after, order);
  const steady = [...before.keys()].filter(
    (text) => isServing(before.get(text)) && isServing(after.get(text)),
  );
  const between = copyTable(before);
  for (const order of orders) {
    applyOrder(between, order);
    for (const text of steady) assert.ok(isServing(between.get(text)), `${text} stands empty`);
  }
}

/** What the kernel must hold in the end, said without any code of the core. */
function expected(world: World): Map<string, Destination[]> {
  const down = new Set(
    snapshots(world.pool)
      .filter(({ checks }) => checks.includes(false))
      .map((one) => `${one.virtualServer} ${one.realServer}`),
  );
  const drained = new Set(
    snapshots(world.pool)
      .filter(({ isDrained }) => isDrained)
      .map((one) => `${one.virtualServer} ${one.realServer}`),
  );
  return new Map(
    world.config.virtualServers.map((service) => [
      service.name,
      withAnswer(service.realServers, world.hosts)
        .filter(({ address, port }) => !down.has(`${service.name} [${address}]:tcp:${port}`))
        .map(({ address, port, weight: full, forwarding }) => {
          const isDrained = drained.has(`${service.name} [${address}]:tcp:${port}`);
          const weight = isDrained ? 0 : full;
          return { ...destination(1), address, port, weight, forwarding };
        }),
    ]),
  );
}

/** Each host once, as its own block says if it has one. */
function withAnswer(
  realServers: readonly RealServerConfig[],
  hosts: readonly number[],
): readonly RealServerConfig[] {
  const fixed = realServers.filter(({ dnsName: name }) => name === undefined);
  const known = new Set(fixed.map(({ address }) => address));
  const named = realServers.find(({ dnsName: name }) => name !== undefined);
  const addresses = hosts.map((host) => `10.0.0.${host}`).filter((one) => !known.has(one));
  return [
    ...fixed,
    ...(named === undefined ? [] : addresses.map((address) => ({ ...named, address }))),
  ];
}

function held(world: World): Map<string, Destination[]> {
  const own = [...world.kernel.services.values()].filter((one) => one !== foreign);
  return new Map(
    own.map(({ key, destinations }) => {
      assert.ok(key.kind === "address");
      return [`[${key.address}]:tcp:${key.port}`, destinations];
    }),
  );
}

function sorted(table: Map<string, Destination[]>): unknown {
  return [...table]
    .map(([name, list]) => [name, list.map((one) => JSON.stringify(one)).sort()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const dnsName = "web.example.org";
const anyAddress = "0.0.0.0";

/** A server by address, or by the one name. */
function serverOf(host: number | "name", checkPorts: readonly number[]): RealServerConfig {
  const address = host === "name" ? anyAddress : `10.0.0.${host}`;
  const checks = checkPorts.map((connectPort) =>
    tcpCheck({ connectAddress: address, connectPort }),
  );
  return { ...plainRealServer, address, checks, ...(host === "name" ? { dnsName } : {}) };
}

const realServers: fc.Arbitrary<RealServerConfig[]> = fc
  .uniqueArray(
    fc.record({
      host: fc.constantFrom(1, 2, 3, 4, "name" as const),
      weight: fc.constantFrom(0, 1, 2, 50),
      drainTimeoutUs: fc.constantFrom(undefined, 0, 3 * second, 10 * second),
      slowStartUs: fc.constantFrom(undefined, second / 2, 5 * second),
      forwarding: fc.constantFrom("NAT" as const, "DR" as const),
      checkPorts: fc.array(fc.integer({ min: 80, max: 81 }), { maxLength: 2 }),
    }),
    { selector: ({ host }) => host, maxLength: 4 },
  )
  .map((list) =>
    list.map(({ host, checkPorts, ...others }) => ({
      ...serverOf(host, checkPorts),
      ...others,
    })),
  );

const configs: fc.Arbitrary<CheckerConfig> = fc
  .uniqueArray(
    fc.record({
      host: fc.integer({ min: 1, max: 3 }),
      scheduler: fc.constantFrom("rr", "wrr"),
      realServers,
    }),
    { selector: ({ host }) => host, maxLength: 3 },
  )
  .map((list) =>
    config(
      ...list.map((one) => virtualServer(one.host, one.realServers, { scheduler: one.scheduler })),
    ),
  );

const nat = fc.nat({ max: 100 });
const kill: fc.Arbitrary<Step> = fc
  .option(configs)
  .map((next) => ({ do: "kill" as const, config: next }));
const peacefulSteps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("probe" as const),
      pick: nat,
      result: fc.constantFrom("passed" as const, "failed" as const, "notRun" as const),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ do: "wait" } as const) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("kernel" as const), jobs: fc.nat({ max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reload" as const), config: configs }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("connections" as const),
      host: fc.integer({ min: 1, max: 4 }),
      count: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("drain" as const),
      service: fc.integer({ min: 1, max: 3 }),
      host: fc.integer({ min: 1, max: 4 }),
      isOn: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      hosts: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: kill },
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: peacefulSteps },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("tamper" as const),
      pick: nat,
      how: fc.nat({ max: 4 }),
      host: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("scheduler" as const), isMissing: fc.boolean() }),
  },
);

test("after any life the kernel holds what is wanted, others' services are as they were", () => {
  fc.assert(
    fc.property(configs, fc.array(steps, { maxLength: 80, size: "max" }), (first, life) => {
      const world = new World(first);
      const untouched = structuredClone(foreign);
      for (const step of life) world.step(step);
      world.settle();
      assert.deepEqual(sorted(held(world)), sorted(expected(world)));
      assert.deepEqual(world.kernel.services.get(serviceText(foreign.key)), untouched);
      assert.equal(world.ready, world.generation, "every configuration becomes ready");
      assert.equal(world.pool.orphans.size, 0);
    }),
    { numRuns: 3_000 },
  );
});

test("while nobody else touches the table, no order is refused and no repair is told", () => {
  fc.assert(
    fc.property(configs, fc.array(peacefulSteps, { maxLength: 80, size: "max" }), (first, life) => {
      const world = new World(first);
      for (const step of life) world.step(step);
      world.settle();
      assert.deepEqual(world.refused, []);
      assert.deepEqual(
        world.warnings.filter((text) => text.includes("repairing")),
        [],
      );
    }),
    { numRuns: 1_000 },
  );
});

test("after any life a stop leaves only others' services in the kernel", () => {
  fc.assert(
    fc.property(configs, fc.array(steps, { maxLength: 40, size: "max" }), (first, life) => {
      const world = new World(first);
      for (const step of life) world.step(step);
      world.jobs = [];
      world.feed({ type: "stopRequested" });
      world.work(Number.POSITIVE_INFINITY);
      assert.deepEqual([...world.kernel.services.keys()], [serviceText(foreign.key)]);
      assert.equal(world.probes.size, 0);
    }),
    { numRuns: 1_000 },
  );
});
