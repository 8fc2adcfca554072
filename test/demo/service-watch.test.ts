// The outage a viewer is shown must be the client's, to the answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ServiceEvent, ServiceWatch } from "./service-watch.js";

const address = "192.0.2.100";

function taker(watch: ServiceWatch) {
  return (atMs: number, server: string | null, askedAtMs: number = atMs - 1): ServiceEvent | null =>
    watch.take({ address, askedAtMs, atMs, server });
}

test("ServiceWatch measures an outage from the last answer to the first of the new server", () => {
  const watch = new ServiceWatch();
  const take = taker(watch);
  assert.equal(take(0, null), null);
  assert.deepEqual(take(10, "one"), {
    kind: "reached",
    address,
    server: "one",
  });
  assert.equal(take(20, "one"), null);
  assert.deepEqual(take(30, null), {
    kind: "lost",
    address,
    server: "one",
  });
  assert.equal(watch.serverOf(address), null);
  assert.equal(take(40, null), null);
  assert.deepEqual(take(3620, "two"), {
    kind: "moved",
    address,
    from: "one",
    server: "two",
    outageMs: 3600,
  });
  assert.equal(watch.serverOf(address), "two");
});

test("ServiceWatch ignores the late failure of a question put before the last answer", () => {
  const take = taker(new ServiceWatch());
  take(100, "one");
  assert.equal(take(350, null, 50), null);
  assert.equal(take(351, null, 101)?.kind, "lost");
  assert.deepEqual(take(400, "one"), { kind: "returned", address, server: "one", outageMs: 300 });
});
