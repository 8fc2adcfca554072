// Routes and rules on their way to the kernel: order, what is shared, what is tolerated, what is
// said.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RouteConfig, RuleConfig } from "@keepalived-ts/shared-config/schema/config";
import type { VrrpAction } from "../core/action.js";
import { routeOf, ruleOf } from "../testing/routing.js";
import { Executor } from "./executor.js";
import { addresses, FakeKernel } from "./fixtures.js";
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
}

function setUp(): Scene {
  const kernel = new FakeKernel();
  return { kernel, queue: new RoutingQueue(kernel.ports, () => true) };
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
  queue.remove("A", both([first]));
  await queue.idle();
  assert.deepEqual(kernel.trace, [`add ${firstText}`]);
  queue.remove("B", both([structuredClone(first)]));
  await queue.idle();
  assert.deepEqual(kernel.trace, [`add ${firstText}`, `remove ${firstText}`]);
});

test("RoutingQueue carries out the last order, whatever was under way", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", both([first]));
  queue.pump();
  queue.remove("A", both([first]));
  queue.add("A", both([second]));
  queue.remove("A", both([second]));
  await queue.idle();
  assert.deepEqual(kernel.trace, [`add ${firstText}`, `remove ${secondText}`, `remove ${firstText}`]);
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
  for (let i = 0; i < 8; i++) await Promise.resolve();
  assert.equal(kernel.trace.length, 64);
  kernel.turn();
  await queue.idle();
  assert.equal(kernel.trace.length, 100);
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
  const executor = new Executor(kernel.ports);
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
