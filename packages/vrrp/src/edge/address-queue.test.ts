// The address queue against a kernel that answers when the test says so: interleaving,
// cancellation, order, and what is tolerated.

import assert from "node:assert/strict";
import { test } from "node:test";
import { instanceOf } from "../core/fixtures.js";
import { AddressQueue } from "./address-queue.js";
import { addresses, FakeKernel } from "./fixtures.js";
import { Losses } from "./losses.js";
import type { LinkView } from "./ports.js";
import { RepairPolicy } from "./repair-policy.js";

function eth0(kernel: FakeKernel): LinkView {
  const link = kernel.links.get("eth0");
  assert(link !== undefined);
  return link;
}

function setUp(): { kernel: FakeKernel; queue: AddressQueue } {
  const kernel = new FakeKernel();
  const lossPorts = { ...kernel.ports, lost: assert.fail };
  const losses = new Losses(lossPorts, new RepairPolicy(), () => false);
  return { kernel, queue: new AddressQueue(kernel.ports, losses, () => undefined) };
}

test("AddressQueue announces the first addresses before the last are asked for", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(6));
  queue.announce("A", addresses(6), 1);
  queue.pump();
  assert.deepEqual(kernel.trace, ["add 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4"]);
  await kernel.pending().answer();
  assert.deepEqual(kernel.trace.slice(1), [
    "arp 192.0.2.1",
    "arp 192.0.2.2",
    "arp 192.0.2.3",
    "arp 192.0.2.4",
    "add 192.0.2.5 192.0.2.6",
  ]);
  await kernel.pending().answer();
  assert.deepEqual(kernel.trace.slice(6), ["arp 192.0.2.5", "arp 192.0.2.6"]);
});

test("AddressQueue repeats a burst list by list, after all addresses", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(5));
  queue.announce("A", addresses(5), 2);
  queue.pump();
  await kernel.answerAll();
  kernel.turn();
  kernel.turn();
  const announced = kernel.trace.filter((entry) => entry.startsWith("arp")).map((t) => t.slice(-1));
  assert.deepEqual(announced, ["1", "2", "3", "4", "5", "1", "2", "3", "4", "5"]);
});

test("AddressQueue gives every instance its first addresses before any gets its last", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(6));
  queue.add("B", addresses(6, 101));
  queue.pump();
  await kernel.answerAll();
  assert.deepEqual(kernel.trace, [
    "add 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4",
    "add 192.0.2.101 192.0.2.102 192.0.2.103 192.0.2.104",
    "add 192.0.2.5 192.0.2.6",
    "add 192.0.2.105 192.0.2.106",
  ]);
});

test("AddressQueue removes what is ordered away while it is being added", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(6));
  queue.announce("A", addresses(6), 5);
  queue.pump();
  queue.remove("A", addresses(6));
  queue.pump();
  await kernel.answerAll();
  kernel.turn();
  assert.deepEqual(kernel.trace, [
    "add 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4",
    "remove 192.0.2.4 192.0.2.3 192.0.2.2 192.0.2.1",
  ]);
});

test("AddressQueue ends with the addresses present when MASTER returns while they go", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(2));
  queue.pump();
  await kernel.answerAll();
  queue.remove("A", addresses(2));
  queue.pump();
  queue.add("A", addresses(2));
  queue.announce("A", addresses(2), 1);
  queue.pump();
  await kernel.asked[1]?.answer();
  await kernel.asked[2]?.answer(["EEXIST", null]);
  assert.deepEqual(kernel.trace.slice(1), [
    "remove 192.0.2.2 192.0.2.1",
    "add 192.0.2.1 192.0.2.2",
    "arp 192.0.2.1",
    "arp 192.0.2.2",
  ]);
  assert.deepEqual(kernel.logs, []);
});

