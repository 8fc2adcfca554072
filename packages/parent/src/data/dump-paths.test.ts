// Where data files go, for each setting that has a say.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import { emptyConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { type DumpKind, dumpPath } from "./dump-paths.js";

const kinds: readonly DumpKind[] = ["state", "parent", "checker", "statistics", "json"];

function paths(settings: Partial<GlobalConfig>): string[] {
  return kinds.map((kind) => dumpPath(kind, { ...emptyConfig.global, ...settings }, "/tmp"));
}

test("dumpPath() has keepalived's names in the temporary folder", () => {
  assert.deepEqual(paths({}), [
    "/tmp/keepalived.data",
    "/tmp/keepalived_parent.data",
    "/tmp/keepalived_check.data",
    "/tmp/keepalived.stats",
    "/tmp/keepalived.json",
  ]);
});

test("dumpPath() follows state_dump_file, stats_dump_file and json_dump_file", () => {
  const settings = {
    stateDumpFile: "/var/lib/k.txt",
    statsDumpFile: "/run/k/",
    jsonDumpFile: "/run/state.json",
  };
  assert.deepEqual(paths(settings), [
    "/var/lib/k.txt",
    "/var/lib/k_parent.txt",
    "/var/lib/k_check.txt",
    "/run/k/keepalived.stats",
    "/run/state.json",
  ]);
});

test("dumpPath() puts namespace and instance into names when data_use_instance says so", () => {
  const names = { netNamespace: "blue", instanceName: "one" };
  assert.equal(paths(names)[0], "/tmp/keepalived.data");
  const [state, , , , json] = paths({ ...names, dataUseInstance: true });
  assert.equal(state, "/tmp/keepalived.blue_one.data");
  assert.equal(json, "/tmp/keepalived.blue_one.json");
  assert.equal(paths({ dataUseInstance: true })[0], "/tmp/keepalived.data");
});
