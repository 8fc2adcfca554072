// Debian's keepalived as the judge: on every case of the corpus `keepalived -t` and ours agree
// whether there is something to mend. Runs it in a network and mount namespace of its own.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { configExitCode } from "@keepalived-ts/shared-config/schema/exit-code";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { agreementCases } from "./agreement-corpus.js";

const folder: string = mkdtempSync(join(tmpdir(), "agreement-"));

after(() => rmSync(folder, { recursive: true }));

/** The host that the corpus assumes; prints one exit code a file. */
const script = `
set -e
mount -t tmpfs none /run
ip link set lo up
ip link add eth0 type veth peer name eth1
ip link set eth0 up
ip link set eth1 up
ip address add 192.0.2.1/24 dev eth0
set +e
for file in "$@"; do
  timeout 20 keepalived -t -f "$file" >/dev/null 2>&1
  echo $?
done
`;

function keepalivedExitCodes(paths: readonly string[]): number[] {
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    ["--net", "--mount", "bash", "-c", script, "bash", ...paths],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  return stdout.trim().split("\n").map(Number);
}

const paths: readonly string[] = agreementCases.map(({ text }, index) => {
  const path = join(folder, `${index}.conf`);
  writeFileSync(path, text, { mode: 0o644 });
  return path;
});

test("loadConfig() finds something to mend exactly where keepalived -t does", () => {
  const theirs = keepalivedExitCodes(paths);
  assert.equal(theirs.length, paths.length);
  const wrong = agreementCases.flatMap(({ text, difference }, index) => {
    const isTheirs = theirs[index] === 0;
    const isOurs = isClean(paths[index] ?? "");
    if ((isOurs === isTheirs) === (difference === undefined)) return [];
    return [`theirs ${isTheirs ? "clean" : "not"}, ours ${isOurs ? "clean" : "not"}:\n${text}`];
  });
  assert.deepEqual(wrong, []);
});

function isClean(path: string): boolean {
  const linkExists = (name: string): boolean => ["lo", "eth0", "eth1"].includes(name);
  const root = (name: string): boolean => name === "root";
  const { diagnostics } = loadConfig({
    path,
    host: {
      linkExists,
      vrfTable: () => undefined,
      user: (name) => (root(name) ? { uid: 0, gid: 0 } : undefined),
      group: (name) => (root(name) ? 0 : undefined),
      script: ({ path }) =>
        existsSync(path)
          ? { found: true, path, isExecutable: true }
          : { found: false, detail: "is not there" },
    },
    configId: "main",
    purpose: "test",
  });
  return configExitCode(diagnostics, "test") === 0;
}