test("AddressQueue removes everywhere before it adds, so that an address can move", async () => {
  const { kernel, queue } = setUp();
  for (const { address } of addresses(70)) kernel.present.add(address);
  queue.remove("A", addresses(70));
  queue.add("B", addresses(1));
  queue.pump();
  await kernel.answerAll();
  assert.deepEqual(
    kernel.asked.map(({ kind, addresses: asked }) => `${kind} ${asked.length}`),
    ["remove 64", "remove 6", "add 1"],
  );
});

test("AddressQueue removes only stale addresses that the kernel has", async () => {
  const { kernel, queue } = setUp();
  kernel.present.add("192.0.2.2");
  queue.remove("A", addresses(3));
  queue.pump();
  await kernel.answerAll();
  assert.deepEqual(kernel.trace, ["remove 192.0.2.2"]);
});

test("AddressQueue tolerates EEXIST, EADDRNOTAVAIL and ENODEV", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(2));
  queue.pump();
  await kernel.pending().answer(["EEXIST", "EEXIST"]);
  queue.remove("A", addresses(2));
  queue.pump();
  await kernel.pending().answer(["EADDRNOTAVAIL", "ENODEV"]);
  assert.deepEqual(kernel.logs, []);
});

test("AddressQueue reports a refused address with advice, and announces it not", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(2));
  queue.announce("A", addresses(2), 1);
  queue.pump();
  await kernel.pending().answer([null, "EINVAL"]);
  kernel.turn();
  assert.deepEqual(kernel.texts(), [
    "(A) Cannot add 192.0.2.2/24 to eth0: EINVAL, check prefix length, broadcast, label and scope",
  ]);
  assert.deepEqual(kernel.trace.slice(1), ["arp 192.0.2.1"]);
});

test("AddressQueue reports a missing interface, and adds when it appears", async () => {
  const { kernel, queue } = setUp();
  const link = eth0(kernel);
  kernel.links.delete("eth0");
  queue.add("A", addresses(1));
  queue.pump();
  await queue.idle();
  assert.deepEqual(kernel.texts(), [
    "(A) Cannot add 192.0.2.1/24 to eth0: ENODEV, " +
      "the interface does not exist, create it or correct dev",
  ]);
  kernel.links.set("eth0", link);
  queue.linkAppeared("eth0");
  assert.deepEqual(kernel.trace, ["add 192.0.2.1"]);
});

test("AddressQueue has nothing to remove from an interface that is gone", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(2));
  queue.pump();
  await kernel.answerAll();
  queue.linkLost("eth0");
  queue.remove("A", addresses(2));
  queue.pump();
  assert.deepEqual(kernel.trace, ["add 192.0.2.1 192.0.2.2"]);
});

test("AddressQueue goes on a little later with the frames that a full queue refused", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(3));
  queue.announce("A", addresses(3), 1);
  kernel.arpResults.push({ sent: 1, error: "ENOBUFS" }, { sent: 0, error: "ENOBUFS" });
  queue.pump();
  await kernel.answerAll();
  kernel.turn();
  assert.deepEqual(kernel.trace.slice(1), [
    "arp 192.0.2.1",
    "later 2",
    "arp 192.0.2.2",
    "arp 192.0.2.3",
  ]);
});

test("AddressQueue skips a frame that the interface refuses for good", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(3));
  queue.announce("A", addresses(3), 1);
  kernel.arpResults.push({ sent: 1, error: "ENETDOWN" });
  queue.pump();
  await kernel.answerAll();
  assert.deepEqual(kernel.trace.slice(1), ["arp 192.0.2.1", "arp 192.0.2.3"]);
  assert.deepEqual(kernel.texts(), [
    "(A) Cannot send gratuitous ARP on eth0 for 192.0.2.2: ENETDOWN",
  ]);
});

