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

test("AdvertSockets.open() keeps sockets for farewells until closeOthers()", async () => {
  await enterPrivateNamespace();
  const index = interfaceIndex("lo");
  const sockets = new AdvertSockets(
    { received: () => undefined },
    { report: () => undefined, log: () => undefined },
  );
  const wish = { groups: new Set<string>(), hasHeaders: false, buffer: { bytes: 1, mtus: 1 } };
  const link = { index, mtu: 1500 };
  const of = (family: 4 | 6) => ({ byFamily: new Map([[family, wish]]), bySource: new Map() });
  const place = { interfaceIndex: index, family: 4, source: null } as const;
  sockets.open("lo", link, of(4));
  sockets.open("lo", link, of(6));
  assert.equal(sockets.send(place, []).error, null);
  sockets.closeOthers(new Set([index]));
  assert.equal(sockets.send(place, []).error, "ENODEV");
  sockets.closeOthers(new Set());
});
