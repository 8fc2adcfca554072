// Where what is to be heard.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VrrpConfig } from "@keepalived-ts/shared-config/schema/config";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { group, instanceOf } from "../core/fixtures.js";
import { listenPlan } from "./listen-plan.js";

const hardwareAddress = "00:00:5e:00:01:33";
const vmac = { name: "vrrp.51", hardwareAddress, netlinkNotify: false };

test("listenPlan() hears twins of a virtual MAC on it, and all others below", () => {
  const plan = listenPlan({ ...emptyVrrpConfig, instances: [instanceOf({ vmac })] });
  assert.deepEqual([...plan.keys()], ["eth0", "vrrp.51"]);
  assert.deepEqual(plan.get("vrrp.51")?.above, { base: "eth0", hardwareAddress });
  for (const name of plan.keys()) {
    assert.deepEqual(plan.get(name)?.byFamily.get(4)?.groups, new Set([group]));
  }
});

test("listenPlan() hears unicast below a virtual MAC only", () => {
  const unicastPeers = [{ address: "192.0.2.2", minTtl: 0, maxTtl: 255 }];
  const instance = instanceOf({ vmac, vmacTransmitBase: true, unicastPeers });
  const plan = listenPlan({ ...emptyVrrpConfig, instances: [instance] });
  assert.deepEqual(plan.get("vrrp.51")?.byFamily, new Map());
  assert.equal(plan.get("eth0")?.byFamily.get(4)?.groups.size, 0);
});

test("listenPlan() adds up the receive buffers of all who listen at one place", () => {
  const instances = [
    instanceOf({ kernelReceiveBufferBytes: 5_000 }),
    instanceOf({ name: "VI_2", virtualRouterId: 52 }),
  ];
  const bufferWith = (policy: Pick<VrrpConfig, "receiveBuffers">): unknown =>
    listenPlan({ ...emptyVrrpConfig, instances, ...policy })
      .get("eth0")
      ?.byFamily.get(4)?.buffer;
  assert.deepEqual(bufferWith({}), { bytes: 5_000, mtus: 0 });
  const mtu = { receiveBuffers: { unit: "MTU", count: 3 } } as const;
  assert.deepEqual(bufferWith(mtu), { bytes: 5_000, mtus: 3 });
  // 20 of IP, 8 of VRRP, 4 of the address, 8 of the password.
  const advert = { receiveBuffers: { unit: "ADVERT", count: 10 } } as const;
  assert.deepEqual(bufferWith(advert), { bytes: 5_400, mtus: 0 });
});
