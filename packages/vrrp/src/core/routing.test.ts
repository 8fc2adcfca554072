// Routes and rules of an instance: ordered behind its addresses, given up before them, moved as a
// difference by a reload; and the interfaces that they need.

import assert from "node:assert/strict";
import { test } from "node:test";
import { routeOf, ruleOf } from "../testing/routing.js";
import {
  Bench,
  backup,
  briefOrders,
  instanceOf,
  linkFact,
  master,
  virtualAddress,
} from "./fixtures.js";

const virtualRoutes = [routeOf("198.51.100.0/24"), routeOf("203.0.113.0/24")];
const virtualRules = [ruleOf(100), ruleOf(200)];
const both = { virtualRoutes, virtualRules };
const all = "route 198.51.100.0 route 203.0.113.0 rule 100 rule 200";

test("a new MASTER takes its addresses, then routes and rules, before it announces", () => {
  const bench = backup(both);
  assert.deepEqual(briefOrders(bench.fire()), [
    "advert 100",
    "add 192.0.2.100",
    `add ${all}`,
    "announce 192.0.2.100 x5",
    "report BACKUP to MASTER",
  ]);
});

test("a MASTER that gives way takes rules and routes away before its addresses", () => {
  const bench = master(both);
  assert.deepEqual(briefOrders(bench.receive({ priority: 200 })), [
    `remove ${all}`,
    "remove 192.0.2.100",
    "report MASTER to BACKUP",
  ]);
});

test("a MASTER that is stopped keeps routes and rules until a successor is heard", () => {
  const bench = master(both);
  assert.deepEqual(briefOrders(bench.handle({ type: "stopRequested" })), ["advert 0"]);
  assert.deepEqual(briefOrders(bench.receive({ priority: 50 })), [
    `remove ${all}`,
    "remove 192.0.2.100",
    "report MASTER to INIT",
  ]);
});

test("an instance that starts as BACKUP removes what a predecessor may have left", () => {
  const bench = backup(both);
  assert.equal(bench.state(), "BACKUP");
  const other = instanceOf({ ...both, name: "VI_2", virtualRouterId: 52, virtualAddresses: [] });
  assert.deepEqual(briefOrders(bench.configure([bench.config, other])), [
    `remove ${all}`,
    "report INIT to BACKUP",
  ]);
});

test("a resumed MASTER puts its routes and rules in place without a transition", () => {
  const former = master(both);
  const bench = new Bench(former.config);
  const orders = briefOrders(bench.configure([bench.config], [linkFact()], [former.snapshot()]));
  assert.deepEqual(orders.slice(0, 3), ["advert 100", "add 192.0.2.100", `add ${all}`]);
});

function reload(bench: Bench, overrides: Parameters<typeof instanceOf>[0]): string[] {
  return briefOrders(bench.configure([structuredClone({ ...bench.config, ...overrides })]));
}

test("configured moves only those routes and rules of a MASTER that differ", () => {
  const bench = master(both);
  const orders = reload(bench, {
    virtualRoutes: [routeOf("203.0.113.0/24"), routeOf("198.51.100.0/24", { metric: 5 })],
    virtualRules: [ruleOf(200), ruleOf(300)],
  });
  assert.deepEqual(orders, [
    "remove route 198.51.100.0 rule 100",
    "advert 100",
    "add route 198.51.100.0 rule 300",
    "report MASTER to MASTER",
  ]);
});

test("configured moves no route of a MASTER of which something else has changed", () => {
  const bench = master(both);
  const orders = reload(bench, { basePriority: 120 });
  assert.deepEqual(orders, ["advert 120", "report MASTER to MASTER"]);
});

test("an interface of a tracked route or rule that is down is a FAULT", () => {
  const isDown = linkFact({ index: 3, name: "eth1", isRunning: false });
  const cases = [
    [{ virtualRoutes: [routeOf("203.0.113.0/24", { device: "eth1" })] }, "FAULT"],
    [{ virtualRules: [ruleOf(100, { inputInterface: "eth1" })] }, "FAULT"],
    [
      { virtualRoutes: [routeOf("203.0.113.0/24", { device: "eth1", isTracked: false })] },
      "BACKUP",
    ],
    [{ virtualRules: [ruleOf(100, { inputInterface: "eth1", isTracked: false })] }, "BACKUP"],
    [{ virtualRules: [ruleOf(100, { outputInterface: "eth1" })] }, "BACKUP"],
    [{ virtualAddresses: [virtualAddress("192.0.2.9", { device: "eth1" })] }, "FAULT"],
    [
      { virtualAddresses: [virtualAddress("192.0.2.9", { device: "eth1", noTrack: true })] },
      "BACKUP",
    ],
  ] as const;
  for (const [overrides, state] of cases) {
    const bench = backup();
    const config = instanceOf({ name: "VI_2", virtualRouterId: 52, ...overrides });
    bench.configure([config], [linkFact(), isDown]);
    assert.equal(bench.state(), state, JSON.stringify(overrides));
  }
});
