// find-servers.ts: which real servers an address and a port stand for.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RealServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import { createMirror, type Mirror, recordChecker } from "../core/mirror.js";
import { findServers, someServers } from "./find-servers.js";

function mirror(...places: readonly (readonly [string, string])[]): Mirror {
  const result = createMirror();
  for (const [virtualServer, realServer] of places) {
    const snapshot = { virtualServer, realServer, isUp: true, weight: 1, checks: [] };
    recordChecker(result, { type: "realServerState", snapshot, notice: null });
  }
  return result;
}

const all = mirror(
  ["[192.0.2.1]:tcp:80", "[10.0.0.1]:tcp:80"],
  ["[192.0.2.1]:tcp:80", "[10.0.0.1]:tcp:8080"],
  ["[192.0.2.1]:udp:80", "[10.0.0.1]:udp:80"],
  ["FWM 7", "[2001:db8::1]:none:80"],
);

test("findServers() finds a server in every virtual server, of whatever protocol", () => {
  const place = { address: "10.0.0.1", port: "80", virtualServer: undefined };
  assert.deepEqual(findServers(all, place), [
    { virtualServer: "[192.0.2.1]:tcp:80", realServer: "[10.0.0.1]:tcp:80" },
    { virtualServer: "[192.0.2.1]:udp:80", realServer: "[10.0.0.1]:udp:80" },
  ]);
  assert.equal(findServers(all, { ...place, virtualServer: "[192.0.2.1]:udp:80" }).length, 1);
  const ipv6 = { address: "2001:db8::1", port: "80", virtualServer: "FWM 7" };
  assert.equal(findServers(all, ipv6).length, 1);
});

test("findServers() takes parts of an address or port for no server", () => {
  for (const [address, port] of [
    ["10.0.0", "80"],
    ["", "80"],
    ["10.0.0.1", "0"],
    ["10.0.0.1", ""],
  ] as const) {
    assert.deepEqual(findServers(all, { address, port, virtualServer: undefined }), []);
  }
});

test("findServers() passes over what is on its way out; someServers() is bounded", () => {
  const server = { virtualServer: "FWM 1", realServer: "[10.0.0.1]:none:80" };
  const snapshot = { ...server, isUp: true, weight: 0, checks: [], draining: {} };
  const leaving = createMirror();
  leaving.realServers.set("FWM 1", new Map([["x", snapshot as unknown as RealServerSnapshot]]));
  const place = { address: "10.0.0.1", port: "80", virtualServer: undefined };
  assert.deepEqual(findServers(leaving, place), []);
  const many = mirror(...Array.from({ length: 50 }, (_, i) => ["FWM 1", `[10.0.0.${i}]`] as const));
  assert.equal(someServers(many).length, 20);
});
