// The sockets for adverts on a real kernel, in a network namespace of this test's own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  enterPrivateNamespace,
  interfaceIndex,
} from "@keepalived-ts/netops/testing/private-namespace";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { AdvertSockets } from "./advert-socket.js";

test("AdvertSockets.open() leaves the groups of former configurations", async () => {
  await enterPrivateNamespace();
  const index = interfaceIndex("lo");
  const told: LogRecord[] = [];
  const sockets = new AdvertSockets(
    { received: () => undefined },
    { report: () => undefined, log: (record) => told.push(record) },
  );
  // As many reloads as change the group, beyond what one socket may join (ip(7)).
  for (let i = 1; i <= 30; i++) {
    const groups = new Set([`224.0.1.${i}`, "224.0.0.18"]);
    const wish = { groups, hasHeaders: false, buffer: { bytes: i, mtus: 1 } };
    const byFamily = new Map([[4, wish]] as const);
    assert.equal(sockets.open("lo", { index, mtu: 1500 }, { byFamily, bySource: new Map() }), true);
  }
  assert.deepEqual(told, []);
  // proc_net(5): the groups as hexadecimal numbers of the machine's byte order.
  const joined = readFileSync("/proc/self/net/igmp", "utf8").match(/\t\t\t\t([0-9A-F]{8}) /g);
  assert.equal(joined?.length, 3, "those two and 224.0.0.1");
  sockets.close(index);
});
