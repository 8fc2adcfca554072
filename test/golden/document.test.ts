// The document tree and the formatter on every golden input, on mutations of them and on the
// samples that Debian's keepalived brings: not a byte is lost, formatting twice is the same as
// once, and what a formatted file loads to is what it loaded to before.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { RandomState } from "@keepalived-ts/shared-config/base/random";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import { documentText, parseDocument } from "@keepalived-ts/shared-config/text/document";
import { formatDocument } from "@keepalived-ts/shared-config/text/format";
import { expansionProgram } from "../fuzz/config-grammar.js";
import { mutate } from "../fuzz/config-mutation.js";
import { goldenInputs, inputFiles } from "./case-file.js";

const samples = "/usr/share/doc/keepalived/samples";
const mutations = 1500;
const programs = 500;

const inputs: readonly string[] = goldenInputs();

const sampleTexts: readonly string[] = existsSync(samples)
  ? readdirSync(samples)
      .filter((name) => name.startsWith("keepalived.conf"))
      .map((name) => readFileSync(join(samples, name), "utf8"))
  : [];

const mutated: readonly string[] = Array.from({ length: mutations }, (_, index) => {
  const random: RandomState = { seed: index };
  return mutate(inputs, random);
});

type Files = Readonly<Record<string, string>>;

function format(text: string): string {
  return formatDocument(parseDocument(text));
}

/** What the files load to, places left out: they move. */
function outcome(files: Files): unknown {
  const [path = ""] = Object.keys(files);
  const { config, diagnostics } = loadConfig({
    path,
    loader: memoryLoader(files),
    configId: "main",
    hostName: "router.example",
    host: { linkExists: (name) => name.startsWith("eth") },
    limits: { sequenceSteps: 2000 },
  });
  const codes = diagnostics.map((each) => `${each.severity} ${each.code}`).toSorted();
  // Which of very many are kept depends on where lines end.
  const isCut = codes.some((each) => each.endsWith(" TOO_MANY"));
  return { config, codes: isCut ? [] : codes };
}

function check(files: Files): void {
  const formatted: Record<string, string> = {};
  for (const [path, text] of Object.entries(files)) {
    assert.equal(documentText(parseDocument(text)), text);
    const once = format(text);
    assert.equal(format(once), once, `formatting twice differs from once:\n${text}`);
    formatted[path] = once;
  }
  assert.deepEqual(outcome(formatted), outcome(files), JSON.stringify(files));
}

test("parseDocument() and formatDocument() keep every golden input", () => {
  for (const input of inputs) check(inputFiles(input));
});

test("parseDocument() and formatDocument() keep mutations of golden inputs", () => {
  for (const input of mutated) check(inputFiles(input));
});

test("parseDocument() and formatDocument() keep generated programs", () => {
  for (let seed = 1; seed <= programs; seed++) check({ "/c": expansionProgram({ seed }) });
});

test("parseDocument() and formatDocument() keep keepalived's samples", () => {
  for (const text of sampleTexts) check({ "/c": text });
});
