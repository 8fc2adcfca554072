// Which settings a reload leaves as they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { buildConfig } from "../testing/builders.js";
import { waitingForRestart } from "./start-only.js";

function withBuffer(receiveBufferBytes: number): Config {
  const config = buildConfig("vrrp");
  assert.ok(config.vrrp);
  const monitorBuffer = { receiveBufferBytes, isBufferForced: false };
  const process = { ...config.vrrp.process, monitorBuffer };
  return { ...config, vrrp: { ...config.vrrp, process } };
}

test("waitingForRestart() names lvs_backend when it is another one", () => {
  const backend = (lvsBackend: "ipvs" | "none"): Config => {
    const config = buildConfig("checker");
    assert.ok(config.checker);
    const ipvs = { ...config.checker.ipvs, lvsBackend };
    return { ...config, checker: { ...config.checker, ipvs } };
  };
  assert.deepEqual(waitingForRestart(backend("ipvs"), backend("none")), ["lvs_backend"]);
  assert.deepEqual(waitingForRestart(backend("none"), backend("none")), []);
  assert.deepEqual(waitingForRestart(buildConfig("vrrp"), backend("none")), []);
});

test("waitingForRestart() names buffers whose size is another one, and nothing else", () => {
  const named = ["vrrp_netlink_monitor_rcv_bufs"];
  assert.deepEqual(waitingForRestart(withBuffer(1000), withBuffer(2000)), named);
  assert.deepEqual(waitingForRestart(buildConfig("vrrp"), withBuffer(2000)), named);
  assert.deepEqual(waitingForRestart(withBuffer(1000), withBuffer(1000)), []);
  assert.deepEqual(waitingForRestart(withBuffer(1000), buildConfig("checker")), []);
});
