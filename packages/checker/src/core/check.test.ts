// When a probe's end counts, when the next one comes and what is told, in virtual time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { config, realServer, second, tcpCheck, virtualServer } from "../testing/builders.js";
import { failed, Harness, passed } from "../testing/harness.js";
import type { ProbeResult } from "./event.js";
import { nextDeadline } from "./pool.js";

const address = "10.0.0.1";

function oneServer(retry: number): Harness {
  const harness = new Harness();
  harness.configure(config(virtualServer(1, [realServer(1, { checks: [tcpCheck({ retry })] })])));
  harness.told = [];
  return harness;
}

/** Results of probes in a row, and whether the server is in the pool after each. */
const rows: readonly {
  readonly rule: string;
  readonly retry: number;
  readonly results: readonly ProbeResult[];
  readonly inPool: readonly boolean[];
}[] = [
  {
    rule: "one failure counts before the first result",
    retry: 3,
    results: [failed],
    inPool: [false],
  },
  {
    rule: "a failure counts after `retry` further ones",
    retry: 2,
    results: [passed, failed, failed, failed],
    inPool: [true, true, true, false],
  },
  {
    rule: "a success in between starts the count anew",
    retry: 1,
    results: [passed, failed, passed, failed, failed],
    inPool: [true, true, true, true, false],
  },
  {
    rule: "one success is enough to return",
    retry: 1,
    results: [failed, failed, passed],
    inPool: [false, false, true],
  },
  { rule: "retry 0 counts at once", retry: 0, results: [passed, failed], inPool: [true, false] },
  {
    rule: "a probe that could not run changes nothing",
    retry: 0,
    results: [passed, { outcome: "notRun", reason: "EMFILE" }, failed],
    inPool: [true, true, false],
  },
];

for (const { rule, retry, results, inPool } of rows) {
  test(`finishProbe(): ${rule}`, () => {
    const harness = oneServer(retry);
    const seen = results.map((result) => {
      harness.probe(address, result);
      return harness.addresses(1).includes(address);
    });
    assert.deepEqual(seen, inPool);
  });
}

test("a check waits delay_loop after a success and delay_before_retry after a failure", () => {
  const harness = oneServer(1);
  harness.probe(address, passed);
  assert.equal(probeStartAfter(harness), 10 * second);
  harness.finish(address, failed);
  assert.equal(probeStartAfter(harness), second);
  harness.finish(address, failed);
  assert.equal(probeStartAfter(harness), 10 * second, "down: the regular pace again");
});

/** Time until the next probe starts. */
function probeStartAfter(harness: Harness): number {
  const from = harness.now;
  while (harness.probes.size === 0) harness.step();
  return harness.now - from;
}

test("first probes spread at random over the warm-up, and the same seed spreads them alike", () => {
  const starts = (): number[] => {
    const harness = new Harness();
    const servers = Array.from({ length: 200 }, (_, i) => realServer(i + 1));
    harness.configure(config(virtualServer(1, servers)));
    const found: number[] = [];
    for (let seen = 0; seen < servers.length; seen = harness.probes.size) {
      harness.step();
      for (let i = seen; i < harness.probes.size; i++) found.push(harness.now);
    }
    return found;
  };
  const first = starts();
  assert.deepEqual(starts(), first);
  assert.ok(first.every((at) => at >= 0 && at <= 10 * second));
  const early = first.filter((at) => at < 5 * second).length;
  assert.ok(early > 60 && early < 140, `${early} of 200 in the first half`);
});

test("delays of 0 do not spin: probes of one check are at least 10 ms apart", () => {
  const harness = new Harness();
  const check = tcpCheck({ delayLoopUs: 0, delayBeforeRetryUs: 0, warmupUs: 0 });
  harness.configure(config(virtualServer(1, [realServer(1, { checks: [check] })])));
  harness.step();
  harness.finish(address, passed);
  assert.equal(nextDeadline(harness.pool), harness.now + 10_000);
});

