// The limits on running probes, with probes that end when the test says so.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeResult } from "../core/event.js";
import { tcpCheck } from "../testing/builders.js";
import { passed } from "../testing/harness.js";
import { ProbeRunner } from "./limits.js";

/** A runner whose probes end when the test says so. */
class Bench {
  readonly ends: Map<number, (result: ProbeResult) => void> = new Map();
  readonly finished: number[] = [];
  cancelled = 0;
  peak = 0;
  readonly runner: ProbeRunner;
  #started = 0;

  constructor(maximumConcurrent: number) {
    this.runner = new ProbeRunner({
      maximumConcurrent,
      startProbe: ({ urlIndex }, finished) => {
        this.#started++;
        this.ends.set(urlIndex, finished);
        this.peak = Math.max(this.peak, this.ends.size);
        return { cancel: () => this.#cancel(urlIndex) };
      },
      finished: (probe) => this.finished.push(probe),
    });
  }

  get started(): number {
    return this.#started;
  }

  startMany(count: number): void {
    for (let i = 1; i <= count; i++) this.runner.start(i, { check: tcpCheck(), urlIndex: i });
  }

  end(probe: number): void {
    const finished = this.ends.get(probe);
    this.ends.delete(probe);
    finished?.(passed);
  }

  #cancel(probe: number): void {
    this.ends.delete(probe);
    this.cancelled++;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("ProbeRunner never runs more than its maximum, and runs all in order", async () => {
  const bench = new Bench(10);
  bench.startMany(300);
  while (bench.finished.length < 300) {
    await turn();
    const [first] = bench.ends.keys();
    if (first !== undefined) bench.end(first);
  }
  assert.equal(bench.peak, 10);
  assert.deepEqual(
    bench.finished,
    Array.from({ length: 300 }, (_, i) => i + 1),
  );
  assert.deepEqual([bench.runner.runningCount, bench.runner.waitingCount], [0, 0]);
});

test("ProbeRunner starts no more than 64 in one turn of the event loop", async () => {
  const bench = new Bench(1_000);
  bench.startMany(200);
  assert.equal(bench.started, 0);
  const perTurn: number[] = [];
  for (let before = 0; before < 200; before = bench.started) {
    await turn();
    perTurn.push(bench.started - before);
  }
  assert.ok(Math.max(...perTurn) <= 64, perTurn.join(" "));
});

test("ProbeRunner cancels waiting and running probes; that frees their places", async () => {
  const bench = new Bench(2);
  bench.startMany(4);
  await turn();
  bench.runner.cancel(3);
  bench.runner.cancel(1);
  bench.runner.cancel(99);
  await turn();
  assert.equal(bench.cancelled, 1);
  assert.deepEqual([...bench.ends.keys()], [2, 4]);
  assert.deepEqual([bench.runner.runningCount, bench.runner.waitingCount], [2, 0]);
});
