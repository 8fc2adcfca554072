// docs/diagnostics lists every code, and has a page for each that users can silence, and no other.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  diagnosticListText,
  diagnosticsFolder,
  listPath,
  severitiesByCode,
  silencedCodes,
} from "./diagnostic-list.js";

if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(listPath, diagnosticListText());

test("docs/diagnostics/README.md is up to date", () => {
  const isCurrent = readFileSync(listPath, "utf8") === diagnosticListText();
  assert.ok(isCurrent, "UPDATE_GOLDEN=1 node --test test/dist/golden/diagnostics.test.js");
});

test("every code has a severity", () => {
  const without = [...severitiesByCode()].filter(([, shown]) => shown.size === 0);
  assert.deepEqual(without, []);
});

test("every code that can be silenced has a page, and no other code", () => {
  const pages = readdirSync(diagnosticsFolder).filter((name) => name !== "README.md");
  const wanted = silencedCodes().map((code) => `${code}.md`);
  assert.deepEqual(pages.toSorted(), wanted.toSorted());
});

test("a page says what happens, how to mend it and how to silence it", () => {
  for (const code of silencedCodes()) {
    const text = readFileSync(join(diagnosticsFolder, `${code}.md`), "utf8");
    assert.ok(text.startsWith(`# ${code}\n`), code);
    for (const part of ["```\n", "**keepalived:**", "**Mend:**", "**Silence:**"]) {
      assert.ok(text.includes(part), `${code} lacks ${part}`);
    }
    assert.match(text, new RegExp(`# keepalived-ts: silence(-file)? ${code}\`|^\\S.*UNKNOWN`, "m"));
  }
});
