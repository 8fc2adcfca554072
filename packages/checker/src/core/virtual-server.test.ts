// A virtual server as a whole: quorum and sorry server, servers that stay with weight 0, alpha,
// groups of services, and what the world is told of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  RealServerConfig,
  SorryServerConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import fc from "fast-check";
import {
  config,
  destination,
  parameters,
  realServer,
  second,
  tcpCheck,
  virtualServer,
} from "../testing/builders.js";
import { isServing } from "../testing/fake-kernel.js";
import { failed, Harness, passed } from "../testing/harness.js";
import type { CheckerAction } from "./action.js";
import type { Destination } from "./ipvs-table.js";
import { createPool, handle, nextDeadline, snapshots, virtualServerSnapshots } from "./pool.js";

const service = "TCP 192.0.2.1 80";
const sorryServer: SorryServerConfig = {
  address: "10.0.0.99",
  port: 80,
  forwarding: "NAT",
  inhibit: false,
};

function farm(count: number, changes: Partial<VirtualServerConfig> = {}): VirtualServerConfig {
  const servers = Array.from({ length: count }, (_, i) => realServer(i + 1));
  return virtualServer(1, servers, changes);
}

function running(...servers: VirtualServerConfig[]): Harness {
  const harness = new Harness();
  harness.configure(config(...servers));
  harness.told = [];
  return harness;
}

/** `10.0.0.1 w1` for each destination of the service, sorted. */
function table({ kernel }: Harness, text = service): string[] {
  const destinations = kernel.services.get(text)?.destinations ?? [];
  return destinations.map(({ address, weight }) => `${address} w${weight}`).sort();
}

function fifo(harness: Harness): string[] {
  return harness.notices().map(({ fifoLine }) => fifoLine);
}

test("losing the quorum brings the sorry server in and takes the live servers out", () => {
  const harness = running(farm(3, { quorum: 2, sorryServer }));
  harness.probe("10.0.0.1", failed);
  assert.deepEqual(table(harness), ["10.0.0.2 w1", "10.0.0.3 w1"]);
  harness.told = [];
  harness.probe("10.0.0.2", failed);
  assert.deepEqual(table(harness), ["10.0.0.99 w1"]);
  assert.deepEqual(harness.logs().slice(-4), [
    "Removing service [10.0.0.2]:tcp:80 from VS [192.0.2.1]:tcp:80",
    "Lost quorum 2-0=2 > 1 for VS [192.0.2.1]:tcp:80",
    "Adding sorry server [10.0.0.99]:tcp:80 to VS [192.0.2.1]:tcp:80",
    "Removing alive servers from the pool for VS [192.0.2.1]:tcp:80",
  ]);
  assert.deepEqual(
    harness.notices().map(({ fifoLine, mailText }) => [fifoLine, mailText]),
    [
      ["RS [10.0.0.2]:tcp:80 [192.0.2.1]:tcp:80 DOWN", "TCP CHECK failed on service"],
      ["VS [192.0.2.1]:tcp:80 DOWN", "Lost quorum 2-0=2 > 1"],
    ],
  );
  harness.told = [];
  harness.probe("10.0.0.2", passed);
  assert.deepEqual(table(harness), ["10.0.0.2 w1", "10.0.0.3 w1"]);
  assert.deepEqual(harness.logs().slice(-4), [
    "Adding service [10.0.0.2]:tcp:80 to VS [192.0.2.1]:tcp:80",
    "Gained quorum 2+0=2 <= 2 for VS [192.0.2.1]:tcp:80",
    "Removing sorry server [10.0.0.99]:tcp:80 from VS [192.0.2.1]:tcp:80",
    "Adding alive servers to the pool for VS [192.0.2.1]:tcp:80",
  ]);
});

test("without a sorry server a lost quorum is only told", () => {
  const harness = running(farm(3, { quorum: 3 }));
  harness.probe("10.0.0.1", failed);
  assert.deepEqual(table(harness), ["10.0.0.2 w1", "10.0.0.3 w1"]);
  assert.deepEqual(fifo(harness), [
    "RS [10.0.0.1]:tcp:80 [192.0.2.1]:tcp:80 DOWN",
    "VS [192.0.2.1]:tcp:80 DOWN",
  ]);
});