test("AddressQueue announces IPv6 to all nodes, and nothing where there is no ARP", async () => {
  const { kernel, queue } = setUp();
  const [first] = addresses(1);
  assert(first !== undefined);
  const ipv6 = { ...first, address: "2001:db8::1", prefixLength: 64 };
  kernel.links.set("tun0", {
    index: 3,
    hardwareAddress: "",
    hasArp: false,
    ipv4Address: null,
  });
  const list = [ipv6, { ...first, device: "tun0" }];
  queue.add("A", list);
  queue.announce("A", list, 2);
  queue.pump();
  await kernel.answerAll();
  kernel.turn();
  const announced = ["na 2001:db8::1", "na 2001:db8::1"];
  assert.deepEqual(kernel.trace, ["add 2001:db8::1 192.0.2.1", ...announced]);
});

test("AddressQueue asks again for a removal when nobody knows whether it was done", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(2));
  queue.pump();
  await kernel.answerAll();
  kernel.trace.length = 0;
  queue.remove("A", addresses(2));
  queue.pump();
  await kernel.pending().answer(["ETIMEDOUT", null]);
  assert.deepEqual(kernel.trace, ["remove 192.0.2.2 192.0.2.1", "later 1000"]);
  kernel.turn();
  assert.equal(kernel.trace.at(-1), "remove 192.0.2.2");
  await kernel.pending().answer();
  kernel.turn();
  assert.equal(kernel.trace.length, 3);
});

test("AddressQueue asks in vain five times, and not for what is wanted again", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(1));
  queue.pump();
  await kernel.answerAll();
  queue.remove("A", addresses(1));
  queue.pump();
  for (let i = 0; i < 10; i++) {
    const asked = kernel.asked.length;
    await kernel.pending().answer(["ENOBUFS"]);
    kernel.turn();
    if (kernel.asked.length === asked) break;
  }
  assert.equal(kernel.trace.filter((each) => each.startsWith("remove")).length, 6);
  queue.add("A", addresses(1));
  queue.pump();
  await kernel.answerAll();
  kernel.turn();
  assert.match(kernel.trace.at(-1) ?? "", /^add/);
});

test("AddressQueue.idle() waits for answers and for what is still to be asked", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(6));
  let isIdle = false;
  const idle = queue.idle().then(() => {
    isIdle = true;
  });
  await kernel.asked[0]?.answer();
  assert.equal(isIdle, false);
  await kernel.asked[1]?.answer();
  await idle;
});

test("AddressQueue forgets after a reload what is neither wanted nor there", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(2));
  queue.pump();
  await kernel.answerAll();
  queue.remove("A", addresses(2));
  queue.pump();
  await kernel.answerAll();
  queue.prune();
  queue.announce("A", addresses(2), 1);
  queue.pump();
  assert.equal(kernel.asked.length, 2);
  assert.deepEqual(kernel.frames, []);
});

test("AddressQueue replaces an address whose label a reload changes", async () => {
  const { kernel, queue } = setUp();
  const [plain] = addresses(1);
  assert(plain !== undefined);
  const labelled = { ...plain, label: "eth0:vip" };
  queue.add("A", [plain]);
  queue.pump();
  await kernel.answerAll();
  queue.remove("A", [plain]);
  queue.add("A", [labelled]);
  queue.pump();
  await kernel.asked[1]?.answer();
  assert.deepEqual(kernel.trace, ["add 192.0.2.1", "remove 192.0.2.1", "add 192.0.2.1"]);
  assert.deepEqual(kernel.orders.at(-1)?.address, labelled);
});

test("AddressQueue removes what the kernel may have added without saying so", async () => {
  for (const errno of ["ETIMEDOUT", "ENOBUFS", "EIO", "ECANCELED"]) {
    const { kernel, queue } = setUp();
    queue.add("A", addresses(1));
    queue.pump();
    await kernel.pending().answer([errno]);
    queue.remove("A", addresses(1));
    queue.pump();
    await kernel.answerAll();
    assert.deepEqual(kernel.trace.slice(1), ["remove 192.0.2.1"], errno);
  }
});

