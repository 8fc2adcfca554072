// Routes and rules on their way to the kernel: order, what is shared, what is tolerated, what is
// said.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RouteConfig, RuleConfig } from "@keepalived-ts/shared-config/schema/config";
import type { VrrpAction } from "../core/action.js";
import { routeOf, ruleOf } from "../testing/routing.js";
import { Executor } from "./executor.js";
import { addresses, FakeKernel, ownPort } from "./fixtures.js";
import { Losses } from "./losses.js";
import { RepairPolicy } from "./repair-policy.js";
import { RoutingQueue } from "./routing-queue.js";

const first = routeOf("198.51.100.0/24");
const second = routeOf("203.0.113.0/24", { table: 100, metric: 7 });
const firstText = "route 198.51.100.0/24 via 192.0.2.1 dev eth0";
const secondText = "route 203.0.113.0/24 via 192.0.2.1 dev eth0 table 100 metric 7";
const rule = ruleOf(50);
const ruleLine = "rule from 10.0.0.0/8 table 100 preference 50";

interface Scene {
  readonly kernel: FakeKernel;
  readonly queue: RoutingQueue;
  /** What instances were said to have lost. */
  readonly lost: string[];
}

function setUp(): Scene {
  const kernel = new FakeKernel();
  const lost: string[] = [];
  const lossPorts = {
    ...kernel.ports,
    lost: (instance: string, what: string) => lost.push(`${instance}: ${what}`),
  };
  const losses = new Losses(lossPorts, new RepairPolicy(), (port) => port === ownPort);
  return { kernel, queue: new RoutingQueue(kernel.ports, losses, () => true), lost };
}

function both(routes: readonly RouteConfig[], rules: readonly RuleConfig[] = []) {
  return { routes, rules };
}

test("RoutingQueue adds routes, then rules, and removes them in the reverse order", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", both([first, second], [rule]));
  await queue.idle();
  queue.remove("A", both([first, second], [rule]));
  await queue.idle();
  assert.deepEqual(kernel.trace, [
    `add ${firstText}`,
    `add ${secondText}`,
    `add ${ruleLine}`,
    `remove ${ruleLine}`,
    `remove ${secondText}`,
    `remove ${firstText}`,
  ]);
});

test("RoutingQueue asks for the removal of what a predecessor may have left", async () => {
  const { kernel, queue } = setUp();
  kernel.routingResults.push("ENOENT", "ESRCH");
  queue.remove("A", both([first], [rule]));
  await queue.idle();
  assert.deepEqual(kernel.trace, [`remove ${ruleLine}`, `remove ${firstText}`]);
  assert.deepEqual(kernel.texts(), []);
});

test("RoutingQueue keeps what two have wanted until both have given it up", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", both([first]));
  queue.add("B", both([structuredClone(first)]));
  await queue.idle();
  kernel.trace.length = 0;
  queue.remove("A", both([first]));
  await queue.idle();
  assert.deepEqual(kernel.trace, []);
  queue.remove("B", both([structuredClone(first)]));
  await queue.idle();
  assert.deepEqual(kernel.trace, [`remove ${firstText}`]);
});

test("RoutingQueue carries out the last order, whatever was under way", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", both([first]));
  queue.pump();
  queue.remove("A", both([first]));
  queue.add("A", both([second]));
  queue.remove("A", both([second]));
  await queue.idle();
  assert.deepEqual(kernel.trace, [
    `add ${firstText}`,
    `remove ${secondText}`,
    `remove ${firstText}`,
  ]);
});

test("RoutingQueue says what the kernel refuses, and tries again when asked to", async () => {
  const { kernel, queue } = setUp();
  kernel.routingResults.push("ENETUNREACH", "EEXIST", "EINVAL");
  queue.add("A", both([first, second]));
  queue.add("B", both([], [rule]));
  await queue.idle();
  assert.deepEqual(kernel.texts(), [
    `(A) Cannot add ${firstText}: ENETUNREACH, the gateway must be in a network of an interface ` +
      "that is up, or use onlink",
    `(B) Cannot add ${ruleLine}: EINVAL, check gateway, source, scope and options; a source must ` +
      "be an address of this host",
  ]);
  kernel.trace.length = 0;
  queue.retry();
  await queue.idle();
  queue.retry();
  assert.deepEqual(kernel.trace, [`add ${firstText}`, `add ${ruleLine}`]);
});

