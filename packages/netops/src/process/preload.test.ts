// The library that is loaded before Node: memory locked under the collector's churn and at the end,
// signals that do not end a process which is starting; who has it and who has not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChildResult, runChild } from "../testing/child.js";
import { dropPreload, isPreloaded, preloadPath, withPreload } from "./preload.js";

const prelude = `
  import { readFileSync } from "node:fs";
  import { OwnProcess } from "@netops/process/own-settings.js";
  const own = new OwnProcess("vrrp", (record) => console.log(record.text));
  const settings = (noSwap) => ({ name: "keepalived", realTimeLimitUs: 10000, noSwap });
  const isLocked = () => !/^VmLck:\\s*0 kB$/m.test(readFileSync("/proc/self/status", "utf8"));
  function churn(cycles) {
    for (let cycle = 0; cycle < cycles; cycle++) {
      let garbage = [];
      for (let i = 0; i < 200000; i++) garbage.push({ i, text: "x" + i });
      garbage = [];
      gc();
    }
  }
`;

function runPreloaded(code: string, prefix: readonly string[] = []): ChildResult {
  return runChild(prelude + code, { environment: withPreload(process.env), prefix });
}

test("locked memory outlives the collector's churn, a reload and the end of the process", () => {
  const result = runPreloaded(`
    own.apply(settings(true));
    churn(6);
    const during = isLocked();
    own.apply(settings(false));
    console.log(during, isLocked());
    own.apply(settings(true));
    churn(2);
    setTimeout(() => console.log(isLocked()), 200);
  `);
  assert.deepEqual(result, { status: 0, stdout: "true false\ntrue\n", stderr: "" });
});

test("memory is not locked where that would end the process, and it is said what to do", () => {
  const unprivileged = runPreloaded("own.apply(settings(true)); churn(1);", [
    ...["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"],
    ...["prlimit", "--memlock=8388608"],
  ]);
  assert.equal(
    unprivileged.stdout,
    "Cannot set vrrp_no_swap: needs CAP_IPC_LOCK " +
      "(systemd: AmbientCapabilities=, LimitMEMLOCK=infinity)\n",
  );
  const bare = runChild(`${prelude} own.apply(settings(true)); churn(1);`);
  assert.match(bare.stdout, /^Cannot set vrrp_no_swap: its library build\/preload\.so was not/);
  assert.deepEqual([unprivileged.status, bare.status], [0, 0]);
});

test("signals that come before a process has handlers do not end it, and handlers work", () => {
  const { status, stdout } = runPreloaded(`
    for (const signal of [1, 10, 12, 34, 36, 63, 64]) process.kill(process.pid, signal);
    process.on("SIGUSR2", () => { console.log("caught"); process.exit(0); });
    process.kill(process.pid, 12);
    setTimeout(() => undefined, 10_000);
  `);
  // SIGUSR1 is Node's own: it opens the debugger, which is another's business.
  assert.deepEqual([status, stdout], [0, "caught\n"]);
  assert.equal(runChild("process.kill(process.pid, 12)").status, 128 + 12);
});

test("withPreload() puts the library first, dropPreload() takes it away and leaves others", () => {
  const path = preloadPath() ?? "";
  assert.match(path, /\/netops\/build\/preload\.so$/);
  assert.equal(withPreload({})["LD_PRELOAD"], path);
  assert.equal(withPreload({ LD_PRELOAD: "/a.so" })["LD_PRELOAD"], `${path}:/a.so`);
  assert.equal(isPreloaded(), false);
  const before = process.env["LD_PRELOAD"];
  for (const [words, rest] of [
    [`${path}:/a.so /b.so`, "/a.so:/b.so"],
    [path, undefined],
    ["/a.so /b.so", "/a.so /b.so"],
  ] as const) {
    process.env["LD_PRELOAD"] = words;
    dropPreload();
    assert.equal(process.env["LD_PRELOAD"], rest);
  }
  delete process.env["LD_PRELOAD"];
  if (before !== undefined) process.env["LD_PRELOAD"] = before;
});
