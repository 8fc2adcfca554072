// Links of the instances' own: which are wanted, what goes on them, what has to be set for them,
// and what the core makes of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import type { VrrpAction } from "./action.js";
import { Bench, higherAddress, instanceOf, linkFact, virtualAddress } from "./fixtures.js";
import { settingsFor, virtualLinksOf, withAddressesPlaced } from "./virtual-links.js";

const hardwareAddress = "00:00:5e:00:01:33";
const vmac = { name: "vrrp.51", hardwareAddress, netlinkNotify: false };
const vmacLink = linkFact({ index: 7, name: "vrrp.51", ipv4Address: null, ipv6Address: null });

function configOf(...instances: readonly Partial<VrrpInstanceConfig>[]) {
  return { ...emptyVrrpConfig, instances: instances.map(instanceOf) };
}

test("withAddressesPlaced() puts the addresses of an interface on the virtual MAC above", () => {
  const { instances } = withAddressesPlaced(
    configOf({
      vmac,
      virtualAddresses: [
        virtualAddress("192.0.2.100"),
        virtualAddress("198.51.100.1", { device: "eth1" }),
      ],
      excludedAddresses: [virtualAddress("2001:db8::1")],
    }),
  );
  const devices = instances.flatMap(({ virtualAddresses, excludedAddresses }) =>
    [...virtualAddresses, ...excludedAddresses].map(({ device }) => device),
  );
  assert.deepEqual(devices, ["vrrp.51", "eth1", "eth0"]);
  const plain = configOf({});
  assert.deepEqual(withAddressesPlaced(plain), plain);
});

test("withAddressesPlaced() puts addresses on the links that were made for them", () => {
  const link = { interface: "eth1", family: 4, hardwareAddress } as const;
  const addressLinks = [{ ...link, name: "vrrp1.51", addresses: ["198.51.100.1"] }];
  const config = configOf({
    vmac,
    addressLinks,
    virtualAddresses: [
      virtualAddress("198.51.100.1", { device: "eth1" }),
      virtualAddress("198.51.100.2", { device: "eth1" }),
      virtualAddress("198.51.100.1", { device: "eth2" }),
    ],
  });
  const [instance] = withAddressesPlaced(config).instances;
  assert.deepEqual(
    instance?.virtualAddresses.map(({ device }) => device),
    ["vrrp1.51", "eth1", "eth2"],
  );
  assert.deepEqual(
    virtualLinksOf(config).map(({ name, base }) => `${name} over ${base}`),
    ["vrrp.51 over eth0", "vrrp1.51 over eth1"],
  );
});

test("virtualLinksOf() names a link of every instance that has one and can leave FAULT", () => {
  const config = configOf({ vmac }, {}, { vmac, staysInFault: true });
  assert.deepEqual(
    virtualLinksOf(config).map(({ name, base, families }) => [name, base, families]),
    [["vrrp.51", "eth0", [4]]],
  );
  const mixed = configOf({ vmac, excludedAddresses: [virtualAddress("2001:db8::1")] });
  assert.deepEqual(virtualLinksOf(withAddressesPlaced(mixed))[0]?.families, [4, 6]);
});

test("settingsFor() keeps the interface below from answering, once for all links above it", () => {
  const second = { ...vmac, name: "vrrp.52" };
  const settings = settingsFor(virtualLinksOf(configOf({ vmac }, { vmac: second })));
  assert.deepEqual(
    settings.map(({ family, interface: name, ...each }) => [family, name, each.name, each.value]),
    [
      ["ipv6", "vrrp.51", "disable_ipv6", 1],
      ["ipv4", "vrrp.51", "rp_filter", 0],
      ["ipv4", "all", "rp_filter", 0],
      ["ipv4", "eth0", "arp_ignore", 1],
      ["ipv4", "eth0", "arp_filter", 1],
      ["ipv6", "vrrp.52", "disable_ipv6", 1],
      ["ipv4", "vrrp.52", "rp_filter", 0],
    ],
  );
});

