// restart-budget.ts against keepalived's rule: at once, then 1, 2, 4 ... 60 seconds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chargeDeath, createRestartBudget, youngUs } from "./restart-budget.js";

test("chargeDeath() lets the first restart happen at once and then doubles up to a minute", () => {
  const budget = createRestartBudget();
  const seconds = Array.from({ length: 10 }, () => chargeDeath(budget, 1000) / 1_000_000);
  assert.deepEqual(seconds, [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test("chargeDeath() wipes the record of a child that lived for a minute", () => {
  const budget = createRestartBudget();
  assert.equal(chargeDeath(budget, 0), 0);
  assert.equal(chargeDeath(budget, 0), 1_000_000);
  assert.equal(chargeDeath(budget, youngUs - 1), 2_000_000);
  assert.equal(chargeDeath(budget, youngUs), 0);
  assert.equal(chargeDeath(budget, 0), 1_000_000);
});
