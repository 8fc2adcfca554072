// Start and resumption: RFC 9568 section 6.4.1 and what a killed predecessor leaves behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Bench,
  backup,
  brief,
  briefOrders,
  instanceOf,
  linkFact,
  master,
  second,
} from "./fixtures.js";

test("configured starts in BACKUP with a full interval and clears stale addresses", () => {
  const bench = new Bench(instanceOf());
  assert.deepEqual(brief(bench.configure()), [
    "remove 192.0.2.100",
    "info: (VI_1) Entering BACKUP STATE (init)",
    "report INIT to BACKUP",
  ]);
  assert.equal(bench.remaining(), 3 * second + Math.floor((156 / 256) * second));
});

test("configured makes the owner MASTER at once", () => {
  const bench = new Bench(instanceOf({ basePriority: 255, wantedState: "MASTER" }));
  assert.deepEqual(brief(bench.configure()), [
    "advert 255",
    "add 192.0.2.100",
    "announce 192.0.2.100 x5",
    "info: (VI_1) Entering MASTER STATE",
    "detail: (VI_1) setting VIPs.",
    "report INIT to MASTER",
  ]);
});

test("configured gives state MASTER without priority 255 no head start", () => {
  const bench = backup({ wantedState: "MASTER", basePriority: 254 });
  assert.equal(bench.state(), "BACKUP");
});

test("configured enters FAULT when the interface cannot serve", () => {
  const cases = [
    { links: [], reason: "interface eth0 does not exist" },
    { links: [linkFact({ isRunning: false })], reason: "interface eth0 is down" },
    { links: [linkFact({ ipv4Address: null })], reason: "interface eth0 has no IPv4 address" },
  ];
  for (const { links, reason } of cases) {
    const bench = new Bench(instanceOf());
    assert.deepEqual(brief(bench.configure([bench.config], links)), [
      "remove 192.0.2.100",
      `warn: (VI_1) ${reason}`,
      "info: (VI_1) Entering FAULT STATE (init)",
      "report INIT to FAULT",
    ]);
  }
});

test("configured lets one of two instances with the same virtual router id fail", () => {
  const bench = new Bench(instanceOf());
  const actions = bench.configure([bench.config, instanceOf({ name: "VI_2" })]);
  assert.deepEqual(briefOrders(actions), [
    "remove 192.0.2.100",
    "report INIT to BACKUP",
    "remove 192.0.2.100",
    "report INIT to FAULT",
  ]);
});

test("configured with resume goes on as MASTER without a transition", () => {
  const former = master();
  const snapshot = former.snapshot();
  const bench = new Bench(former.config);
  bench.now = former.now + second;
  assert.deepEqual(brief(bench.configure([bench.config], [linkFact()], [snapshot])), [
    "advert 100",
    "add 192.0.2.100",
    "announce 192.0.2.100 x5",
    "info: (VI_1) Resuming MASTER STATE",
    "report MASTER to MASTER",
  ]);
  assert.equal(bench.snapshot().enteredAt, snapshot.enteredAt);
  assert.equal(bench.counter("becomeMaster"), 0);
});

test("configured with resume in BACKUP waits a full interval of the known master", () => {
  const former = backup({ version: 3, advertIntervalUs: second });
  former.receive({ priority: 150, advert: { advertIntervalUs: 2 * second } });
  const bench = new Bench(former.config);
  bench.now = former.now + 4 * second;
  const actions = bench.configure([bench.config], [linkFact()], [former.snapshot()]);
  assert.deepEqual(brief(actions), [
    "remove 192.0.2.100",
    "info: (VI_1) Resuming BACKUP STATE",
    "report BACKUP to BACKUP",
  ]);
  assert.equal(bench.snapshot().enteredAt, former.snapshot().enteredAt);
  assert.equal(bench.remaining(), 6 * second + Math.floor((156 / 256) * 2 * second));
  assert.equal(bench.snapshot().masterAddress, former.snapshot().masterAddress);
});

test("configured with resume as MASTER on a dead interface enters FAULT", () => {
  const former = master();
  const bench = new Bench(former.config);
  bench.now = former.now;
  const links = [linkFact({ isRunning: false })];
  const actions = bench.configure([bench.config], links, [former.snapshot()]);
  assert.deepEqual(briefOrders(actions), ["remove 192.0.2.100", "report INIT to FAULT"]);
});
