// What routes and rules look like after changes that came while they were read, whether or not the
// reading has seen them already.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hop, route, rule, sampleNames } from "../testing/route-samples.js";
import { messageBytes } from "../testing/scripted-transport.js";
import { decodeChange, replay, replayRoutes, type TableChange } from "./kernel-tables.js";
import { MessageWriter, readMessages } from "./message.js";
import { encodeNewRoute, type KernelRoute, resolveRoute } from "./route-codec.js";
import { expectedRoute } from "./route-match.js";
import type { RouteRequest } from "./route-request.js";
import { expectedRule } from "./rule-match.js";

function seen(request: RouteRequest): KernelRoute {
  const resolved = resolveRoute(request, sampleNames);
  const found = resolved && expectedRoute(resolved);
  assert.ok(found);
  return found;
}

const added = (request: RouteRequest): TableChange => ({
  type: "routeAdded",
  route: seen(request),
  place: "behind",
});
const replaced = (request: RouteRequest): TableChange => ({
  type: "routeAdded",
  route: seen(request),
  place: "instead",
});
const removed = (request: RouteRequest): TableChange => ({
  type: "routeRemoved",
  route: seen(request),
});

const byV0 = route("10.0.0.0/8", { device: "v0", protocol: 18 });
const byV1 = route("10.0.0.0/8", { device: "v1", protocol: 18 });
const foreign = route("10.0.0.0/8", { device: "v1", protocol: 3 });
const first = hop({ via: "2001:db8::1", device: "v0" });
const second = hop({ via: "2001:db8::2", device: "v0" });
const wide = route("2001:db8:1::/48", { nextHops: [first, second] });
const narrow = route("2001:db8:1::/48", { nextHops: [second] });

function texts(routes: readonly KernelRoute[]): string[] {
  return routes.map((one) => JSON.stringify(one)).sort();
}

function assertRoutes(
  before: readonly RouteRequest[],
  changes: readonly TableChange[],
  after: readonly RouteRequest[],
): void {
  const found = replayRoutes(before.map(seen), changes, undefined);
  assert.deepEqual(texts(found), texts(after.map(seen)));
}

test("replayRoutes() adds and removes routes, those of one key apart", () => {
  assertRoutes([], [added(byV0), added(byV1)], [byV0, byV1]);
  assertRoutes([byV0, byV1], [removed(byV0)], [byV1]);
  assertRoutes([byV0], [added(byV0)], [byV0]);
  assertRoutes([byV0], [removed(byV1)], [byV0]);
});

test("replayRoutes() keeps the order of routes of one key, of which the first counts", () => {
  const before = (request: RouteRequest): TableChange => ({
    type: "routeAdded",
    route: seen(request),
    place: "before",
  });
  const changes = [before(byV0), before(byV1), added(foreign)];
  const found = replayRoutes([], changes, undefined);
  assert.deepEqual(found, [byV1, byV0, foreign].map(seen));
  const other = route("10.0.0.0/8", { device: "v1", protocol: 19 });
  const after = replayRoutes(found, [replaced(other)], undefined);
  assert.deepEqual(after, [other, byV0, foreign].map(seen));
});

test("replayRoutes() replaces an IPv6 route with a gateway by one with a gateway", () => {
  const direct = route("2001:db8:1::/48", { device: "v0" });
  assertRoutes([direct, narrow], [replaced(wide)], [direct, wide]);
  assertRoutes([direct], [replaced(wide)], [wide]);
});

test("replayRoutes() lets a replacement take the place of the first route of its key", () => {
  assertRoutes([byV0], [replaced(byV1)], [byV1]);
  // The reading has seen it already: nothing else goes.
  assertRoutes([byV1, byV0], [replaced(byV1)], [byV0, byV1]);
  const elsewhere = route("10.0.0.0/8", { device: "v0", protocol: 18, metric: 7 });
  assertRoutes([elsewhere], [replaced(byV1)], [elsewhere, byV1]);
});

test("replayRoutes() takes next hops away from an IPv6 route one by one", () => {
  const rest = route("2001:db8:1::/48", { nextHops: [first] });
  assertRoutes([wide], [removed(narrow)], [rest]);
  assertRoutes([wide], [removed(narrow), removed(rest)], []);
  assertRoutes([wide], [removed(wide)], []);
});

test("replayRoutes() knows an IPv6 route again that has got another next hop", () => {
  assertRoutes([narrow], [added(wide)], [wide]);
});

test("replayRoutes() drops the route that one of another protocol has replaced", () => {
  const found = replayRoutes([seen(byV0)], [replaced(foreign)], new Set([18]));
  assert.deepEqual(found, []);
});

test("replay() comes to the same end wherever in the changes the tables were read", () => {
  const all = [byV0, byV1, foreign];
  const change = fc.record({ which: fc.nat({ max: 2 }), isAddition: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.nat({ max: 12 }), (steps, at) => {
      const changes = steps.map(({ which, isAddition }) => {
        const one = all[which] ?? byV0;
        return isAddition ? added(one) : removed(one);
      });
      const early = replayRoutes([], changes, undefined);
      const table = replayRoutes([], changes.slice(0, at), undefined);
      assert.deepEqual(texts(replayRoutes(table, changes, undefined)), texts(early));
    }),
  );
});

test("replay() adds and removes rules", () => {
  const [one, other] = [expectedRule(rule(7)), expectedRule(rule(8))];
  assert.ok(one && other);
  const tables = { links: [], addresses: [], routes: [], rules: [one] };
  const after = replay(
    tables,
    [
      { type: "ruleAdded", rule: other },
      { type: "ruleAdded", rule: one },
      { type: "ruleRemoved", rule: one },
    ],
    undefined,
  );
  assert.deepEqual(after.rules, [other]);
});

function change(
  type: number,
  flags: number,
  request: RouteRequest,
): TableChange | null | undefined {
  const writer = new MessageWriter();
  const resolved = resolveRoute(request, sampleNames);
  assert.ok(resolved);
  encodeNewRoute(writer, resolved);
  const found: (TableChange | null | undefined)[] = [];
  readMessages(messageBytes(type, flags, 0, writer.bytes()), (message) =>
    found.push(decodeChange(message, new Set([18]))),
  );
  return found[0];
}

test("decodeChange() passes over routes of other protocols, but not those that replace", () => {
  assert.equal(change(24, 0, foreign), null);
  assert.equal(change(25, 0, foreign), null);
  assert.deepEqual(change(24, 0x800, byV0), added(byV0));
  assert.deepEqual(change(25, 0, byV0), removed(byV0));
  assert.deepEqual(change(24, 0x100, foreign), replaced(foreign));
});