test("RoutingQueue lets the event loop turn between slices that take long", async () => {
  const { kernel, queue } = setUp();
  const routes = Array.from({ length: 100 }, (_, i) => routeOf(`10.0.${i}.0/24`));
  queue.add("A", both(routes));
  const { addRoutes } = kernel.ports.routing;
  kernel.ports.routing.addRoutes = (asked) => {
    kernel.now += 1_500;
    return addRoutes(asked);
  };
  queue.pump();
  for (const count of [64, 100]) {
    for (let i = 0; i < 8; i++) await Promise.resolve();
    assert.equal(kernel.trace.length, count);
    kernel.turn();
  }
});

test("RoutingQueue tells of what others have removed, of nothing else", async () => {
  const { kernel, queue, lost } = setUp();
  queue.add("A", both([first, second], [rule]));
  await queue.idle();
  kernel.trace.length = 0;
  kernel.routingResults.push(null, "EEXIST", null);
  queue.routeLost(firstText, ownPort);
  queue.routeLost(secondText, 4242);
  queue.ruleLost(ruleLine, 4242);
  queue.ruleLost("rule of others", 4242);
  await queue.idle();
  assert.deepEqual(kernel.trace, [`add ${firstText}`, `add ${secondText}`, `add ${ruleLine}`]);
  assert.deepEqual(lost, [`A: ${ruleLine} was removed, by netlink port 4242 (as a rule the pid)`]);
});

test("RoutingQueue puts static routes back, and says so", async () => {
  const { kernel, queue, lost } = setUp();
  queue.add("", both([first, routeOf("10.0.0.0/8", { isTracked: false })]));
  await queue.idle();
  queue.routeLost(firstText, 4242);
  queue.routeLost("route 10.0.0.0/8 via 192.0.2.1 dev eth0", 4242);
  await queue.idle();
  assert.deepEqual(lost, []);
  assert.deepEqual(kernel.texts(), [
    `${firstText} was removed, by netlink port 4242 (as a rule the pid); put back`,
  ]);
  assert.equal(kernel.trace.length, 3);
});

test("RoutingQueue asks quietly for what the kernel has taken away", async () => {
  const { kernel, queue, lost } = setUp();
  queue.add("A", both([first, second]));
  await queue.idle();
  kernel.trace.length = 0;
  kernel.routingResults.push("ENETUNREACH", null);
  queue.routesRead(new Set([secondText]));
  queue.routeLost(secondText, 0);
  await queue.idle();
  queue.retry();
  await queue.idle();
  assert.deepEqual(kernel.trace, [`add ${firstText}`, `add ${secondText}`, `add ${firstText}`]);
  assert.deepEqual([lost, kernel.texts()], [[], []]);
});

function orders(type: "add" | "remove"): VrrpAction[] {
  const routing: VrrpAction = {
    type: `${type}Routing`,
    instance: "A",
    ...both([first], [rule]),
  };
  const held: VrrpAction = {
    type: `${type}Addresses`,
    instance: "A",
    addresses: addresses(6),
  };
  return type === "add" ? [held, routing] : [routing, held];
}

test("Executor puts routes behind the last address and takes them away before any", async () => {
  const kernel = new FakeKernel();
  const executor = new Executor(kernel.ports, () => undefined);
  executor.run(orders("add"));
  await kernel.answerAll();
  await executor.idle();
  const all = "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4";
  assert.deepEqual(kernel.trace, [
    `add ${all}`,
    "add 192.0.2.5 192.0.2.6",
    `add ${firstText}`,
    `add ${ruleLine}`,
  ]);
  kernel.trace.length = 0;
  executor.run(orders("remove"));
  await kernel.answerAll();
  const gone = executor.idle();
  await kernel.answerAll();
  await gone;
  assert.deepEqual(kernel.trace.slice(0, 2), [`remove ${ruleLine}`, `remove ${firstText}`]);
  assert.deepEqual(kernel.trace.length, 3);
});