test("hysteresis: the quorum is lost below the band and gained above it", () => {
  const harness = running(farm(4, { quorum: 3, hysteresis: 1, sorryServer }));
  for (const host of [1, 2]) harness.probe(`10.0.0.${host}`, failed);
  assert.ok(!table(harness).includes("10.0.0.99 w1"), "2 of 4 is within the band");
  harness.probe("10.0.0.3", failed);
  assert.deepEqual(table(harness), ["10.0.0.99 w1"]);
  for (const host of [1, 2]) harness.probe(`10.0.0.${host}`, passed);
  assert.deepEqual(table(harness), ["10.0.0.99 w1"], "3 of 4 is within the band");
  harness.probe("10.0.0.3", passed);
  assert.equal(table(harness).length, 4);
});

test("inhibit: servers and sorry server stay in the table with weight 0", () => {
  const servers = [1, 2].map((host) => realServer(host, { inhibitOnFailure: true }));
  const sorry = { ...sorryServer, inhibit: true };
  const harness = running(virtualServer(1, servers, { sorryServer: sorry }));
  assert.deepEqual(table(harness), ["10.0.0.1 w1", "10.0.0.2 w1", "10.0.0.99 w0"]);
  harness.probe("10.0.0.1", failed);
  assert.deepEqual(table(harness), ["10.0.0.1 w0", "10.0.0.2 w1", "10.0.0.99 w0"]);
  harness.probe("10.0.0.2", failed);
  assert.deepEqual(table(harness), ["10.0.0.1 w0", "10.0.0.2 w0", "10.0.0.99 w1"]);
  assert.ok(
    harness.logs().includes("Disabling service [10.0.0.2]:tcp:80 of VS [192.0.2.1]:tcp:80"),
  );
  const enabling = "Enabling sorry server [10.0.0.99]:tcp:80 to VS [192.0.2.1]:tcp:80";
  assert.ok(harness.logs().includes(enabling));
  harness.probe("10.0.0.2", passed);
  assert.deepEqual(table(harness), ["10.0.0.1 w0", "10.0.0.2 w1", "10.0.0.99 w0"]);
});

test("a sorry server that is a real server too serves for the others", () => {
  const harness = running(
    farm(2, { quorum: 2, sorryServer: { ...sorryServer, address: "10.0.0.1" } }),
  );
  assert.deepEqual(table(harness), ["10.0.0.1 w1", "10.0.0.2 w1"]);
  harness.probe("10.0.0.1", failed);
  assert.deepEqual(table(harness), ["10.0.0.1 w1"], "as the sorry server");
  harness.probe("10.0.0.1", passed);
  assert.deepEqual(table(harness), ["10.0.0.1 w1", "10.0.0.2 w1"]);
});

test("alpha: a server comes in with its first success, the quorum with it", () => {
  const alpha = (host: number): RealServerConfig => {
    const connectAddress = `10.0.0.${host}`;
    return realServer(host, { checks: [tcpCheck({ connectAddress, alpha: true })] });
  };
  const harness = new Harness();
  harness.configure(config(virtualServer(1, [alpha(1), alpha(2)], { sorryServer })));
  assert.deepEqual(table(harness), ["10.0.0.99 w1"]);
  assert.ok(
    harness.logs().includes("Starting with quorum down 1-0=1 > 0 for VS [192.0.2.1]:tcp:80"),
  );
  harness.told = [];
  harness.probe("10.0.0.1", failed);
  assert.deepEqual(harness.notices(), [
    {
      ...{ state: "DOWN", mailText: null, isStopping: false },
      fifoLine: "RS [10.0.0.1]:tcp:80 [192.0.2.1]:tcp:80 DOWN",
    },
  ]);
  harness.told = [];
  harness.probe("10.0.0.2", passed);
  assert.deepEqual(table(harness), ["10.0.0.2 w1"]);
  assert.deepEqual(fifo(harness), [
    "RS [10.0.0.2]:tcp:80 [192.0.2.1]:tcp:80 UP",
    "VS [192.0.2.1]:tcp:80 UP",
  ]);
});

test("what happens before the first table is told when it is as wanted, all of it in order", () => {
  const pool = createPool({ seed: 7 });
  const checks = [tcpCheck({ connectAddress: "10.0.0.1", alpha: true })];
  const one = virtualServer(1, [realServer(1, { checks })], { sorryServer });
  const resumed = { resume: [], resumeVirtualServers: [], trackers: [], isSyncMaster: false };
  const all = handle(
    pool,
    { type: "configured", generation: 1, config: config(one), ...resumed },
    0,
  );
  const now = nextDeadline(pool) ?? 0;
  for (const action of handle(pool, { type: "deadlineReached" }, now)) {
    if (action.type !== "startProbe") continue;
    all.push(...handle(pool, { type: "probeFinished", probe: action.probe, result: passed }, now));
  }
  const lines = (actions: readonly CheckerAction[]): string[] =>
    actions.flatMap((action) => ("notice" in action ? (action.notice?.fifoLine ?? []) : []));
  assert.deepEqual(lines(all), []);
  const read = handle(pool, { type: "ipvsTableRead", services: [] }, now);
  const told = lines(read);
  assert.deepEqual(
    told.map((line) => line.replace(/ \[.*\]:tcp:80/, "")),
    ["VS DOWN", "RS UP", "VS UP"],
  );
  const firstTold = read.findIndex((action) => "notice" in action && action.notice !== null);
  assert.ok(read.findLastIndex(({ type }) => type === "ipvs") < firstTold, "the table comes first");
});

