// The addon as Node sees it: handlers that throw, worker threads, a second load, the end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runChild } from "./testing/child.js";

const addon: string = JSON.stringify(new URL("../build/netops.node", import.meta.url).pathname);

test("a handler that throws ends the process as any uncaught exception does", () => {
  const { status, stderr } = runChild(`
    import { MonotonicTimer } from "@netops/timer.js";
    new MonotonicTimer(() => { throw new Error("thrown in a handler"); }).armAt(0);
    setInterval(() => undefined, 1000);
  `);
  assert.equal(status, 1);
  assert.match(stderr, /Error: thrown in a handler/);
});

test("a handler that throws reaches uncaughtException, and the next datagram its handler", () => {
  const result = runChild(`
    import { DatagramSocket } from "@netops/raw-socket/datagram-socket.js";
    import { encodeUnix } from "@netops/raw-socket/sockaddr.js";
    const [a, b] = [0, 1].map(() => DatagramSocket.open({ family: 1, type: 2, protocol: 0 }));
    a.bind(encodeUnix("\\0netops-" + process.pid));
    b.connect(a.localAddress());
    let calls = 0;
    a.receive(() => {
      calls += 1;
      if (calls === 1) throw new Error("first");
      process.nextTick(() => console.log("tick"));
      Promise.resolve().then(() => { console.log("microtask"); a.close(); });
    }, console.error);
    process.on("uncaughtException", (error) => {
      console.log(error.message);
      b.send(new Uint8Array(1));
    });
    b.send(new Uint8Array(1));
  `);
  assert.deepEqual(result, { status: 0, stdout: "first\ntick\nmicrotask\n", stderr: "" });
});

test("a worker thread gets an error, before and after the main thread's load", () => {
  const result = runChild(`
    import { Worker } from "node:worker_threads";
    const attempt = () => new Promise((resolve) => {
      const code = 'require(${addon})';
      new Worker(code, { eval: true, execArgv: [] }).on("error", resolve).on("exit", resolve);
    });
    console.log((await attempt()).code);
    await import("@netops/native.js");
    console.log((await attempt()).code);
  `);
  const expected = "ERR_WORKER_UNSUPPORTED\nERR_WORKER_UNSUPPORTED\n";
  assert.deepEqual(result, { status: 0, stdout: expected, stderr: "" });
});

test("the addon can be loaded twice, and each load knows the other's descriptors", () => {
  const result = runChild(`
    import { createRequire } from "node:module";
    const require = createRequire("/");
    const first = require(${addon});
    delete require.cache[${addon}];
    const second = require(${addon});
    console.log(first === second);
    const timer = first.openTimer();
    first.watch(timer, () => { console.log("expired"); second.close(timer); });
    second.armTimer(timer, 0);
  `);
  assert.deepEqual(result, { status: 0, stdout: "false\nexpired\n", stderr: "" });
});

test("process.exit() in a handler ends the process with everything open", () => {
  const result = runChild(`
    import { MonotonicTimer } from "@netops/timer.js";
    import { watchSignals } from "@netops/process/signals.js";
    import { DatagramSocket } from "@netops/raw-socket/datagram-socket.js";
    DatagramSocket.open({ family: 2, type: 2, protocol: 0 }).receive(() => {}, () => {});
    watchSignals([36], () => undefined);
    new MonotonicTimer(() => process.exit(7)).armAt(0);
  `);
  assert.deepEqual(result, { status: 7, stdout: "", stderr: "" });
});

test("a missing addon is told with its path and the way to build it", () => {
  const result = runChild(`
    import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
    import { fileURLToPath } from "node:url";
    const folder = mkdtempSync("/tmp/netops-missing-");
    const source = new URL("@netops/");
    cpSync(fileURLToPath(source), folder + "/dist", { recursive: true });
    const modules = fileURLToPath(new URL("../../../node_modules", source));
    symlinkSync(modules, folder + "/node_modules");
    cpSync(fileURLToPath(new URL("../package.json", source)), folder + "/package.json");
    try {
      await import("file://" + folder + "/dist/native.js");
    } catch (error) {
      const isHelpful = /^Cannot load .*build\\/netops.node: .*build-native/s.test(error.message);
      console.log(error.code, isHelpful);
    } finally {
      rmSync(folder, { recursive: true });
    }
  `);
  assert.deepEqual(result, { status: 0, stdout: "NETOPS_UNAVAILABLE true\n", stderr: "" });
});
