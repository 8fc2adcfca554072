// The farms among the realistic configurations against Debian's checker process, in User Mode Linux
// since it wants IPVS: every value that it holds beside ours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { compareCheckers } from "../golden/dump-checker.js";
import {
  allFarms,
  namedScripts,
  realisticFiles,
  realisticFolder,
} from "../golden/realistic-files.js";
import { dumpCheckers, makeHost } from "../golden/realistic-host.js";
import { tryRealisticFiles } from "../golden/realistic-run.js";
import { runInUml } from "../lab/uml.js";

/** Where it differs on purpose: start of the finding, why. */
const intended: readonly (readonly [start: string, reason: string])[] = [
  ["[192.0.2.98]:udp:1812 -> [10.0.0.52] PING_CHECK/Dest:", "a port means nothing to a ping"],
  ["[192.0.2.98]:sctp:9999 -> [10.0.0.53] PING_CHECK/Dest:", "a port means nothing to a ping"],
];

test("Debian's checker process holds the same values of all farms", async () => {
  const file = realisticFiles().find(({ name }) => name === allFarms);
  const [outcome] = tryRealisticFiles(allFarms);
  assert.ok(file && outcome?.config?.checker, outcome?.ourWords);
  const scripts = namedScripts(realisticFiles());
  const script = `set -- ${realisticFolder}
${makeHost}
for path in ${scripts.join(" ")}; do install -m 755 /dev/stdin $path <<< '#!/bin/sh'; done
set +e
${dumpCheckers(file.path)}`;
  const { stdout, stderr } = await runInUml({ script });
  assert.notEqual(stdout, "", stderr);
  const findings = compareCheckers(stdout, outcome.config);
  const unexpected = findings.filter(
    (finding) => !intended.some(([start]) => finding.startsWith(start)),
  );
  assert.deepEqual(unexpected, []);
  assert.equal(findings.length, intended.length, "a difference that was intended is gone");
});
