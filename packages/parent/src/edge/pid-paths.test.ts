// Names of pid files and idents by configuration and command line, as keepalived's (tried with
// Debian's 2.2.7: `find /run`).

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import { globalDefaults } from "@keepalived-ts/shared-config/schema/config-global-defaults";
import { identSuffix, pidPaths } from "./pid-paths.js";

function paths(global: Partial<GlobalConfig>, pidFiles = {}): string {
  const { parent, vrrp, checker } = pidPaths({ pidFiles }, { ...globalDefaults, ...global });
  return [parent, vrrp, checker].join(" ");
}

test("pidPaths() gives keepalived's names, those of the command line first", () => {
  const own = { usePidDirectory: true };
  assert.equal(paths({}), "/run/keepalived.pid /run/vrrp.pid /run/checkers.pid");
  assert.equal(
    paths(own),
    "/run/keepalived/keepalived.pid /run/keepalived/vrrp.pid /run/keepalived/checkers.pid",
  );
  assert.equal(
    paths({ ...own, instanceName: "one" }, { checker: "/c" }),
    "/run/keepalived/keepalived_one.pid /run/keepalived/vrrp_one.pid /c",
  );
  assert.equal(
    paths({ ...own, instanceName: "one", netNamespace: "blue" }, { parent: "/p" }),
    "/p /run/keepalived/blue/vrrp_one.pid /run/keepalived/blue/checkers_one.pid",
  );
});

test("identSuffix() names namespace and instance", () => {
  assert.equal(identSuffix(globalDefaults), "");
  const global = { ...globalDefaults, instanceName: "one", netNamespace: "blue" };
  assert.equal(identSuffix(global), "_blue_one");
});
