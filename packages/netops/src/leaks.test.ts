// 100,000 open, use and close cycles of each kind of descriptor: neither descriptors nor memory may
// remain, also when nobody closes and the collector has to.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AF_UNIX, SOCK_DGRAM } from "./constants/socket.js";
import { watchSignals } from "./process/signals.js";
import { DatagramSocket } from "./raw-socket/datagram-socket.js";
import { encodeUnix } from "./raw-socket/sockaddr.js";
import { until } from "./testing/until.js";
import { MonotonicTimer, monotonicUs } from "./timer.js";

const cycles = 100_000;
const turn = 1000;
/** Growth beyond this is a leak: 100 bytes a cycle; what settles late may add a few megabytes. */
const growthMost = 10 << 20;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const unix = { family: AF_UNIX, type: SOCK_DGRAM, protocol: 0 };
const nothing = (): void => undefined;

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function settledMemory(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    collect();
    await loopTurn();
  }
  return process.memoryUsage.rss();
}

async function repeat(count: number, cycle: (index: number) => void): Promise<void> {
  for (let i = 0; i < count; i++) {
    cycle(i);
    // libuv frees a closed handle in the next turn of the loop.
    if (i % turn === turn - 1) await loopTurn();
  }
}

async function assertNoLeak(cycle: (index: number) => void): Promise<void> {
  await repeat(cycles / 5, cycle);
  const memory = await settledMemory();
  const before = descriptors();
  await repeat(cycles, cycle);
  const growth = (await settledMemory()) - memory;
  assert.equal(descriptors(), before);
  assert.ok(growth < growthMost, `memory grew by ${growth} bytes in ${cycles} cycles`);
}

test("sockets: open, bind, watch, send, close", async () => {
  const receiver = DatagramSocket.open(unix);
  receiver.bind(encodeUnix(`\0netops-leak-${process.pid}`));
  const address = receiver.localAddress();
  let received = 0;
  receiver.receive((batch) => {
    received += batch.length;
  }, assert.fail);
  let sent = 0;
  await assertNoLeak(() => {
    const opened = DatagramSocket.open(unix);
    opened.receive(nothing, nothing);
    if (opened.send(Uint8Array.of(1), address) === null) sent += 1;
    opened.close();
  });
  await until("all that was sent is received", () => received === sent);
  assert.ok(sent > cycles / 100);
  receiver.close();
});

test("timers: open, arm, disarm, arm, close", async () => {
  await assertNoLeak((index) => {
    const timer = new MonotonicTimer(nothing);
    timer.armAt(monotonicUs() + 1e9);
    if (index % 2 === 0) timer.disarm();
    timer.armAt(0);
    timer.close();
  });
});

test("timers: each expires before it is closed", async () => {
  await assertNoLeak(() => {
    const timer = new MonotonicTimer(() => timer.close());
    timer.armAt(0);
  });
});

test("signal watches: open and close", async () => {
  await assertNoLeak(() => watchSignals([36, 37, 1], nothing).close());
});

test("the collector closes sockets and timers that nobody closes", async () => {
  await settledMemory();
  const before = descriptors();
  for (let round = 0; round < 20; round++) {
    await repeat(200, (index) => {
      const opened = DatagramSocket.open(unix);
      assert.ok(opened.fd > 0);
      const timer = new MonotonicTimer(nothing);
      timer.armAt(monotonicUs() + 1e9);
      if (index % 2 === 0) timer.disarm();
      else timer.armAt(0);
    });
    await settledMemory();
    await until("all are closed", () => {
      collect();
      return descriptors() <= before;
    });
  }
});
