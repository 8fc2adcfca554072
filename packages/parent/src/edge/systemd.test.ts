// systemd.ts against a socket of the test's: paths, abstract names, nobody there.

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { AF_UNIX, SOCK_DGRAM } from "@keepalived-ts/netops/constants/socket";
import { DatagramSocket } from "@keepalived-ts/netops/raw-socket/datagram-socket";
import { encodeUnix } from "@keepalived-ts/netops/raw-socket/sockaddr";
import { temporaryFolder } from "../testing/daemon-run.js";
import { createNotifier, watchdogIntervalMs } from "./systemd.js";

function listen(context: TestContext, path: string): Promise<string[]> {
  const socket = DatagramSocket.open({ family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 });
  context.after(() => socket.close());
  socket.bind(encodeUnix(path));
  const messages: string[] = [];
  return new Promise((resolve, reject) => {
    socket.receive(
      (batch) => {
        for (const { data } of batch) messages.push(Buffer.from(data).toString());
        if (messages.length === 3) resolve(messages);
      },
      (errno) => reject(new Error(errno)),
    );
  });
}

test("createNotifier() speaks sd_notify's protocol to paths and to abstract names", async (t) => {
  const path = join(temporaryFolder(t), "notify");
  const abstract = `keepalived-ts-test-${process.pid}`;
  for (const [address, bound] of [
    [path, path],
    [`@${abstract}`, `\0${abstract}`],
  ] as const) {
    const received = listen(t, bound);
    const notifier = createNotifier({ NOTIFY_SOCKET: address });
    notifier.reloading();
    notifier.ready("Running");
    notifier.stopping();
    const [reloading, ready, stopping] = await received;
    assert.match(reloading ?? "", /^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    assert.equal(ready, "READY=1\nSTATUS=Running");
    assert.equal(stopping, "STOPPING=1\nSTATUS=Stopping");
  }
});

test("createNotifier() is silent without a manager, and when the manager is gone", (t) => {
  for (const address of [undefined, "", join(temporaryFolder(t), "none"), "x".repeat(300)]) {
    const notifier = createNotifier({ NOTIFY_SOCKET: address });
    notifier.ready("Running");
    notifier.stopping();
  }
});

test("createNotifier() feeds a watchdog from the first READY on", async (t) => {
  const path = join(temporaryFolder(t), "notify");
  const received = listen(t, path);
  const notifier = createNotifier({ NOTIFY_SOCKET: path, WATCHDOG_USEC: "20000" });
  notifier.ready("Running");
  assert.deepEqual(await received, ["READY=1\nSTATUS=Running", "WATCHDOG=1", "WATCHDOG=1"]);
});

test("watchdogIntervalMs() is half of the manager's patience, if that is for this process", () => {
  const usec = "30000000";
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: usec }, 7), 15_000);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: usec, WATCHDOG_PID: "7" }, 7), 15_000);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: usec, WATCHDOG_PID: "8" }, 7), undefined);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: "1" }, 7), 1);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: "9".repeat(19) }, 7), 0x7fffffff);
  for (const bad of ["", "0", "-5", "x", "1e9", "9".repeat(30)]) {
    assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: bad }, 7), undefined, bad);
  }
});
