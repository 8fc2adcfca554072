// known-servers.ts: servers by DNS name are shown as the checker has reported them.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  plainRealServer,
  plainVirtualServer,
} from "@keepalived-ts/shared-config/schema/config-empty";
import { createMirror, recordChecker } from "../core/mirror.js";
import { knownServers } from "./known-servers.js";

const name = "[192.0.2.1]:tcp:80";
const service = {
  ...plainVirtualServer,
  name,
  key: { kind: "address", address: "192.0.2.1", port: 80, protocol: "TCP" } as const,
};
const fixed = { ...plainRealServer, address: "10.0.0.9" };
const named = { ...plainRealServer, address: "0.0.0.0", dnsName: "web.example.org", weight: 7 };

test("knownServers() gives each reported address what its name has", () => {
  const mirror = createMirror();
  for (const [realServer, dnsName] of [
    ["[10.0.0.1]:tcp:80", "web.example.org"],
    ["[10.0.0.2]:tcp:80", "web.example.org"],
    ["[10.0.0.3]:tcp:81", "web.example.org"],
    ["[10.0.0.4]:tcp:80", "b.example.org"],
    ["[10.0.0.9]:tcp:80", undefined],
  ] as const) {
    const snapshot = {
      virtualServer: name,
      realServer,
      isUp: true,
      weight: 7,
      checks: [],
      dnsName,
    };
    recordChecker(mirror, { type: "realServerState", snapshot, notice: null });
  }
  const known = knownServers({ ...service, realServers: [fixed, named] }, mirror);
  assert.deepEqual(
    known.map(({ address, weight }) => [address, weight]),
    [
      ["10.0.0.9", 1],
      ["10.0.0.1", 7],
      ["10.0.0.2", 7],
    ],
  );
  const plain = { ...service, realServers: [fixed] };
  assert.equal(knownServers(plain, mirror), plain.realServers);
});
