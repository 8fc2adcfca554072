// preflight.ts: which capabilities are asked for, and what is said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { effectiveCapabilities, missingPrivileges } from "./preflight.js";

const netAdmin = 1n << 12n;
const netRaw = 1n << 13n;

test("missingPrivileges() names what is missing and what to do", () => {
  assert.equal(missingPrivileges(["vrrp", "checker"], netAdmin | netRaw), undefined);
  assert.equal(missingPrivileges(["checker"], netAdmin), undefined);
  assert.equal(missingPrivileges([], 0n), undefined);
  assert.equal(
    missingPrivileges(["vrrp", "checker"], 0n),
    "Cannot start without CAP_NET_ADMIN and CAP_NET_RAW: run as root, or give the service or " +
      "container these capabilities (--cap-add=NET_ADMIN --cap-add=NET_RAW)",
  );
  assert.equal(
    missingPrivileges(["vrrp"], netAdmin),
    "Cannot start without CAP_NET_RAW: run as root, or give the service or container this " +
      "capability (--cap-add=NET_RAW)",
  );
});

test("effectiveCapabilities() reads the set of this process", () => {
  assert.ok((effectiveCapabilities() ?? -1n) >= 0n);
});