test("the log has keepalived's lines, each change once", () => {
  const harness = oneServer(1);
  for (const result of [passed, passed, failed, failed, failed, passed]) {
    harness.probe(address, result);
  }
  assert.deepEqual(harness.logs(), [
    "TCP connection to [10.0.0.1]:tcp:80 success.",
    "TCP connection to [10.0.0.1]:tcp:80 failed.",
    "TCP connection to [10.0.0.1]:tcp:80 failed.",
    "TCP_CHECK on service [10.0.0.1]:tcp:80 failed after 1 retries.",
    "Removing service [10.0.0.1]:tcp:80 from VS [192.0.2.1]:tcp:80",
    "Lost quorum 1-0=1 > 0 for VS [192.0.2.1]:tcp:80",
    "TCP connection to [10.0.0.1]:tcp:80 success.",
    "Adding service [10.0.0.1]:tcp:80 to VS [192.0.2.1]:tcp:80",
    "Gained quorum 1+0=1 <= 1 for VS [192.0.2.1]:tcp:80",
  ]);
});

test("a probe that cannot run is told once, and again after one that ran", () => {
  const harness = oneServer(0);
  const blocked: ProbeResult = { outcome: "notRun", reason: "EMFILE" };
  for (const result of [blocked, blocked, passed, blocked]) harness.probe(address, result);
  const warnings = harness.records().filter(({ level }) => level === "warn");
  assert.equal(warnings.length, 2);
  assert.match(warnings[0]?.text ?? "", /^Cannot probe \[10\.0\.0\.1\]:tcp:80: EMFILE/);
  const again = "Probing [10.0.0.1]:tcp:80 again, after 2 probes that were not made";
  assert.ok(harness.logs().includes(again));
});

test("alpha keeps a server out until the first success, without a report of a failure", () => {
  const harness = new Harness();
  const checks = [tcpCheck({ alpha: true })];
  harness.configure(config(virtualServer(1, [realServer(1, { checks })])));
  assert.deepEqual(harness.addresses(1), []);
  harness.told = [];
  harness.probe(address, passed);
  assert.deepEqual(harness.addresses(1), [address]);
  assert.ok(harness.logs().includes("Adding service [10.0.0.1]:tcp:80 to VS [192.0.2.1]:tcp:80"));
});

test("log_all_failures tells each failure to all, else only to those who want details", () => {
  for (const logAllFailures of [false, true]) {
    const harness = new Harness();
    const checks = [tcpCheck({ retry: 2, logAllFailures })];
    harness.configure(config(virtualServer(1, [realServer(1, { checks })])));
    for (const result of [passed, failed, failed]) harness.probe(address, result);
    const lines = harness.records().filter(({ text }) => /failed\.$/.test(text));
    const level = logAllFailures ? "info" : "detail";
    assert.deepEqual(
      lines.map((record) => record.level),
      [level, level],
    );
  }
});

test("a probe that names a weight sets the server's, and the next one sets it back", () => {
  const harness = oneServer(0);
  const weights = (): number[] =>
    harness.kernel.services.get("TCP 192.0.2.1 80")?.destinations.map(({ weight }) => weight) ?? [];
  harness.probe(address, { outcome: "passed", weight: 7 });
  assert.deepEqual(weights(), [7]);
  const change = harness.logs().find((text) => text.startsWith("Changing weight from 1 to 7"));
  assert.match(change ?? "", / for active service \[10\.0\.0\.1\]:tcp:80 of VS /);
  harness.probe(address, { outcome: "passed", weight: 0 });
  assert.deepEqual(weights(), [0]);
  harness.probe(address, passed);
  assert.deepEqual(weights(), [1]);
});

test("a script's pace counts from its start", () => {
  const harness = new Harness();
  const { connectAddress: _, connectPort: __, connectTimeoutUs: ___, ...timing } = tcpCheck();
  const script = { argv: ["/bin/true"], user: "root" };
  const check = { ...timing, script, timeoutUs: second, isDynamic: false };
  const checks = [{ ...check, kind: "MISC_CHECK" as const }];
  harness.configure(config(virtualServer(1, [realServer(1, { checks })])));
  while (harness.probes.size === 0) harness.step();
  const startedAt = harness.now;
  harness.now += 3 * second;
  harness.finish("", passed);
  while (harness.probes.size === 0) harness.step();
  assert.equal(Math.round(harness.now), Math.round(startedAt + 10 * second));
});