test("AddressQueue does not remove an owner's own address", async () => {
  const { kernel, queue } = setUp();
  kernel.foreign.add("192.0.2.1");
  queue.add("A", addresses(2));
  queue.pump();
  await kernel.answerAll();
  kernel.trace.length = 0;
  queue.remove("A", addresses(2));
  queue.pump();
  await kernel.answerAll();
  assert.deepEqual(kernel.trace, ["remove 192.0.2.2"]);
});

test("AddressQueue makes ready what a reload brings, or later, when its interface appears", () => {
  const { kernel, queue } = setUp();
  const link = eth0(kernel);
  kernel.links.delete("eth0");
  queue.prepare([instanceOf({ virtualAddresses: addresses(2), excludedAddresses: [] })]);
  kernel.turn();
  assert.deepEqual(kernel.prepared, []);
  kernel.links.set("eth0", link);
  queue.linkAppeared("eth0");
  kernel.turn();
  assert.deepEqual(kernel.prepared, ["192.0.2.1", "192.0.2.2"]);
  assert.deepEqual(kernel.trace, []);
});

test("AddressQueue asks for what it has made ready while the interface stays", async () => {
  const { kernel, queue } = setUp();
  const list = addresses(1);
  queue.prepare([instanceOf({ name: "A", virtualAddresses: list, excludedAddresses: [] })]);
  kernel.turn();
  for (const index of [2, 2, 7]) {
    kernel.links.set("eth0", { ...eth0(kernel), index });
    queue.add("A", list);
    queue.pump();
    await kernel.answerAll();
  }
  const [first, second, third] = kernel.orders;
  assert.equal(first, second);
  assert.deepEqual([second?.interfaceIndex, third?.interfaceIndex], [2, 7]);
});

test("AddressQueue removes what somebody else has added since it was made ready", async () => {
  const { kernel, queue } = setUp();
  const list = addresses(2);
  queue.prepare([instanceOf({ name: "A", virtualAddresses: list, excludedAddresses: [] })]);
  kernel.turn();
  kernel.present.add("192.0.2.2");
  queue.remove("A", list);
  queue.pump();
  assert.deepEqual(kernel.trace, ["remove 192.0.2.2"]);
});

test("AddressQueue announces with what the link is now", async () => {
  const { kernel, queue } = setUp();
  const list = addresses(1);
  queue.prepare([instanceOf({ name: "A", virtualAddresses: list, excludedAddresses: [] })]);
  kernel.turn();
  const hardwareAddresses = ["02:00:00:00:00:0b", "02:00:00:00:00:0c", "02:00:00:00:00:0c"];
  for (const hardwareAddress of hardwareAddresses) {
    kernel.links.set("eth0", { ...eth0(kernel), hardwareAddress });
    queue.add("A", list);
    queue.announce("A", list, 1);
    queue.pump();
    await kernel.answerAll();
  }
  assert.deepEqual(
    kernel.frames.map((frame) => frame[11]),
    [0x0b, 0x0c, 0x0c],
  );
  assert.equal(kernel.frames[1], kernel.frames[2]);
});

test("AddressQueue lets other events have their turn when the kernel takes long", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(6));
  queue.pump();
  kernel.now += 5_000;
  await kernel.pending().answer();
  queue.pump();
  assert.equal(kernel.asked.length, 1);
  kernel.turn();
  assert.equal(kernel.asked.length, 2);
});

test("AddressQueue asks for fewer addresses at once while the kernel is slow", async () => {
  const { kernel, queue } = setUp();
  queue.add("A", addresses(200));
  queue.pump();
  for (const tookUs of [100, 1_500, 900, 100]) {
    kernel.now += tookUs;
    await kernel.pending().answer();
    kernel.turn();
  }
  assert.deepEqual(
    kernel.asked.map(({ addresses: asked }) => asked.length),
    [4, 64, 32, 64, 36],
  );
});
