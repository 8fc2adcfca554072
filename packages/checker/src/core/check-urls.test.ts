// Several urls of one check in virtual time: which is asked when, and what it takes to come up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { config, httpCheck, realServer, second, url, virtualServer } from "../testing/builders.js";
import { failed, Harness, passed } from "../testing/harness.js";
import type { ProbeResult } from "./event.js";

const address = "10.0.0.1";
const urls = ["/a", "/b", "/c"].map((path) => url({ path }));

function harness(fastRecovery: boolean): Harness {
  const made = new Harness();
  const check = httpCheck({
    connectAddress: address,
    urls,
    fastRecovery,
    delayLoopUs: 10 * second,
  });
  const checks = [{ ...check, retry: 1, delayBeforeRetryUs: 3 * second }];
  made.configure(config(virtualServer(1, [realServer(1, { checks })])));
  made.told = [];
  return made;
}

/** Path asked, seconds since the last probe, and whether the server is in the pool afterwards. */
function run(
  made: Harness,
  results: readonly ProbeResult[],
): (readonly [string, number, boolean])[] {
  let last = made.now;
  return results.map((result) => {
    while (made.probes.size === 0) made.step();
    const [request] = made.probes.values();
    const waited = Math.round((made.now - last) / second);
    last = made.now;
    made.finish(address, result);
    const path = urls[request?.urlIndex ?? -1]?.path ?? "none";
    return [path, waited, made.addresses(1).includes(address)];
  });
}

test("urls are asked in turn, and the check passes first when all have passed", () => {
  const made = harness(false);
  const seen = run(made, Array(5).fill(passed)).map(([path, waited]) => [path, waited]);
  assert.deepEqual(seen.slice(1), [
    ["/b", 10],
    ["/c", 10],
    ["/a", 10],
    ["/b", 10],
  ]);
  assert.deepEqual(made.logs(), ["Remote Web server [10.0.0.1]:tcp:80 succeed on service."]);
});

const decline = [passed, passed, passed, passed, failed, failed, failed, passed] as const;

test("the url that fails is asked alone until it passes, then all of them", () => {
  const made = harness(false);
  const seen = run(made, [...decline, passed, passed, passed]);
  assert.deepEqual(seen.slice(4), [
    ["/b", 10, true],
    ["/b", 3, false],
    ["/b", 10, false],
    ["/b", 10, false],
    ["/a", 10, false],
    ["/b", 10, false],
    ["/c", 10, true],
  ]);
});

test("a url that fails while the others are asked again is the one to wait for", () => {
  const made = harness(false);
  const seen = run(made, [...decline, passed, passed, failed, passed, passed]);
  assert.deepEqual(
    seen.slice(8).map(([path, , isIn]) => [path, isIn]),
    [
      ["/a", false],
      ["/b", false],
      ["/c", false],
      ["/c", false],
      ["/a", false],
    ],
  );
});

test("fast_recovery asks the others at once", () => {
  const made = harness(true);
  const seen = run(made, [...decline, passed, passed, passed]);
  assert.deepEqual(seen.slice(7), [
    ["/b", 10, false],
    ["/a", 0, false],
    ["/b", 0, false],
    ["/c", 0, true],
  ]);
});
