// Loop and executor with the real core and a kernel of arrays: order, batching, timer, lateness.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { instanceOf, linkFact, received, second } from "../core/fixtures.js";
import { createRouter } from "../core/router.js";
import { decodeAdvert } from "../packet/advert.js";
import { decodeIpv4 } from "../packet/ipv4.js";
import { addresses, FakeKernel } from "./fixtures.js";
import { Loop } from "./loop.js";

/** Three intervals and the skew of priority 100. */
const masterDownUs = 3 * second + Math.floor((156 * second) / 256);

function setUp(...instances: readonly VrrpInstanceConfig[]): { kernel: FakeKernel; loop: Loop } {
  const kernel = new FakeKernel();
  const loop = new Loop(kernel.ports, createRouter({ seed: 1 }));
  const config = { ...emptyVrrpConfig, instances };
  loop.dispatch({ type: "configured", config, links: [linkFact()], resume: [], trackers: [] });
  return { kernel, loop };
}

/** Lets the warm-up and then the takeover itself come. */
function takeOver(kernel: FakeKernel): void {
  kernel.expire();
  kernel.expire();
}

test("Loop sends the adverts of all instances before it asks for any address", async () => {
  const { kernel } = setUp(
    instanceOf({ virtualAddresses: addresses(1) }),
    instanceOf({ name: "VI_2", virtualRouterId: 52, virtualAddresses: addresses(1, 2) }),
  );
  takeOver(kernel);
  assert.deepEqual(kernel.trace, ["advert 2 x2", "add 192.0.2.1"]);
  await kernel.answerAll();
  assert.deepEqual(kernel.trace.slice(2), [
    ...["arp 192.0.2.1", "add 192.0.2.2", "arp 192.0.2.2"],
    ...Array<string>(4).fill("arp 192.0.2.1"),
  ]);
});

test("Loop wakes up shortly before a takeover, once, and takes over when it is due", () => {
  const { kernel } = setUp(instanceOf());
  const start = kernel.now;
  assert.equal(kernel.armedAt, start + masterDownUs - 10_000);
  kernel.expire(100);
  assert.equal(kernel.warmUps, 1);
  assert.equal(kernel.armedAt, start + masterDownUs);
  assert.deepEqual(kernel.packets, []);
  kernel.expire();
  assert.equal(kernel.packets.length, 1);
  assert.equal(kernel.warmUps, 1);
});

test("Loop does not warm up when too little time is left, nor for the adverts of a MASTER", () => {
  const { kernel } = setUp(instanceOf());
  kernel.expire(6000);
  assert.equal(kernel.warmUps, 0);
  kernel.expire();
  assert.equal(kernel.armedAt, kernel.now + second);
  kernel.expire();
  assert.equal(kernel.packets.length, 2);
  assert.equal(kernel.warmUps, 0);
});

test("Loop looks for adverts that have not woken it before it takes over", () => {
  const config = instanceOf();
  const { kernel, loop } = setUp(config);
  const start = kernel.now;
  kernel.expire();
  const advert = { ...received(config, { priority: 150 }), ageUs: 3_000 };
  kernel.unread.push(() => loop.dispatch(advert));
  kernel.expire();
  assert.deepEqual(kernel.packets, []);
  const expectedAt = start + masterDownUs - 3_000 + masterDownUs;
  assert.equal(kernel.armedAt, expectedAt - 10_000);
});

test("Loop leaves the timer alone when an advert moves the deadline away", () => {
  const config = instanceOf();
  const { kernel, loop } = setUp(config);
  const { armedAt, now } = kernel;
  kernel.now += second;
  loop.dispatch(received(config, { priority: 150 }));
  assert.equal(kernel.armedAt, armedAt);
  kernel.expire();
  assert.equal(kernel.armedAt, now + second + masterDownUs - 10_000);
  assert.equal(kernel.warmUps, 0);
});

test("Loop asks the clock, not the timer, whether a deadline is due", () => {
  const { kernel } = setUp(instanceOf());
  const due = (kernel.armedAt ?? 0) + 3000;
  kernel.armedAt = kernel.now + second;
  kernel.expire();
  assert.deepEqual(kernel.packets, []);
  assert.equal(kernel.armedAt, due - 3000);
});

test("Loop.takeDelayMaxUs() tells the worst lateness since it was asked last", () => {
  const { kernel, loop } = setUp(instanceOf());
  loop.takeDelayMaxUs();
  kernel.expire();
  kernel.expire(700);
  assert.equal(loop.takeDelayMaxUs(), 700);
  assert.equal(loop.takeDelayMaxUs(), 0);
});

test("Executor sends the same bytes again until something in the advert changes", () => {
  const { kernel } = setUp(instanceOf());
  takeOver(kernel);
  kernel.expire();
  kernel.expire();
  const [first, second, third] = kernel.packets;
  assert.deepEqual(second, first);
  assert.deepEqual(third, first);
});

test("Executor sends an advert in an IPv4 header with TTL 255 and class selector 6", () => {
  const config = instanceOf({ version: 3 });
  const { kernel } = setUp(config);
  takeOver(kernel);
  const packet = kernel.packets[0] ?? new Uint8Array();
  const ip = decodeIpv4(packet);
  assert(ip.ok);
  assert.deepEqual([ip.ttl, ip.protocol, packet[1]], [255, 112, 0xc0]);
  assert.deepEqual([ip.source.join("."), ip.destination.join(".")], ["192.0.2.11", "224.0.0.18"]);
  const advert = decodeAdvert(ip.payload, ip.source, ip.destination);
  assert(advert.ok);
  assert.equal(advert.advert.priority, 100);
});

test("Executor reports an advert that is refused and sends the others of the interface", () => {
  const { kernel } = setUp(instanceOf(), instanceOf({ name: "VI_2", virtualRouterId: 52 }));
  kernel.advertResults.push({ sent: 0, error: "ENETDOWN" });
  takeOver(kernel);
  assert.deepEqual(kernel.trace.slice(0, 2), ["advert 2 x2", "advert 2 x1"]);
  const refused = kernel.texts().filter((text) => text.includes("Cannot"));
  assert.deepEqual(refused, ["(VI_1) Cannot send advertisement on eth0: ENETDOWN"]);
});

test("Executor sends priority 0 and then removes the addresses when told to stop", async () => {
  const { kernel, loop } = setUp(instanceOf({ virtualAddresses: addresses(2), handOver: false }));
  takeOver(kernel);
  await kernel.answerAll();
  const before = kernel.trace.length;
  loop.dispatch({ type: "stopRequested" });
  await loop.finished();
  assert.deepEqual(kernel.trace.slice(before), ["advert 2 x1", "remove 192.0.2.2 192.0.2.1"]);
  assert.equal(kernel.packets.at(-1)?.[22], 0);
  const last = kernel.reports.at(-1);
  assert(last?.type === "instanceState");
  assert.equal(last.snapshot.state, "INIT");
});
