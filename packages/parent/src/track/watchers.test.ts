// Scripts and files watched for real: what is told, when, and what a reload keeps.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, type TestContext, test } from "node:test";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { WatchReport } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  TrackedFileConfig,
  TrackedScriptConfig,
  TrackingConfig,
} from "@keepalived-ts/shared-config/schema/config";
import {
  emptyCheckerConfig,
  emptyVrrpConfig,
  plainRealServer,
  plainVirtualServer,
} from "@keepalived-ts/shared-config/schema/config-empty";
import { globalDefaults } from "@keepalived-ts/shared-config/schema/config-global-defaults";
import { trackedValue } from "./file-tracker.js";
import { Watchers } from "./watchers.js";

const folder: string = mkdtempSync(join(tmpdir(), "watchers-"));
after(() => rmSync(folder, { recursive: true }));

const nothing: TrackingConfig = { scripts: [], files: [], processes: [], bfdInstances: [] };

function script(name: string, command: string): TrackedScriptConfig {
  return {
    name,
    script: { argv: ["/bin/sh", "-c", command], user: "root" },
    intervalUs: 20_000,
    timeoutUs: 5_000_000,
    weight: 0,
    reverse: false,
    rise: 1,
    fall: 1,
    initFail: false,
  };
}

function file(
  name: string,
  path: string,
  more: Partial<TrackedFileConfig> = {},
): TrackedFileConfig {
  return { name, path, weight: 1, reverse: false, ...more };
}

class Bench {
  readonly reports: WatchReport[] = [];
  readonly logs: LogRecord[] = [];
  readonly watchers: Watchers;
  #woken: () => void = () => undefined;

  constructor(t: TestContext) {
    this.watchers = new Watchers({
      reported: (report) => {
        this.reports.push(report);
        this.#woken();
      },
      log: (record) => this.logs.push(record),
    });
    t.after(() => this.watchers.close());
  }

  configure(tracking: TrackingConfig): void {
    const global = globalDefaults;
    this.watchers.configure({ tracking, vrrp: emptyVrrpConfig, checker: undefined, global });
  }

  /** Waits until `name` was last told to be `value`. */
  async until(name: string, value: number): Promise<void> {
    const limit = AbortSignal.timeout(10_000);
    while (this.reports.findLast((report) => report.name === name)?.value !== value) {
      limit.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#woken = resolve;
        setTimeout(resolve, 50);
      });
    }
  }
}

test("trackedValue() takes a whole number on the first line, everything else is 0", () => {
  const rows: [string, number][] = [
    ["5\n", 5],
    ["-7", -7],
    ["  12  \nmore\n", 12],
    ["+3\r\n", 3],
    ["", 0],
    ["5x\n", 0],
    ["x\n5\n", 0],
    ["99999999999999999999\n", 2147483647],
    ["-99999999999999999999\n", -2147483647],
  ];
  for (const [text, value] of rows) assert.equal(trackedValue(text), value, JSON.stringify(text));
});

test("Watchers tell when a script begins to fail and when it succeeds again", async (t) => {
  const bench = new Bench(t);
  const path = join(folder, "healthy");
  writeFileSync(path, "");
  bench.configure({ ...nothing, scripts: [script("s", `test -e ${path}`)] });
  await bench.until("s", 1);
  rmSync(path);
  await bench.until("s", 0);
  writeFileSync(path, "");
  await bench.until("s", 1);
  const texts = bench.logs.map(({ text }) => text);
  assert.deepEqual(texts, [
    "VRRP_Script(s) succeeded",
    "Script `s` now returning 1",
    "VRRP_Script(s) failed",
    "Script `s` now returning 0",
    "VRRP_Script(s) succeeded",
  ]);
});

test("Watchers tell that a script which cannot be started has failed, and why once", async (t) => {
  const bench = new Bench(t);
  const missing = { argv: [join(folder, "nosuch")], user: "root" };
  bench.configure({ ...nothing, scripts: [{ ...script("s", ""), script: missing }] });
  await bench.until("s", 0);
  await new Promise((wake) => setTimeout(wake, 100));
  const told = bench.logs.filter(({ text }) => /Cannot run vrrp_script s .*ENOENT/.test(text));
  assert.equal(told.length, 1);
});

test("Watchers tell the result of before a reload at once", async (t) => {
  const bench = new Bench(t);
  const config = { ...nothing, scripts: [script("s", "exit 1")] };
  bench.configure(config);
  await bench.until("s", 0);
  bench.reports.length = 0;
  bench.configure({ ...nothing, scripts: [script("s", "sleep 60")] });
  assert.deepEqual(bench.reports, [{ kind: "script", name: "s", value: 0 }]);
});

test("Watchers follow a file that is written, replaced, removed and made again", async (t) => {
  const bench = new Bench(t);
  const path = join(folder, "number");
  writeFileSync(path, "5\n");
  bench.configure({ ...nothing, files: [file("f", path)] });
  assert.deepEqual(bench.reports, [{ kind: "file", name: "f", value: 5 }]);
  writeFileSync(path, "-20\n");
  await bench.until("f", -20);
  writeFileSync(`${path}.new`, "30\n");
  renameSync(`${path}.new`, path);
  await bench.until("f", 30);
  rmSync(path);
  await bench.until("f", 0);
  writeFileSync(path, "7");
  await bench.until("f", 7);
});

test("Watchers notice a file in a folder that comes later", async (t) => {
  const bench = new Bench(t);
  const path = join(folder, "later", "number");
  bench.configure({ ...nothing, files: [file("f", path)] });
  await bench.until("f", 0);
  mkdirSync(join(folder, "later"));
  writeFileSync(path, "9\n");
  await bench.until("f", 9);
});

test("Watchers make a file at the start only, and overwrite it only when told to", async (t) => {
  const bench = new Bench(t);
  const path = join(folder, "made");
  const config = (value: number, overwrite: boolean): TrackingConfig => ({
    ...nothing,
    files: [file("f", path, { initFile: { value, overwrite } })],
  });
  bench.configure(config(4, false));
  assert.equal(readFileSync(path, "utf8"), "4\n");
  bench.configure(config(6, true));
  assert.equal(readFileSync(path, "utf8"), "4\n");
  const other = new Bench(t);
  other.configure(config(7, false));
  await other.until("f", 4);
  const third = new Bench(t);
  third.configure(config(8, true));
  await third.until("f", 8);
});

test("files that FILE_CHECKs name are watched without an instance too, and no other", async (t) => {
  const paths = ["named", "unnamed"].map((name) => join(folder, name));
  for (const path of paths) writeFileSync(path, "7\n");
  const reports: WatchReport[] = [];
  const watchers = new Watchers({
    reported: (report) => reports.push(report),
    log: () => undefined,
  });
  t.after(() => watchers.close());
  const check = { kind: "FILE_CHECK", file: "named", weight: 1, isReversed: false } as const;
  const realServers = [{ ...plainRealServer, address: "192.0.2.9", checks: [check] }];
  const key = { kind: "fwmark", mark: 1, family: 4 } as const;
  const virtualServers = [{ ...plainVirtualServer, name: "FWM 1", key, realServers }];
  const files = paths.map((path) => file(basename(path), path));
  watchers.configure({
    global: globalDefaults,
    tracking: { ...nothing, files },
    vrrp: undefined,
    checker: { ...emptyCheckerConfig, virtualServers },
  });
  assert.deepEqual(reports, [{ kind: "file", name: "named", value: 7 }]);
});