test("reload: a new alpha check of a server that is up leaves it up until it fails", () => {
  const harness = running(farm(1));
  harness.probe("10.0.0.1", passed);
  const checks = [tcpCheck(), tcpCheck({ connectPort: 81, alpha: true })];
  harness.configure(config(virtualServer(1, [realServer(1, { checks })])));
  assert.deepEqual(table(harness), ["10.0.0.1 w1"]);
});

test("the start is told once the kernel's table is as wanted, with the words for a start", () => {
  const harness = new Harness();
  harness.configure(config(farm(2)));
  const order = harness.told.flatMap((action) =>
    "notice" in action && action.notice !== null ? [action.notice.mailText] : [],
  );
  assert.deepEqual(order, ["Starting with quorum up 1+0=1 <= 2"]);
  assert.deepEqual(
    harness.told.slice(-2).map(({ type }) => type),
    ["reportVirtualServer", "reportReady"],
  );
});

test("resume: what the predecessor has told is not told again, hysteresis goes on", () => {
  const before = running(farm(4, { quorum: 3, hysteresis: 1, sorryServer }));
  for (const host of [1, 2, 3]) before.probe(`10.0.0.${host}`, failed);
  before.probe("10.0.0.1", passed);
  before.probe("10.0.0.2", passed);
  const harness = new Harness();
  for (const [text, one] of before.kernel.services) harness.kernel.services.set(text, one);
  harness.configure(
    config(farm(4, { quorum: 3, hysteresis: 1, sorryServer })),
    snapshots(before.pool),
    virtualServerSnapshots(before.pool),
  );
  assert.deepEqual(harness.kernel.orders, []);
  assert.deepEqual(harness.notices(), []);
  assert.deepEqual(table(harness), ["10.0.0.99 w1"]);
});

test("reload: a removed server and a removed virtual server are told as down", () => {
  const harness = running(farm(2), virtualServer(2, [realServer(5)]));
  harness.configure(config(farm(1)));
  assert.deepEqual(
    harness.notices().map(({ fifoLine, mailText }) => [fifoLine, mailText]),
    [
      ["RS [10.0.0.2]:tcp:80 [192.0.2.1]:tcp:80 DOWN", "Removing"],
      ["RS [10.0.0.5]:tcp:80 [192.0.2.2]:tcp:80 DOWN", "Removing"],
      ["VS [192.0.2.2]:tcp:80 DOWN", "Lost quorum 1-0=1 > 0"],
    ],
  );
});

test("reload: without its sorry server a virtual server gets its live servers back", () => {
  const harness = running(farm(3, { quorum: 3, sorryServer }));
  harness.probe("10.0.0.1", failed);
  assert.deepEqual(table(harness), ["10.0.0.99 w1"]);
  harness.configure(config(farm(3, { quorum: 3 })));
  assert.deepEqual(table(harness), ["10.0.0.2 w1", "10.0.0.3 w1"]);
});

test("omega: a stop tells of everything as down; without it of nothing", () => {
  for (const omega of [true, false]) {
    const harness = running(farm(2, { omega }));
    harness.probe("10.0.0.2", failed);
    harness.told = [];
    harness.feed({ type: "stopRequested" });
    const told = ["RS [10.0.0.1]:tcp:80 [192.0.2.1]:tcp:80 DOWN", "VS [192.0.2.1]:tcp:80 DOWN"];
    assert.deepEqual(fifo(harness), omega ? told : []);
    assert.ok(harness.notices().every(({ isStopping }) => isStopping));
  }
});

test("a passing check can change the weight, and the quorum follows", () => {
  const harness = running(
    farm(2, { quorum: 3, realServers: [1, 2].map((i) => realServer(i, { weight: 2 })) }),
  );
  harness.probe("10.0.0.1", { outcome: "passed", weight: 0 });
  assert.deepEqual(table(harness), ["10.0.0.1 w0", "10.0.0.2 w2"]);
  assert.deepEqual(fifo(harness), ["VS [192.0.2.1]:tcp:80 DOWN"]);
  assert.ok(
    harness
      .logs()
      .includes(
        "Changing weight from 2 to 0 for active service [10.0.0.1]:tcp:80 of VS [192.0.2.1]:tcp:80",
      ),
  );
  harness.probe("10.0.0.1", passed);
  assert.deepEqual(table(harness), ["10.0.0.1 w2", "10.0.0.2 w2"]);
});

