// Addresses that somebody else removes, or that another host has: what is asked of the kernel, told
// and announced then.

import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceOf } from "../core/fixtures.js";
import { AddressQueue } from "./address-queue.js";
import { addresses, FakeKernel, ownPort } from "./fixtures.js";
import { Losses } from "./losses.js";
import { RepairPolicy } from "./repair-policy.js";

/** `lost`: what instances were said to have lost. */
function setUp(repairing: readonly string[] = []): {
  kernel: FakeKernel;
  queue: AddressQueue;
  lost: string[];
} {
  const kernel = new FakeKernel();
  const lost: string[] = [];
  const policy = new RepairPolicy();
  policy.configure(repairing.map((name) => instanceOf({ name, vipRepair: true })));
  const lossPorts = {
    ...kernel.ports,
    lost: (instance: string, what: string) => lost.push(`${instance}: ${what}`),
  };
  const losses = new Losses(lossPorts, policy, (port) => port === ownPort);
  return { kernel, queue: new AddressQueue(kernel.ports, losses, () => undefined), lost };
}

test("AddressQueue tells of what somebody else has removed, and nothing of old news", async () => {
  const { kernel, queue, lost } = setUp();
  queue.add("A", addresses(2));
  queue.pump();
  await kernel.answerAll();
  queue.addressLost("eth0", "192.0.2.1", 24, 4242);
  await kernel.pending().answer(["EEXIST"]);
  assert.deepEqual(lost, []);
  queue.addressLost("eth0", "192.0.2.2", 24, 4242);
  await kernel.pending().answer();
  assert.deepEqual(lost, [
    "A: 192.0.2.2 of eth0 was removed, by netlink port 4242 (as a rule the pid)",
  ]);
});

test("AddressQueue mends without a word what it has removed itself", async () => {
  const { kernel, queue, lost } = setUp();
  queue.add("A", addresses(1));
  queue.pump();
  await kernel.answerAll();
  queue.addressLost("eth0", "192.0.2.1", 24, ownPort);
  await kernel.answerAll();
  assert.deepEqual(kernel.trace, ["add 192.0.2.1", "add 192.0.2.1", "arp 192.0.2.1"]);
  assert.deepEqual([lost, kernel.texts()], [[], []]);
});

test("AddressQueue leaves an address with no_track that somebody else has removed", async () => {
  const { kernel, queue, lost } = setUp(["A"]);
  queue.add(
    "A",
    addresses(1).map((address) => ({ ...address, noTrack: true })),
  );
  queue.pump();
  await kernel.answerAll();
  queue.addressLost("eth0", "192.0.2.1", 24, 4242);
  assert.deepEqual(kernel.trace, ["add 192.0.2.1"]);
  assert.deepEqual(lost, []);
});

test("AddressQueue puts back soon, and slowly what is removed again and again", async () => {
  const { kernel, queue } = setUp(["A"]);
  queue.add("A", addresses(1));
  queue.pump();
  await kernel.answerAll();
  kernel.trace.length = 0;
  for (let i = 0; i < 6; i++) {
    queue.addressLost("eth0", "192.0.2.1", 24);
    await kernel.pending().answer();
  }
  assert.deepEqual(kernel.trace.filter((entry) => entry.startsWith("add")).length, 5);
  assert.equal(kernel.trace.at(-1), "later 1000");
  kernel.turn();
  await kernel.pending().answer();
  assert.equal(kernel.trace.filter((entry) => entry.startsWith("add")).length, 6);
});

test("AddressQueue puts back and announces what is to be repaired", async () => {
  const { kernel, queue } = setUp(["A"]);
  queue.add("A", addresses(2));
  queue.announce("A", addresses(2), 1);
  queue.pump();
  await kernel.answerAll();
  kernel.trace.length = 0;
  const [, second] = addresses(2);
  assert.ok(second !== undefined);
  queue.addressLost("eth0", second.address, second.prefixLength);
  await kernel.answerAll();
  assert.deepEqual(kernel.trace, ["add 192.0.2.2", "arp 192.0.2.2"]);
  assert.deepEqual(kernel.texts(), [
    "(A) 192.0.2.2 of eth0 was removed, the kernel does not say by whom; put back",
  ]);
});

test("AddressQueue asks again for what is removed while it is being put back", async () => {
  const { kernel, queue } = setUp(["A"]);
  queue.add("A", addresses(1));
  queue.pump();
  await kernel.answerAll();
  const [only] = addresses(1);
  assert.ok(only !== undefined);
  queue.addressLost("eth0", only.address, only.prefixLength);
  queue.addressLost("eth0", only.address, only.prefixLength);
  await kernel.answerAll();
  assert.deepEqual(kernel.trace.slice(1), ["add 192.0.2.1", "add 192.0.2.1", "arp 192.0.2.1"]);
});

test("AddressQueue leaves alone what it removes itself, or what is elsewhere", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(2));
  queue.pump();
  await kernel.answerAll();
  const [first, second] = addresses(2);
  assert.ok(first !== undefined && second !== undefined);
  queue.remove("A", [first]);
  queue.pump();
  await kernel.answerAll();
  kernel.trace.length = 0;
  queue.addressLost("eth0", first.address, first.prefixLength);
  queue.addressLost("eth1", second.address, second.prefixLength);
  queue.addressLost("eth0", second.address, 32);
  assert.deepEqual(kernel.trace, []);
});

test("AddressQueue puts back what is missing after lost news", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(2));
  queue.pump();
  await kernel.answerAll();
  kernel.trace.length = 0;
  kernel.present.add("192.0.2.1");
  queue.review();
  await kernel.answerAll();
  assert.equal(kernel.trace[0], "add 192.0.2.2");
});

test("AddressQueue says that another host has an address that it holds", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(1));
  queue.pump();
  await kernel.answerAll();
  queue.addressDuplicate("eth0", "192.0.2.1", 24);
  queue.addressDuplicate("eth0", "192.0.2.2", 24);
  assert.deepEqual(kernel.texts(), [
    "(A) Cannot use 192.0.2.1: another host has it (duplicate address detection on eth0 failed)",
  ]);
});
