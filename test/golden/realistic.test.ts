// Whole configurations, as people write them, against Debian's keepalived: whether there is
// something to mend, every value that its VRRP process then holds, and that nothing is lost when
// ours prints or formats them.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { documentText, parseDocument } from "@keepalived-ts/shared-config/text/document";
import { compareVrrp } from "./dump-vrrp.js";
import { type RealisticFile, realisticFiles } from "./realistic-files.js";
import { type Outcome, tryRealisticFiles } from "./realistic-run.js";

const files: readonly RealisticFile[] = realisticFiles();
let outcomes: ReadonlyMap<string, Outcome> = new Map();

before(() => {
  outcomes = new Map(tryRealisticFiles().map((outcome) => [outcome.name, outcome]));
});

/** Where what Debian's process holds differs on purpose: file, start of the finding, why. */
const intended: readonly (readonly [file: string, start: string, reason: string])[] = [
  ["cloud-unicast", "APP/Check unicast src:", "the dump shows what the instance says itself"],
  ["mistake-prompte", "SPELL/Promote_secondaries:", "the customer's spelling is understood"],
  ["puppet-module", "global_defs/Smtp server:", "the dump shows the address of the name"],
  ["process-isolation", "global_defs/VRRP CPU Affinity:", "the dump has no number for processor 0"],
  ["vyos", "global_defs/Global notify fifo:", "the VRRP process leaves it to the checker"],
  ["vyos", "global_defs/Global notify fifo script:", "the VRRP process leaves it to the checker"],
  ["static-everything", "Static Routes:", "the dump leaves out the protocol of no_track"],
];

function outcomeOf({ name }: RealisticFile): Outcome {
  const outcome = outcomes.get(name);
  assert.ok(outcome, `${name} was tried`);
  return outcome;
}

test("there are realistic files", () => assert.ok(files.length >= 60));

for (const file of files) {
  test(`realistic ${file.name}`, () => {
    const outcome = outcomeOf(file);
    checkVerdict(file, outcome);
    checkValues(file, outcome);
    assert.equal(outcome.lostInPrint, "");
    assert.ok(outcome.isFormatSafe, "the formatted text loads to the same");
    assert.equal(documentText(parseDocument(file.text)), file.text);
  });
}

/** The same exit status, or a reason why not. */
function checkVerdict({ difference }: RealisticFile, outcome: Outcome): void {
  const { theirStatus, ourStatus, theirWords, ourWords } = outcome;
  const isSame = theirStatus === ourStatus;
  const words = `theirs ${theirStatus}, ours ${ourStatus}\n${theirWords}\n${ourWords}`;
  assert.equal(isSame, difference === undefined, words);
}

function checkValues({ name }: RealisticFile, { dump, config }: Outcome): void {
  if (dump === "" || config === undefined) return;
  const findings = compareVrrp(dump, config);
  const reasons = intended.filter(([file]) => file === name);
  const unexpected = findings.filter(
    (finding) => !reasons.some(([, start]) => finding.startsWith(start)),
  );
  assert.deepEqual(unexpected, []);
  assert.equal(findings.length, reasons.length, "a difference that was intended is gone");
}

test("Debian's VRRP process was asked about most files with instances", () => {
  const silent = files.filter((file) => file.isRun && outcomeOf(file).dump === "");
  assert.deepEqual(
    silent.map(({ name }) => name),
    [
      ...["document-garp-group", "document-instance"],
      ...["mistake-duplicate-vrid", "mistake-interface"],
    ],
  );
});
