// promote_secondaries is set where it is asked for, and put back where it was not set before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceOf } from "../core/fixtures.js";
import { Promotion } from "./promotion.js";

class FakeLinks {
  /** By interface index. */
  readonly values: Map<number, number> = new Map([
    [2, 0],
    [3, 1],
  ]);
  readonly trace: string[] = [];
  readonly logs: string[] = [];
  errno: string | null = null;
  readonly indexes: Map<string, number> = new Map([
    ["eth0", 2],
    ["eth1", 3],
  ]);

  readonly promotion = new Promotion(
    {
      configuration: (target) => {
        const index = "index" in target ? target.index : 0;
        const ipv4 = { promote_secondaries: this.values.get(index) };
        return Promise.resolve({ ok: true, value: { index, ipv4, addressGeneration: undefined } });
      },
      apply: (changes) => {
        this.trace.push(JSON.stringify(changes.map((change) => Object.values(change).slice(1))));
        return Promise.resolve([this.errno]);
      },
    },
    {
      link: (name) => {
        const index = this.indexes.get(name);
        const rest = { hardwareAddress: "", hasArp: true, ipv4Address: null };
        return index === undefined ? undefined : { index, ...rest };
      },
    },
    ({ text }) => void this.logs.push(text),
  );
}

function set(index: number, value: number): string {
  return JSON.stringify([[{ index }, { promote_secondaries: value }]]);
}

const promoting = ["eth0", "eth1", "eth2"].map((name) =>
  instanceOf({ name, interface: name, promoteSecondaries: true }),
);

test("Promotion sets it where it is not set, and puts it back at the end", async () => {
  const { promotion, trace } = new FakeLinks();
  await promotion.configure([...promoting, instanceOf({ interface: "eth3" })]);
  assert.deepEqual(trace, [set(2, 1)]);
  await promotion.configure(promoting);
  await promotion.restore();
  assert.deepEqual(trace, [set(2, 1), set(2, 0)]);
});

test("Promotion follows an interface that comes later, and a reload", async () => {
  const { promotion, trace, indexes, values } = new FakeLinks();
  await promotion.configure(promoting);
  trace.length = 0;
  indexes.set("eth2", 9);
  values.set(9, 0);
  await promotion.appeared("eth2");
  await promotion.appeared("eth5");
  assert.deepEqual(trace, [set(9, 1)]);
  await promotion.configure([promoting[0] ?? instanceOf()]);
  assert.deepEqual(trace, [set(9, 1), set(9, 0)]);
});

test("Promotion says what the kernel refuses", async () => {
  const fake = new FakeLinks();
  fake.errno = "EPERM";
  await fake.promotion.configure(promoting);
  await fake.promotion.restore();
  assert.deepEqual(fake.logs, [
    "Cannot set promote_secondaries of eth0: EPERM, needs CAP_NET_ADMIN",
  ]);
});
