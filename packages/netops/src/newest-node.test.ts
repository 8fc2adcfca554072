// The same tests of this package on the newest long-term Node: one binary of the addon serves both.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { newestNode } from "./testing/newest-node.js";

const own: string = fileURLToPath(import.meta.url);
const compiled: string = fileURLToPath(new URL("./", import.meta.url));

test("all tests of this package pass on the newest long-term Node", () => {
  const files = readdirSync(compiled, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.js"))
    .map((name) => join(compiled, name))
    .filter((path) => path !== own);
  assert.ok(files.length > 5);
  const { status, stdout, stderr } = spawnSync(
    newestNode(),
    // A test that fails leaves its sockets open, and they would keep its process alive.
    ["--test", "--test-reporter=tap", "--test-force-exit", ...files],
    { encoding: "utf8", env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
  );
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /^# fail 0$/m);
  assert.doesNotMatch(stdout, /^# (pass|tests) 0$/m);
});
