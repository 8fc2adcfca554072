// docs/config.schema.json is what the code makes of it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { configSchemaPath, configSchemaText } from "./config-schema.js";

test("docs/config.schema.json is up to date", () => {
  const isCurrent = readFileSync(configSchemaPath, "utf8") === configSchemaText();
  assert.ok(isCurrent, "run scripts/generate and commit what it writes");
});
