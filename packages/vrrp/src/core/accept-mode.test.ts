// RFC 9568 section 6.1, Accept_Mode: when packets are kept from the addresses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { filterNeeds } from "./accept-mode.js";
import { briefOrders, higherAddress, instanceOf, master, virtualAddress } from "./fixtures.js";

const vip = "192.0.2.100";

test("handle() blocks addresses before they are there, and frees them when they are gone", () => {
  const bench = master({ acceptMode: false });
  const left = briefOrders(bench.receive({ priority: 200, source: higherAddress }));
  assert.deepEqual(left.slice(0, 2), [`remove ${vip}`, `free ${vip}`]);
  const taken = briefOrders(bench.fire());
  assert.deepEqual(taken.slice(0, 3), ["advert 100", `block ${vip}`, `add ${vip}`]);
});

test("handle() blocks nothing where packets are accepted", () => {
  const bench = master();
  const left = briefOrders(bench.receive({ priority: 200, source: higherAddress }));
  assert.deepEqual(left[0], `remove ${vip}`);
  assert.ok(![...left, ...briefOrders(bench.fire())].some((each) => /block|free/.test(each)));
});

test("handle() follows a reload of accept in either direction", () => {
  const bench = master({ acceptMode: false });
  const accepting = instanceOf({ acceptMode: true });
  assert.ok(briefOrders(bench.configure([accepting])).includes(`free ${vip}`));
  const refusing = briefOrders(bench.configure([instanceOf({ acceptMode: false })]));
  assert.ok(refusing.includes(`block ${vip}`));
});

test("filterNeeds() is for the families that something is to be kept from", () => {
  const nothing = { hasAddresses: false, hasLinkLocal: false, hasVirtualMacs: false };
  const instance = instanceOf({
    acceptMode: false,
    virtualAddresses: [virtualAddress("fe80::1")],
  });
  assert.deepEqual(filterNeeds({ instances: [instance, instanceOf()] }, []), {
    ip: nothing,
    ip6: { ...nothing, hasAddresses: true, hasLinkLocal: true },
  });
});
