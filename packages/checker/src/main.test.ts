// The entry as far as it can be run without a kernel that has IPVS; test/ipvs does the rest.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("main refuses to run without a parent, with a plain word and status 1", () => {
  const file = fileURLToPath(new URL("./main.js", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.equal(stderr, "Cannot run the health checker alone: start keepalived-ts\n");
});