test("flags of schedulers, engine, thresholds and tunnels reach the kernel", () => {
  const tunnel = { type: "gue", port: 6080, checksum: "remcsum" } as const;
  const server = realServer(1, { forwarding: "TUN", tunnel, upperThreshold: 9, lowerThreshold: 3 });
  const harness = running(
    virtualServer(1, [server], {
      ...{ schedulerFlag1: true, schedulerFlag3: true, onePacket: true },
      ...{ persistenceTimeoutS: 60, persistenceEngine: "sip" },
    }),
  );
  const found = harness.kernel.services.get(service);
  assert.deepEqual(
    found?.parameters,
    parameters({ flags: 4 + 8 + 32, persistenceTimeoutS: 60, persistenceEngine: "sip" }),
  );
  assert.deepEqual(found?.destinations, [
    destination(1, {
      ...{ forwarding: "TUN", upperThreshold: 9, lowerThreshold: 3 },
      tunnel: { type: "GUE", port: 6080, flags: 2 },
    }),
  ]);
});

const group = {
  name: "web",
  entries: [
    { kind: "addresses", first: "192.0.2.1", last: "192.0.2.3", port: 80 },
    { kind: "fwmark", mark: 7 },
  ],
} as const;

function grouped(protocol: "TCP" | "UDP", servers: RealServerConfig[]): VirtualServerConfig {
  const number = protocol === "TCP" ? 0 : 1;
  return virtualServer(1, servers, {
    name: `[web]:${number}`,
    key: { kind: "group", group: "web", family: 4, protocol },
  });
}

test("a group is a service for each address and mark, which change together", () => {
  const harness = new Harness();
  const groups = [group];
  harness.configure({ ...config(grouped("TCP", [realServer(1), realServer(2)])), groups });
  const texts = ["TCP 192.0.2.1 80", "TCP 192.0.2.2 80", "TCP 192.0.2.3 80", "fwmark 7 4"];
  assert.deepEqual([...harness.kernel.services.keys()], texts);
  harness.probe("10.0.0.1", failed);
  for (const text of texts) assert.deepEqual(table(harness, text), ["10.0.0.2 w1"]);
  const fewer = { ...group, entries: [{ ...group.entries[0], last: "192.0.2.2" }] };
  harness.kernel.orders.length = 0;
  harness.configure({
    ...config(grouped("TCP", [realServer(1), realServer(2)])),
    groups: [fewer],
  });
  assert.deepEqual([...harness.kernel.services.keys()], texts.slice(0, 2));
  assert.deepEqual(
    harness.kernel.orders.map(({ type }) => type),
    ["deleteService", "deleteService"],
  );
  assert.deepEqual(snapshots(harness.pool)[0]?.checks, [false], "results are kept");
});

test("virtual servers that share a mark agree on who is alive", () => {
  const harness = new Harness();
  const udp = realServer(1, { checks: [tcpCheck({ connectAddress: "10.0.0.7" })] });
  const servers = [grouped("TCP", [realServer(1)]), grouped("UDP", [udp, realServer(3)])];
  harness.configure({ ...config(...servers), groups: [group] });
  assert.deepEqual(table(harness, "fwmark 7 4"), ["10.0.0.1 w1", "10.0.0.3 w1"]);
  harness.probe("10.0.0.7", failed);
  assert.deepEqual(table(harness, "fwmark 7 4"), ["10.0.0.3 w1"]);
  assert.deepEqual(table(harness, "TCP 192.0.2.1 80"), ["10.0.0.1 w1"]);
  harness.configure({ ...config(...servers.slice(0, 1)), groups: [group] });
  assert.deepEqual(table(harness, "fwmark 7 4"), ["10.0.0.1 w1"]);
  assert.equal(harness.kernel.services.has("UDP 192.0.2.1 80"), false);
});

