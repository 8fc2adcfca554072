// `garp_extra_if`: what a MASTER announces again because no advert leaves by its interface.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, briefOrders, instanceOf, linkFact, second, virtualAddress } from "./fixtures.js";

const hardwareAddress = "00:00:5e:00:01:33";
const vmac = { name: "vrrp.51", hardwareAddress, netlinkNotify: false };
const onVmac = virtualAddress("192.0.2.100", { device: "vrrp.51" });
const beside = virtualAddress("198.51.100.1", { device: "eth1" });
const links = [
  linkFact(),
  linkFact({ name: "eth1", index: 3 }),
  linkFact({ name: "vrrp.51", index: 4 }),
];
const excludedAddresses = [virtualAddress("198.51.100.2", { device: "eth1" })];

type Overrides = Parameters<typeof instanceOf>[0];

/** In MASTER, with all links that the addresses need. */
function benchOf(overrides: Overrides): Bench {
  const bench = new Bench(instanceOf({ virtualAddresses: [onVmac, beside], ...overrides }));
  bench.configure([bench.config], links);
  bench.fire();
  assert.equal(bench.state(), "MASTER");
  return bench;
}

/** Those of the transition are more than one. */
function announced(bench: Bench, us: number): string[] {
  return briefOrders(bench.elapse(us)).filter((text) => /^announce .* x1$/.test(text));
}

test("garp_extra_if announces virtual MACs that no adverts leave by", () => {
  const instance = { vmac, excludedAddresses, garpExtraIntervalUs: 5 * second };
  assert.deepEqual(announced(benchOf(instance), 11 * second), []);
  const text = "announce 192.0.2.100 x1";
  const bench = benchOf({ ...instance, vmacTransmitBase: true });
  assert.deepEqual(announced(bench, 11 * second), [text, text]);
});

test("garp_extra_if all announces every other interface, but no excluded address", () => {
  const instance = { vmac, excludedAddresses, garpExtraIntervalUs: 5 * second };
  const bench = benchOf({ ...instance, garpExtraAllInterfaces: true });
  const text = "announce 198.51.100.1 x1";
  assert.deepEqual(announced(bench, 11 * second), [text, text]);
});

test("a reload changes its interval, and a BACKUP announces nothing", () => {
  const bench = benchOf({ vmac, garpExtraAllInterfaces: true });
  const reload = (garpExtraIntervalUs: number): void => {
    bench.configure([{ ...bench.config, garpExtraIntervalUs }], links);
  };
  const count = (): number => announced(bench, 10 * second).length;
  assert.equal(count(), 0);
  reload(2 * second);
  assert.equal(count(), 5);
  reload(0);
  assert.equal(count(), 0);
  reload(second);
  bench.receive({ priority: 250 });
  assert.equal(bench.state(), "BACKUP");
  assert.deepEqual(announced(bench, 2 * second), []);
});
