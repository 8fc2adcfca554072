// child-process.ts: children that cannot be started, whether Node throws or emits the error. And
// what else the parent does without a descriptor left.

import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { setResourceLimit } from "@keepalived-ts/netops/process/control";
import { fromVrrpSchema } from "@keepalived-ts/shared-config/ipc/from-child-schema";
import type { FromVrrp, ToVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import { type ChildExit, startChild } from "./child-process.js";
import { readConfig } from "./config-source.js";
import { connectSyslog } from "./syslog-writer.js";
import { createNotifier } from "./systemd.js";

const descriptorsMost = 4_096;

/** From now on, to the end of the test or the call of what is returned, no file can be opened. */
function useUpDescriptors(context: TestContext): () => void {
  const next = openSync("/dev/null", "r");
  closeSync(next);
  const restore = (): void => setResourceLimit("NOFILE", descriptorsMost, descriptorsMost);
  context.after(restore);
  setResourceLimit("NOFILE", next, descriptorsMost);
  return restore;
}

/** Starts a child that cannot be; resolves with what was told of it, in order. */
function startInVain(execArgv: readonly string[]): Promise<(string | ChildExit)[]> {
  const told: (string | ChildExit)[] = [];
  return new Promise((resolve, reject) => {
    const handle = startChild<ToVrrp, FromVrrp>(
      { module: "/none.js", args: [], execArgv, schema: fromVrrpSchema },
      {
        message: reject,
        invalid: reject,
        disconnected: () => undefined,
        printed: (line) => told.push(line),
        exited: (exit) => resolve([...told, exit]),
      },
    );
    handle.send({ type: "stop" });
    handle.kill();
    assert.equal(handle.pid, null);
  });
}

const neverWas = { pid: null, exitCode: null, signal: null };

test("startChild() tells of a child for which no descriptor was left", async (t) => {
  const restore = useUpDescriptors(t);
  const told = await startInVain([]);
  restore();
  assert.match(String(told[0]), /^Cannot run child process: .*EMFILE/);
  assert.deepEqual(told[1], neverWas);
});

test("startChild() tells of a child whose start Node refuses by a throw", async () => {
  const told = await startInVain(["x".repeat(200_000)]);
  assert.match(String(told[0]), /^Cannot run child process: .*E2BIG/);
  assert.deepEqual(told[1], neverWas);
});

test("without a descriptor left neither syslog nor systemd are talked to", (t) => {
  const restore = useUpDescriptors(t);
  const sender = connectSyslog("/dev/log");
  createNotifier({ NOTIFY_SOCKET: "/run/none" }).ready("Running");
  restore();
  assert.equal(sender, undefined);
});

test("without a descriptor left a configuration cannot be read, which ends nothing", (t) => {
  const restore = useUpDescriptors(t);
  const { config, diagnostics } = readConfig({
    ...{ path: "/run/none/keepalived.conf", configId: undefined },
    ...{ purpose: "start", isStrict: false },
  });
  restore();
  assert.equal(config, undefined);
  assert.equal(diagnostics[0]?.severity, "fatal");
});
