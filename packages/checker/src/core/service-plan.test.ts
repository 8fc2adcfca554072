// Names and identities of services.

import assert from "node:assert/strict";
import { test } from "node:test";
import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import { addressesOf, serviceKeys } from "./service-keys.js";
import { serviceName } from "./service-plan.js";

test("serviceName() and realServerName() write as keepalived does", () => {
  const key = { kind: "address", address: "2001:db8::1", port: 53, protocol: "UDP" } as const;
  const server = { address: "10.0.0.1", port: 0 };
  assert.equal(serviceName(key), "[2001:db8::1]:udp:53");
  assert.equal(serviceName({ kind: "fwmark", mark: 4294967295, family: 6 }), "FWM 4294967295");
  assert.equal(realServerName(key, server), "[10.0.0.1]:udp:0");
  assert.equal(realServerName({ kind: "fwmark", mark: 1, family: 4 }, server), "[10.0.0.1]:none:0");
  const group = { kind: "group", group: "g", family: 4 } as const;
  assert.equal(realServerName(group, server), "[10.0.0.1]:none:0");
});

test("addressesOf() gives every address of a range, over byte borders too", () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ["192.0.2.1", "192.0.2.1", ["192.0.2.1"]],
    ["192.0.2.254", "192.0.3.1", ["192.0.2.254", "192.0.2.255", "192.0.3.0", "192.0.3.1"]],
    [
      "2001:db8::fffe",
      "2001:db8::1:1",
      ["fffe", "ffff", "1:0", "1:1"].map((x) => `2001:db8::${x}`),
    ],
    ["255.255.255.255", "0.0.0.0", ["255.255.255.255"]],
  ];
  for (const [first, last, wanted] of rows) assert.deepEqual(addressesOf({ first, last }), wanted);
});

test("serviceKeys() makes a service of each address and mark of a group", () => {
  const key = { kind: "group", group: "g", family: 6, protocol: "TCP" } as const;
  const entries = [
    { kind: "addresses", first: "192.0.2.1", last: "192.0.2.2", port: 80 },
    { kind: "fwmark", mark: 7 },
    { kind: "fwmark", mark: 7, family: 4 },
  ] as const;
  assert.deepEqual(serviceKeys(key, entries), [
    { kind: "address", address: "192.0.2.1", port: 80, protocol: "TCP" },
    { kind: "address", address: "192.0.2.2", port: 80, protocol: "TCP" },
    { kind: "fwmark", mark: 7, family: 6 },
    { kind: "fwmark", mark: 7, family: 4 },
  ]);
});
