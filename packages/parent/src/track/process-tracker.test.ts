// Real processes counted: by the process connector where there is one, else by reading /proc.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import type { TrackedProcessConfig } from "@keepalived-ts/shared-config/schema/config";
import { ProcessTracker } from "./process-tracker.js";

const folder: string = mkdtempSync(join(tmpdir(), "process-tracker-"));
after(() => rmSync(folder, { recursive: true }));

/** A program that nobody else runs. */
const name = `trk${process.pid}`;
const program: string = join(folder, name);
copyFileSync("/bin/sleep", program);

function tracked(more: Partial<TrackedProcessConfig> = {}): TrackedProcessConfig {
  return {
    name: "p",
    process: name,
    arguments: [],
    parameterMatch: "none",
    fullCommand: false,
    weight: 0,
    reverse: false,
    quorum: 1,
    forkDelayUs: 0,
    terminateDelayUs: 0,
    ...more,
  };
}

class Bench {
  readonly reports: string[] = [];
  readonly tracker: ProcessTracker;
  readonly #context: TestContext;
  #woken: () => void = () => undefined;

  constructor(context: TestContext) {
    this.#context = context;
    this.tracker = new ProcessTracker({
      changed: (tracker, isWell) => {
        this.reports.push(`${tracker} ${isWell ? "up" : "down"}`);
        this.#woken();
      },
      log: () => undefined,
    });
    context.after(() => this.tracker.close());
  }

  run(...words: string[]): ChildProcess {
    const child = spawn(program, words, { stdio: "ignore" });
    this.#context.after(() => child.kill("SIGKILL"));
    return child;
  }

  async until(...reports: string[]): Promise<void> {
    const limit = AbortSignal.timeout(10_000);
    while (this.reports.length < reports.length) {
      await new Promise<void>((resolve, reject) => {
        this.#woken = resolve;
        limit.onabort = () => reject(new Error(`Waited in vain after ${this.reports}`));
      });
    }
    assert.deepEqual(this.reports, reports);
  }
}

test("ProcessTracker tells at once how it is, and of processes that come and go", async (t) => {
  const bench = new Bench(t);
  bench.tracker.configure([tracked({ quorum: 2 })]);
  assert.deepEqual(bench.reports, ["p down"]);
  bench.run("600");
  const second = bench.run("600");
  await bench.until("p down", "p up");
  second.kill("SIGKILL");
  await bench.until("p down", "p up", "p down");
});

test("ProcessTracker compares the words of a command when asked to", async (t) => {
  const bench = new Bench(t);
  const words = { process: program, fullCommand: true, parameterMatch: "exact" } as const;
  bench.tracker.configure([
    tracked({ ...words, name: "other", arguments: ["601"] }),
    tracked({ ...words, arguments: ["602"] }),
  ]);
  bench.run("602");
  await bench.until("other down", "p down", "p up");
});

test("ProcessTracker finds what runs before it, and keeps it over a reload", async (t) => {
  const bench = new Bench(t);
  const child = bench.run("603");
  await new Promise((resolve) => child.once("spawn", resolve));
  bench.tracker.configure([tracked()]);
  assert.deepEqual(bench.reports, ["p up"]);
  bench.tracker.configure([tracked(), tracked({ name: "q", quorumMax: 0, quorum: 0 })]);
  assert.deepEqual(bench.reports, ["p up", "p up", "q down"]);
});
