// Counting processes: what matches, quorum and its bounds, delays, what a reload keeps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { TrackedProcessConfig } from "@keepalived-ts/shared-config/schema/config";
import {
  createProcessWatch,
  handleProcess,
  isMatch,
  nextProcessDeadline,
  type ProcessNames,
  type ProcessWatch,
  type ProcessWatchEvent,
} from "./process-watch.js";

function tracked(more: Partial<TrackedProcessConfig> = {}): TrackedProcessConfig {
  return {
    name: "web",
    process: "nginx",
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

const names = (comm: string, ...commandLine: string[]): ProcessNames => ({ comm, commandLine });
const nginx = names("nginx", "nginx: master process");

class Bench {
  watch: ProcessWatch;
  now = 0;

  constructor(...configs: TrackedProcessConfig[]) {
    this.watch = createProcessWatch(configs);
  }

  /** What is reported: "web up". */
  take(event: ProcessWatchEvent): string[] {
    const reports = handleProcess(this.watch, event, this.now);
    return reports.map(({ name, isWell }) => `${name} ${isWell ? "up" : "down"}`);
  }

  list(...processes: [number, ProcessNames][]): string[] {
    return this.take({ type: "listed", processes: new Map(processes) });
  }

  start(pid: number, started: ProcessNames = nginx): string[] {
    return this.take({ type: "renamed", pid, names: started });
  }

  exit(pid: number): string[] {
    return this.take({ type: "exited", pid });
  }

  wait(): string[] {
    this.now = nextProcessDeadline(this.watch) ?? Number.NaN;
    return this.take({ type: "deadlineReached" });
  }
}

test("isMatch() compares the name, the program or all words, as asked", () => {
  const sleep = names("sleep", "/bin/sleep", "100", "200");
  const full = { process: "/bin/sleep", fullCommand: true } as const;
  const rows: [Partial<TrackedProcessConfig>, boolean][] = [
    [{ process: "sleep" }, true],
    [{ process: "/usr/local/bin/sleep" }, true],
    [{ process: "slee" }, false],
    [{ process: "sleep", fullCommand: true }, false],
    [full, true],
    [{ ...full, parameterMatch: "exact" }, false],
    [{ ...full, parameterMatch: "exact", arguments: ["100", "200"] }, true],
    [{ ...full, parameterMatch: "exact", arguments: ["100"] }, false],
    [{ ...full, parameterMatch: "partial", arguments: ["100"] }, true],
    [{ ...full, parameterMatch: "partial", arguments: ["10"] }, false],
    [{ ...full, parameterMatch: "initial", arguments: ["100", "2"] }, true],
    [{ ...full, parameterMatch: "initial", arguments: ["10", "200"] }, false],
    [{ ...full, parameterMatch: "initial", arguments: ["100", "200", ""] }, false],
  ];
  for (const [more, expected] of rows) {
    assert.equal(isMatch(tracked(more), sleep), expected, JSON.stringify(more));
  }
  const long = tracked({ process: "a-very-long-program-name" });
  assert.equal(isMatch(long, names("a-very-long-pro")), true);
});

test("handleProcess() reports when the quorum is reached and lost", () => {
  const bench = new Bench(tracked({ quorum: 2 }));
  assert.deepEqual(bench.list([1, names("init")], [7, nginx]), ["web down"]);
  assert.deepEqual(bench.start(8), ["web up"]);
  assert.deepEqual(bench.start(9), []);
  assert.deepEqual(bench.exit(7), []);
  assert.deepEqual(bench.exit(8), ["web down"]);
  assert.deepEqual(bench.exit(4242), []);
});

test("handleProcess() counts a fork as what its parent is, until it executes something", () => {
  const bench = new Bench(tracked());
  assert.deepEqual(bench.list(), ["web down"]);
  assert.deepEqual(bench.start(7), ["web up"]);
  assert.deepEqual(bench.take({ type: "forked", parentPid: 7, pid: 8 }), []);
  assert.deepEqual(bench.exit(7), []);
  assert.deepEqual(bench.start(8, names("sh")), ["web down"]);
  assert.deepEqual(bench.take({ type: "forked", parentPid: 8, pid: 9 }), []);
  assert.deepEqual(bench.take({ type: "renamed", pid: 9, names: null }), []);
  assert.equal(bench.watch.matches.size, 0);
});

test("handleProcess() takes more than quorum_max, or any with 0, for a failure", () => {
  const one = new Bench(tracked({ quorumMax: 1 }));
  assert.deepEqual(one.list([7, nginx]), ["web up"]);
  assert.deepEqual(one.start(8), ["web down"]);
  assert.deepEqual(one.exit(7), ["web up"]);
  const none = new Bench(tracked({ quorum: 0, quorumMax: 0 }));
  assert.deepEqual(none.list(), ["web up"]);
  assert.deepEqual(none.start(7), ["web down"]);
});

test("handleProcess() waits for fork_delay and terminate_delay, and forgets what is undone", () => {
  const delays = { forkDelayUs: 2 * usPerSecond, terminateDelayUs: usPerSecond };
  const bench = new Bench(tracked(delays));
  assert.deepEqual(bench.list([7, nginx]), ["web up"]);
  assert.deepEqual(bench.exit(7), []);
  bench.now = usPerSecond / 2;
  assert.deepEqual(bench.start(8), []);
  assert.equal(nextProcessDeadline(bench.watch), undefined);
  assert.deepEqual(bench.exit(8), []);
  assert.deepEqual(bench.wait(), ["web down"]);
  assert.equal(bench.now, 1.5 * usPerSecond);
  assert.deepEqual(bench.start(9), []);
  assert.deepEqual(bench.wait(), ["web up"]);
  assert.equal(bench.now, 3.5 * usPerSecond);
});

test("handleProcess() corrects itself by a list after events were lost", () => {
  const bench = new Bench(tracked(), tracked({ name: "db", process: "postgres" }));
  assert.deepEqual(bench.list([7, nginx]), ["web up", "db down"]);
  assert.deepEqual(bench.list([8, names("postgres")]), ["web down", "db up"]);
});

test("createProcessWatch() keeps what was reported before a reload", () => {
  const bench = new Bench(tracked());
  bench.list([7, nginx]);
  bench.watch = createProcessWatch([tracked(), tracked({ name: "new" })], bench.watch);
  assert.deepEqual(bench.list([7, nginx]), ["new up"]);
});
