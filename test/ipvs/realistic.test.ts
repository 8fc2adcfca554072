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

/** Where it differs on purpose: the line, why. */
const intended: readonly (readonly [line: RegExp, reason: string])[] = [
  [/Dest = \[10\.0\.0\.5[23]\]/, "a port means nothing to a ping"],
  [/Log all failures/, "checker_log_all_failures counts too"],
  [/^> +Virtual host = (shop|www|rs94)\./, "what the check inherits is shown as it acts"],
  [/ timeout = [05]$/, "0 is the delay_loop of the virtual server"],
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
  assert.deepEqual(
    findings.filter((finding) => !intended.some(([line]) => line.test(finding))),
    [],
  );
  for (const [line, reason] of intended) {
    assert.ok(
      findings.some((finding) => line.test(finding)),
      `no longer differs: ${reason}`,
    );
  }
});
