// When a socket stops to wake the process, how it is read meanwhile, and when it wakes it again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type PacedSocket, ReceivePace } from "./receive-pace.js";

class FakeSocket implements PacedSocket {
  isPaused = false;
  /** What the next reads find. */
  waiting: number[] = [];
  reads = 0;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  receiveNow(): number {
    this.reads += 1;
    return this.waiting.shift() ?? 0;
  }
}

function bench() {
  const clock = { now: 1_000_000, wakeAt: undefined as number | undefined };
  const pace = new ReceivePace({
    now: () => clock.now,
    wakeAt: (atUs) => {
      clock.wakeAt = atUs;
    },
  });
  const tick = (...waiting: number[]): number => {
    assert.equal(clock.wakeAt, clock.now + 1_000);
    clock.now += 1_000;
    clock.wakeAt = undefined;
    socket.waiting = waiting;
    socket.reads = 0;
    pace.tick();
    return socket.reads;
  };
  const socket = new FakeSocket();
  const flood = (): void => {
    for (let i = 0; i < 40; i += 1) pace.woken(socket, 1);
  };
  return { clock, pace, socket, tick, flood };
}

test("ReceivePace lets a calm socket wake the process", () => {
  const { pace, socket, clock } = bench();
  for (let i = 0; i < 1_000; i += 1) {
    pace.woken(socket, 1);
    clock.now += 400;
  }
  assert.equal(socket.isPaused, false);
  assert.equal(clock.wakeAt, undefined);
});

test("ReceivePace looks at a busy socket once a millisecond, until it is quiet", () => {
  const { pace, socket, clock, tick, flood } = bench();
  flood();
  assert.equal(socket.isPaused, true);
  for (let i = 0; i < 50; i += 1) assert.equal(tick(20), 1);
  // What is read by a tick is no wake-up.
  pace.woken(socket, 20);
  for (let i = 0; i < 9; i += 1) tick(1);
  tick(2);
  for (let i = 0; i < 9; i += 1) tick();
  assert.equal(socket.isPaused, true);
  tick();
  assert.equal(socket.isPaused, false);
  assert.equal(clock.wakeAt, undefined);
});

test("ReceivePace reads a flooded socket no more than four times a tick", () => {
  const { tick, flood } = bench();
  flood();
  assert.equal(tick(64, 64, 64, 64, 64, 64), 4);
  assert.equal(tick(64, 3, 64), 2);
});

test("ReceivePace looks less often where adverts come at long intervals", () => {
  const { pace, socket, clock } = bench();
  pace.useInterval(1_000_000);
  for (let i = 0; i < 32; i += 1) {
    clock.now += 1_000;
    pace.woken(socket, 1);
  }
  assert.equal(socket.isPaused, true);
  const { wakeAt = 0 } = clock;
  assert.equal(wakeAt, clock.now + 4_000);
  clock.now = wakeAt;
  socket.waiting = [4];
  pace.tick();
  assert.equal(clock.wakeAt, wakeAt + 4_000);
  pace.useInterval(100_000);
  clock.now = wakeAt + 4_000;
  socket.waiting = [4];
  pace.tick();
  assert.equal(clock.wakeAt, clock.now + 2_000);
});

test("ReceivePace looks at a flood once a millisecond, however long the intervals are", () => {
  const { pace, socket, clock, flood } = bench();
  pace.useInterval(1_000_000);
  flood();
  clock.now += 4_000;
  socket.waiting = [64, 64, 64, 64, 64];
  pace.tick();
  assert.equal(clock.wakeAt, clock.now + 1_000);
  clock.now += 1_000;
  socket.waiting = [64, 64, 63];
  pace.tick();
  assert.equal(clock.wakeAt, clock.now + 4_000);
});

test("ReceivePace looks again between ticks only after a millisecond", () => {
  const { pace, socket, clock, flood } = bench();
  pace.lookAgain();
  assert.equal(socket.reads, 0);
  pace.useInterval(1_000_000);
  flood();
  clock.now += 4_000;
  pace.tick();
  assert.equal(socket.reads, 1);
  clock.now += 900;
  pace.lookAgain();
  assert.equal(socket.reads, 1);
  clock.now += 100;
  socket.waiting = [64, 64, 64, 64];
  pace.lookAgain();
  assert.equal(socket.reads, 2, "one batch, in a flood too");
});

test("ReceivePace looks no more at a socket that was closed", () => {
  const { pace, socket, clock, flood } = bench();
  flood();
  pace.forget(socket);
  clock.wakeAt = undefined;
  pace.tick();
  assert.equal(socket.reads, 0);
  assert.equal(clock.wakeAt, undefined);
});