/** What the table must be, told anew: who is up, the quorum's band, the sorry server. */
function expected(
  one: VirtualServerConfig,
  isUp: readonly boolean[],
  had: boolean,
): { readonly has: boolean; readonly table: string[] } {
  const weights = one.realServers.map(({ weight }) => weight);
  const sum = weights.reduce((total, weight, i) => total + (isUp[i] ? weight : 0), 0);
  const floor = had ? Math.max(one.quorum - one.hysteresis, 1) : one.quorum + one.hysteresis;
  const has = sum >= floor;
  const isSorry = one.sorryServer !== undefined && !has;
  const lines = one.realServers.flatMap(({ address, weight, inhibitOnFailure }, i) => {
    if (isUp[i] && !isSorry) return [`${address} w${weight}`];
    return inhibitOnFailure ? [`${address} w0`] : [];
  });
  if (isSorry) lines.push(`${sorryServer.address} w1`);
  else if (one.sorryServer?.inhibit) lines.push(`${sorryServer.address} w0`);
  return { has, table: lines.sort() };
}

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first) =>
    permutations(items.filter((one) => one !== first)).map((rest) => [first, ...rest]),
  );
}

test("every order in which four servers fail and return gives the table of the model", () => {
  const hosts = [1, 2, 3, 4];
  const servers = hosts.map((host) =>
    realServer(host, { weight: host === 4 ? 2 : 1, inhibitOnFailure: host === 2 }),
  );
  const rules = [{ quorum: 1 }, { quorum: 3, hysteresis: 1 }, { quorum: 4 }];
  for (const rule of rules) {
    for (const inhibit of [false, true]) {
      const one = virtualServer(1, servers, { ...rule, sorryServer: { ...sorryServer, inhibit } });
      for (const order of permutations(hosts)) checkLife(one, [...order, ...order]);
    }
  }
});

/** Each event toggles one server; no step may leave the service without anybody to serve. */
function checkLife(one: VirtualServerConfig, events: readonly number[]): void {
  const harness = running(one);
  const isUp = one.realServers.map(() => true);
  for (const { address } of one.realServers) harness.probe(address, passed);
  let had = true;
  for (const host of events) {
    isUp[host - 1] = !isUp[host - 1];
    const before = copied(harness);
    harness.kernel.orders.length = 0;
    const address = `10.0.0.${host}`;
    harness.probe(address, isUp[host - 1] ? passed : failed);
    while (isUp[host - 1] !== snapshotUp(harness, address)) harness.probe(address, failed);
    const wanted = expected(one, isUp, had);
    had = wanted.has;
    assert.deepEqual(table(harness), wanted.table, JSON.stringify({ events, host, isUp }));
    checkNeverEmpty(harness, before);
  }
}

function snapshotUp({ pool }: Harness, address: string): boolean | undefined {
  return snapshots(pool).find(({ realServer }) => realServer.includes(`[${address}]`))?.isUp;
}

function copied({ kernel }: Harness): Destination[] {
  return [...(kernel.services.get(service)?.destinations ?? [])];
}

/** Replays the orders on what was there before. */
function checkNeverEmpty(harness: Harness, before: readonly Destination[]): void {
  const live = new Map(before.map((one) => [one.address, one.weight]));
  for (const order of harness.kernel.orders) {
    if (order.type === "deleteDestination") live.delete(order.destination.address);
    else if (order.type === "addDestination" || order.type === "editDestination") {
      live.set(order.destination.address, order.destination.weight);
    }
    assert.ok(
      [...live.values()].some((weight) => weight > 0),
      "a step stands without a live server",
    );
  }
  assert.ok(isServing(harness.kernel.services.get(service)));
}

test("random farms and lives give the table of the model", () => {
  const farms = fc.record({
    weights: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
    inhibited: fc.nat({ max: 31 }),
    quorum: fc.integer({ min: 1, max: 6 }),
    hysteresis: fc.nat({ max: 3 }),
    inhibit: fc.boolean(),
    events: fc.array(fc.nat({ max: 4 }), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(farms, ({ weights, inhibited, quorum, hysteresis, inhibit, events }) => {
      const servers = weights.map((weight, i) =>
        realServer(i + 1, { weight, inhibitOnFailure: (inhibited & (1 << i)) !== 0 }),
      );
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const reachable = Math.min(quorum, total);
      const one = virtualServer(1, servers, {
        quorum: reachable,
        // All alive must be enough, or the life starts without a quorum.
        hysteresis: Math.min(hysteresis, reachable - 1, total - reachable),
        sorryServer: { ...sorryServer, inhibit },
      });
      checkLife(
        one,
        events.map((event) => (event % weights.length) + 1),
      );
    }),
    { numRuns: 300 },
  );
});

test("a probe under way during a reload counts for the new configuration", () => {
  const harness = running(farm(1));
  harness.advance(10 * second);
  harness.configure(config(farm(1, { sorryServer })));
  harness.finish("10.0.0.1", failed);
  assert.deepEqual(table(harness), ["10.0.0.99 w1"]);
});
