// Signals by number, sent by this process to itself; what ends a process is tried in a child.

import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { runChild } from "../testing/child.js";
import { until } from "../testing/until.js";
import { ignoreSignals, watchSignals } from "./signals.js";

const { SIGHUP, SIGKILL, SIGSEGV, SIGSTOP, SIGUSR2 } = constants.signals;
const sigRealTime = 36; // SIGRTMIN + 2: keepalived's signal for its JSON dump

test("watchSignals() catches the real-time signal that ends a plain Node process", async () => {
  const caught: number[] = [];
  const watch = watchSignals([sigRealTime, SIGUSR2], (signal) => caught.push(signal));
  process.kill(process.pid, sigRealTime);
  await until("the signal is caught", () => caught.length === 1);
  process.kill(process.pid, SIGUSR2);
  await until("the other one too", () => caught.length === 2);
  assert.deepEqual(caught, [sigRealTime, SIGUSR2]);
  watch.close();
  watch.close();
  assert.equal(runChild(`process.kill(process.pid, ${sigRealTime})`).status, 128 + sigRealTime);
});

test("every signal that can be caught is", async () => {
  const faults = [4, 7, 8, 11];
  const reserved = [SIGKILL, SIGSTOP, 32, 33];
  const all = Array.from({ length: 64 }, (_, i) => i + 1).filter(
    (signal) => !faults.includes(signal) && !reserved.includes(signal),
  );
  const caught = new Set<number>();
  const watch = watchSignals(all, (signal) => caught.add(signal));
  for (const signal of all) process.kill(process.pid, signal);
  await until("all are caught", () => caught.size === all.length);
  watch.close();
});

test("a watch that nobody holds goes on", () => {
  const result = runChild(`
    import { watchSignals } from "@netops/process/signals.js";
    watchSignals([${SIGUSR2}], () => { console.log("caught"); process.exit(0); });
    for (let i = 0; i < 3; i++) await new Promise((later) => setTimeout(() => later(gc()), 1));
    process.kill(process.pid, ${SIGUSR2});
    setTimeout(() => undefined, 10_000);
  `);
  assert.deepEqual(result, { status: 0, stdout: "caught\n", stderr: "" });
});

test("what suspended() starts is born deaf to the signals, the watch goes on after it", () => {
  const result = runChild(`
    import { spawnSync } from "node:child_process";
    import { watchSignals } from "@netops/process/signals.js";
    const caught = [];
    const watch = watchSignals([${sigRealTime}], (signal) => caught.push(signal));
    const send = async () => {
      const count = caught.length;
      process.kill(process.pid, ${sigRealTime});
      while (caught.length === count) await new Promise((turn) => setImmediate(turn));
    };
    await send();
    const shell = () => spawnSync("sh", ["-c", "kill -${sigRealTime} $$; echo lives"]).stdout + "";
    const [born, other] = [watch.suspended(shell), shell()];
    await send();
    console.log(born.trim(), other.trim(), caught.length);
  `);
  assert.deepEqual(result, { status: 0, stdout: "lives  2\n", stderr: "" });
});

test("two watches of one signal are both told, and the last close() restores", () => {
  const result = runChild(`
    import { watchSignals } from "@netops/process/signals.js";
    const told = [];
    const first = watchSignals([${SIGHUP}], () => { told.push(1); first.close(); });
    const second = watchSignals([${SIGHUP}, 40], () => {
      told.push(2);
      if (told.length < 3) return process.kill(process.pid, ${SIGHUP});
      console.log(told.toSorted().join());
      second.close();
      process.kill(process.pid, ${SIGHUP});
    });
    process.kill(process.pid, ${SIGHUP});
    setInterval(() => undefined, 1000);
  `);
  assert.equal(result.stdout, "1,2,2\n");
  assert.equal(result.status, 128 + SIGHUP);
});

test("close() in the handler keeps the signals that are still pending to itself", async () => {
  const caught: number[] = [];
  const watch = watchSignals([40, 41], (signal) => {
    caught.push(signal);
    watch.close();
  });
  process.kill(process.pid, 41);
  process.kill(process.pid, 40);
  await until("one is caught", () => caught.length > 0);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(caught, [40]);
});

test("a signal that comes again while it is handled holds up nothing else", async () => {
  const caught: number[] = [];
  const watch = watchSignals([40, 41], (signal) => {
    caught.push(signal);
    if (signal === 40 && caught.length < 1_000) process.kill(process.pid, 40);
  });
  process.kill(process.pid, 41);
  process.kill(process.pid, 40);
  await until("the other one too", () => caught.includes(41));
  watch.close();
  assert.deepEqual(caught.slice(0, 2), [40, 41]);
});

test("a watch does not keep the process alive", () => {
  const result = runChild(`
    import { watchSignals } from "@netops/process/signals.js";
    watchSignals([36], () => undefined);
  `);
  assert.equal(result.status, 0);
});

test("watchSignals() refuses what cannot be caught, and leaves no half behind", () => {
  const nothing = (): void => undefined;
  for (const signal of [0, -1, 65, 1.5, Number.NaN, SIGSEGV]) {
    assert.throws(() => watchSignals([signal], nothing), { code: "ERR_INVALID_ARGUMENT" });
  }
  for (const signal of [SIGKILL, SIGSTOP, 32]) {
    assert.throws(() => watchSignals([45, signal], nothing), {
      code: "EINVAL",
      message: /^Cannot watch signals 45, \d+: EINVAL, 9, 19, 32 and 33 cannot be caught/,
    });
  }
  ignoreSignals([45]);
});

test("watchSignals() allows 16 watches at a time and frees their places", () => {
  const nothing = (): void => undefined;
  const watches = Array.from({ length: 16 }, () => watchSignals([42], nothing));
  assert.throws(() => watchSignals([42], nothing), { code: "EMFILE" });
  for (const watch of watches) watch.close();
  watchSignals([42], nothing).close();
});

test("ignoreSignals() makes signals harmless, but not watched ones", () => {
  ignoreSignals([43]);
  process.kill(process.pid, 43);
  const watch = watchSignals([44], () => undefined);
  assert.throws(() => ignoreSignals([44]), { code: "EBUSY" });
  watch.close();
  assert.throws(() => ignoreSignals([SIGKILL]), { code: "EINVAL" });
});
