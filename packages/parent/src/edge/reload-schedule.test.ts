// ReloadSchedule on a real folder, with a wall clock that the test sets.

import assert from "node:assert/strict";
import { existsSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createLog } from "@keepalived-ts/shared-config/base/log";
import { globalDefaults } from "@keepalived-ts/shared-config/schema/config-global-defaults";
import { temporaryFolder } from "../testing/daemon-run.js";
import { ReloadSchedule } from "./reload-schedule.js";

/** Ten milliseconds before 15:00:00 UTC. */
const almost = Date.UTC(2026, 10, 26, 14, 59, 59, 990);

class Bench {
  readonly path: string;
  readonly said: string[] = [];
  readonly schedule: ReloadSchedule;
  now = almost;
  due = 0;

  constructor(context: TestContext) {
    this.path = join(temporaryFolder(context), "time");
    this.schedule = new ReloadSchedule({
      log: createLog(({ text }) => void this.said.push(text)),
      wallMs: () => this.now,
      due: () => {
        this.due += 1;
      },
    });
    context.after(() => this.schedule.close());
  }

  configure(reloadRepeat = false): void {
    this.schedule.configure({ ...globalDefaults, reloadTimeFile: this.path, reloadRepeat });
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }

  async says(pattern: RegExp): Promise<void> {
    await this.until(() => this.said.some((text) => pattern.test(text)));
  }
}

test("a file that is there at the start, or comes later, plans a reload", async (t) => {
  for (const isThere of [true, false]) {
    const bench = new Bench(t);
    if (isThere) writeFileSync(bench.path, "15:00:00Z\n");
    bench.configure();
    if (!isThere) writeFileSync(bench.path, "2026-11-26 15:00:00Z");
    await bench.says(/^Reload planned for Thu Nov 26 2026/);
    bench.now += 10;
    await bench.until(() => bench.due === 1);
    assert.equal(existsSync(bench.path), false);
  }
});

test("reload_repeat keeps a time without a date for the next day", async (t) => {
  const bench = new Bench(t);
  writeFileSync(bench.path, "15:00:00Z");
  bench.configure(true);
  bench.now += 10;
  await bench.until(() => bench.due === 1);
  assert.equal(existsSync(bench.path), true);
  bench.now = almost + 24 * 3_600_000;
  bench.configure(true);
  bench.now += 10;
  await bench.until(() => bench.due === 2);
});

test("a timer that comes early, as when the clock is set back, waits again", async (t) => {
  const bench = new Bench(t);
  writeFileSync(bench.path, "15:00:00Z");
  bench.configure();
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(bench.due, 0);
  bench.now += 10;
  await bench.until(() => bench.due === 1);
});

test("a file that goes cancels the reload; what cannot be a time to come is named", async (t) => {
  const bench = new Bench(t);
  bench.now -= 3_600_000;
  writeFileSync(bench.path, "15:00:00Z");
  bench.configure();
  unlinkSync(bench.path);
  await bench.says(/^Planned reload is cancelled$/);
  writeFileSync(bench.path, "soon");
  await bench.says(/^Cannot read a time in .*must be \[\[YY\]YY-MM-DD \]HH:MM:SS\[Z\]$/);
  writeFileSync(bench.path, "2020-01-01 00:00:00");
  await bench.says(/^Cannot reload at a time that has passed/);
  assert.equal(bench.due, 0);
});

test("a folder that is not there is named", (t) => {
  const bench = new Bench(t);
  const reloadTimeFile = join(bench.path, "none");
  bench.schedule.configure({ ...globalDefaults, reloadTimeFile });
  assert.match(bench.said.join(), /^Cannot watch reload_time_file .*; a reload looks again$/);
});
