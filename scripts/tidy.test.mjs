// Feeds the house rules with good and bad samples: a rule that never complains is no rule.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deadFiles, fileViolations } from "./tidy.mjs";
import { importsOf } from "./tidy-imports.mjs";

const HEADER = "// Decides a thing.\n";
const CORE = "packages/vrrp/src/core/sample.ts";
const EDGE = "packages/vrrp/src/edge/sample.ts";
const NETOPS = "packages/netops/src/sample.ts";

function complaints(path, code) {
  return fileViolations(path, HEADER + code);
}

function refused(path, code, pattern) {
  const found = complaints(path, code);
  assert.equal(found.length, 1, `${code}: ${found.join("; ")}`);
  assert.match(found[0], pattern);
}

test("fileViolations() accepts a plain file", () => {
  assert.deepEqual(
    complaints(EDGE, 'import { a } from "../core/sample.js";\nexport const b = a;\n'),
    [],
  );
});

test("fileViolations() wants at most 100 columns, but not of Markdown", () => {
  refused(EDGE, `const a = "${"x".repeat(100)}";\n`, /2: has 113 columns/);
  assert.deepEqual(fileViolations("docs/a.md", `# A\n\n| ${"x".repeat(120)} |\n`), []);
});

test("fileViolations() wants at most 500 lines", () => {
  assert.deepEqual(complaints(EDGE, "a();\n".repeat(499)), []);
  refused(EDGE, "a();\n".repeat(500), /501 lines/);
});

test("fileViolations() wants a comment at the top", () => {
  assert.match(fileViolations(EDGE, "export const a = 1;\n")[0], /opens without a comment/);
  assert.deepEqual(fileViolations("scripts/run", "#!/bin/bash\n# Runs.\nexit 0\n"), []);
  assert.equal(fileViolations("scripts/run", "#!/bin/bash\nexit 0\n").length, 1);
});

test("fileViolations() finds notes, suppressions and tests that are not run", () => {
  refused(EDGE, `// ${"TO" + "DO"}: later\n`, /belongs into an issue/);
  refused(EDGE, `// @ts-${"ignore"}\n`, /suppresses/);
  refused(EDGE, `// biome-${"ignore"} lint: no\n`, /suppresses/);
  refused("packages/vrrp/src/a.test.ts", `test.${"skip"}("a", () => {});\n`, /not run/);
  refused("test/netns/a.test.ts", `test("a", { ${"only"}: true }, () => {});\n`, /not run/);
});

test("fileViolations() keeps cores pure", () => {
  refused(CORE, "const a = Date.now();\n", /pure/);
  refused(CORE, "const a = Math.random();\n", /pure/);
  refused(CORE, "setTimeout(a, 1);\n", /pure/);
  refused(CORE, 'import { readFileSync } from "node:fs";\n', /nothing of node:/);
  assert.deepEqual(complaints(CORE, "// Date and Promise may be spoken of.\n"), []);
  assert.deepEqual(complaints(EDGE, "const a = Date.now();\n"), []);
});

test("fileViolations() obeys the arrows of import", () => {
  const schema = "@keepalived-ts/shared-config/schema/config";
  assert.deepEqual(complaints(CORE, `import type { A } from "${schema}";\n`), []);
  assert.deepEqual(complaints(CORE, `import { type A, type B } from "${schema}";\n`), []);
  refused(CORE, `import { a } from "${schema}";\n`, /only types of/);
  refused(CORE, 'import { a } from "../edge/loop.js";\n', /nothing of vrrp\/edge/);
  refused(CORE, 'import { a } from "@keepalived-ts/netops/timer";\n', /nothing of netops/);
  refused(NETOPS, `import { a } from "${schema}";\n`, /nothing of shared-config\/schema-types/);
  refused(EDGE, 'import { a } from "@keepalived-ts/shared-config/text/lines";\n', /config\/text/);
  refused(
    EDGE,
    'import { a } from "@keepalived-ts/shared-config/schema/load";\n',
    /config\/schema/,
  );
  refused(EDGE, 'import { a } from "@keepalived-ts/checker/core/check";\n', /nothing of checker/);
  refused(EDGE, 'import { a } from "winston";\n', /nothing of npm:/);
  refused(
    "packages/parent/src/edge/a.ts",
    'import { a } from "@keepalived-ts/vrrp/main";\n',
    /vrrp/,
  );
  refused(CORE, 'export {\n  a,\n  b,\n} from "../edge/loop.js";\n', /nothing of vrrp\/edge/);
});

test("importsOf() reads every form of import", () => {
  const text =
    'import "a";\nimport b from "b";\nimport * as c from "c";\nimport type { D } from "d";\n' +
    'import {\n  type E,\n  type F,\n} from "e";\nexport * from "g";\n' +
    'const h = await import("h");\n';
  assert.deepEqual(
    importsOf(text).map(({ target, isType }) => (isType ? `type ${target}` : target)),
    ["a", "b", "c", "type d", "type e", "g", "h"],
  );
});

test("fileViolations() wants one title and living links in Markdown", () => {
  const exists = (path) => path === "docs/b.md";
  const check = (text) => fileViolations("docs/a.md", text, exists);
  assert.deepEqual(check("# A\n\nSee [b](b.md#part), [c](https://example.org), [d](#d).\n"), []);
  assert.deepEqual(check("# A\n\n```sh\n# no title\n```\n"), []);
  assert.match(check("# A\n\n# B\n")[0], /2 titles/);
  assert.match(check("text\n")[0], /0 titles/);
  assert.match(check("# A\n\n[b](../b.md)\n")[0], /links to \.\.\/b\.md/);
});

test("deadFiles() finds sources that nothing, or only a test, uses", () => {
  const files = new Map([
    ["packages/vrrp/src/main.ts", 'import "./edge/loop.js";\n'],
    ["packages/vrrp/src/edge/loop.ts", 'import "@keepalived-ts/netops/timer";\n'],
    ["packages/netops/src/timer.ts", ""],
    ["packages/netops/src/dead.ts", ""],
    ["packages/netops/src/testing/fake.ts", ""],
    ["packages/netops/src/tested.ts", ""],
    ["packages/netops/src/tested.test.ts", 'import "./tested.js";\nimport "./testing/fake.js";\n'],
    ["test/lab/child.ts", ""],
    ["test/lab/host.ts", ""],
    ["test/lab/a.test.ts", 'import "./host.js";\nspawn("child.js");\n'],
    ["scripts/tool.mjs", ""],
    ["package.json", '{ "tool": "node scripts/tool.mjs" }'],
  ]);
  assert.deepEqual(deadFiles(files), [
    "packages/netops/src/dead.ts",
    "packages/netops/src/tested.ts",
  ]);
});