test("settingsFor() leaves IPv4 alone for a virtual router of IPv6", () => {
  const settings = settingsFor(virtualLinksOf(configOf({ vmac, family: 6, version: 3 })));
  assert.deepEqual(
    settings.map(({ interface: name, value }) => [name, value]),
    [["vrrp.51", 0]],
  );
});

function benchWith(overrides: Partial<VrrpInstanceConfig>): Bench {
  const { instances } = withAddressesPlaced(configOf({ vmac, ...overrides }));
  const bench = new Bench(instances[0] ?? instanceOf());
  bench.configure(instances, [linkFact(), vmacLink]);
  return bench;
}

function sentBy(actions: readonly VrrpAction[]): (readonly [number, string])[] {
  return actions.flatMap((action) =>
    action.type === "sendAdvert" ? [[action.interfaceIndex, action.source] as const] : [],
  );
}

test("handle() sends by the virtual MAC, from the address of the interface below", () => {
  assert.deepEqual(sentBy(benchWith({}).fire()), [[7, "192.0.2.11"]]);
  assert.deepEqual(sentBy(benchWith({ vmacTransmitBase: true }).fire()), [[2, "192.0.2.11"]]);
});

test("handle() hears on the interface below what others send", () => {
  const bench = benchWith({});
  bench.fire();
  bench.receive({ priority: 200, source: higherAddress });
  assert.equal(bench.state(), "BACKUP");
});

test("handle() is in FAULT while the virtual MAC is gone or down, and says farewell by it", () => {
  const bench = benchWith({});
  bench.fire();
  const gone = bench.handle({ type: "linkRemoved", index: 7 });
  assert.deepEqual(sentBy(gone), []);
  assert.equal(bench.state(), "FAULT");
  const again = { ...vmacLink, index: 9 };
  bench.handle({ type: "linkChanged", link: again });
  assert.equal(bench.state(), "BACKUP");
  assert.deepEqual(sentBy(bench.fire()), [[9, "192.0.2.11"]]);
  const down = bench.handle({ type: "linkChanged", link: { ...again, isRunning: false } });
  assert.deepEqual(sentBy(down), []);
  assert.equal(bench.state(), "FAULT");
});

test("handle() resigns by the virtual MAC when something else fails", () => {
  const bench = benchWith({});
  bench.fire();
  const noAddress = bench.link({ ipv4Address: null });
  assert.deepEqual(sentBy(noAddress), [[7, "192.0.2.11"]]);
});

test("handle() with dont_track_primary stays MASTER while both are down", () => {
  const bench = benchWith({ trackPrimary: false });
  bench.fire();
  bench.link({ isRunning: false });
  bench.handle({ type: "linkChanged", link: { ...vmacLink, isRunning: false } });
  assert.equal(bench.state(), "MASTER");
});

test("handle() with an ipvlan sends by it from its own address, and holds addresses below", () => {
  const ipvlan = { name: "ipv0", mode: "bridge" } as const;
  const own = { address: "192.0.2.51", prefixLength: 24 };
  const config = configOf({ ipvlan: { ...ipvlan, ...own }, sourceAddress: own.address });
  const links = virtualLinksOf(config);
  assert.deepEqual(
    links.map(({ name, ipvlanMode, ownAddress }) => [name, ipvlanMode, ownAddress]),
    [["ipv0", "bridge", own]],
  );
  assert.deepEqual(settingsFor(links), []);
  assert.deepEqual(withAddressesPlaced(config), config);
  const bench = new Bench(instanceOf());
  bench.configure(config.instances, [linkFact(), { ...vmacLink, name: "ipv0" }]);
  assert.deepEqual(sentBy(bench.fire()), [[7, "192.0.2.51"]]);
  const family6 = { family: 6, version: 3, multicastGroup: "ff02::12" } as const;
  const other = new Bench(instanceOf());
  const link = { ...vmacLink, name: "ipv0", ipv6Address: "fe80::51" };
  other.configure(configOf({ ipvlan, ...family6 }).instances, [linkFact(), link]);
  assert.deepEqual(sentBy(other.fire()), [[7, "fe80::51"]]);
});
