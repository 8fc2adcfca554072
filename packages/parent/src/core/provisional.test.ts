// provisional.ts: which configuration an unconfirmed one goes back to, and when.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { afterReload } from "./provisional.js";

const [first, second] = [{ name: "first" }, { name: "second" }] as unknown as [Config, Config];

test("afterReload() goes back to the last configuration that somebody wanted to keep", () => {
  const one = afterReload(undefined, first, 60, 1_000);
  assert.deepEqual(one, { former: first, until: 1_060 });
  assert.deepEqual(afterReload(one, second, 100, 1_050), { former: first, until: 1_150 });
});

test("afterReload() confirms by a reload that wants no confirmation", () => {
  const one = afterReload(undefined, first, 60, 1_000);
  assert.equal(afterReload(one, second, undefined, 1_010), undefined);
  assert.deepEqual(afterReload(undefined, second, 5, 1_020), { former: second, until: 1_025 });
});
