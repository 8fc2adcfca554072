// docs/COMPATIBILITY.md is what the code makes of it, and no keyword goes without a test.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  canGoWrong,
  compatibilityPath,
  compatibilityText,
  findings,
  isMisspelling,
} from "./compatibility.js";

const named = ({ row }: ReturnType<typeof findings>[number]): string =>
  `${row.block} ${row.keyword}`;

test("golden cases use every keyword of keepalived 2.4.3 well", () => {
  const wanting = findings().filter(({ row, good }) => !isMisspelling(row) && good === undefined);
  assert.deepEqual(wanting.map(named), []);
});

test("golden cases show every keyword whose words can be wrong go wrong", () => {
  const wanting = findings().filter(
    ({ row, bad }) => (canGoWrong(row) || isMisspelling(row)) && bad === undefined,
  );
  assert.deepEqual(wanting.map(named), []);
});

test("docs/COMPATIBILITY.md is up to date", () => {
  const isCurrent = readFileSync(compatibilityPath, "utf8") === compatibilityText();
  assert.ok(isCurrent, "run scripts/generate and commit what it writes");
});
