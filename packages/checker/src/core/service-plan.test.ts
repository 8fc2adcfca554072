// Names of services, as keepalived writes them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceName, servicesNamed } from "./service-plan.js";

test("servicesNamed() reads back what serviceName() writes", () => {
  const keys = [
    { kind: "address", address: "192.0.2.1", port: 80, protocol: "TCP" },
    { kind: "address", address: "2001:db8::1", port: 53, protocol: "UDP" },
    { kind: "address", address: "192.0.2.1", port: 0, protocol: "SCTP" },
  ] as const;
  for (const key of keys) assert.deepEqual(servicesNamed(serviceName(key)), [key]);
});

test("servicesNamed() takes a mark for both families and nothing for other text", () => {
  assert.deepEqual(servicesNamed("FWM 4294967295"), [
    { kind: "fwmark", mark: 4294967295, family: 4 },
    { kind: "fwmark", mark: 4294967295, family: 6 },
  ]);
  for (const text of ["", "FWM x", "[192.0.2.1]:tcp:", "[]:tcp:80", "[192.0.2.1]:none:80"]) {
    assert.deepEqual(servicesNamed(text), []);
  }
});
