// Scripts of all kinds on a real disk: the exit code of `keepalived -t` is ours, 6 included, when
// the loader asks this host as the daemon does.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { hostFacts } from "@keepalived-ts/parent/edge/host-facts";
import { configExitCode } from "@keepalived-ts/shared-config/schema/exit-code";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";

const folder: string = mkdtempSync(join(tmpdir(), "script-security-"));
chmodSync(folder, 0o755);
const nobody = 65534;

after(() => rmSync(folder, { recursive: true }));

function addScript(name: string, mode: number, owner = 0): void {
  const path = join(folder, name);
  writeFileSync(path, "#!/bin/sh\nexit 0\n");
  chownSync(path, owner, 0);
  chmodSync(path, mode);
}

addScript("good", 0o755);
addScript("plain", 0o644);
addScript("open", 0o757);
addScript("foreign", 0o755, nobody);
mkdirSync(join(folder, "drop"));
addScript("drop/inside", 0o755);
chmodSync(join(folder, "drop"), 0o777);
symlinkSync(join(folder, "good"), join(folder, "link"));

const commands: readonly string[] = [
  ...["good", "plain", "open", "foreign", "drop/inside", "link", "drop", "nosuch"].map((name) =>
    join(folder, name),
  ),
  ...["true", "nosuchprogram", "", "/etc/passwd/x"],
];

const settings: readonly string[] = [
  "",
  "script_user root",
  "script_user root\nenable_script_security",
  "script_user root root\nenable_script_security",
];

const texts: readonly string[] = settings.flatMap((setting) =>
  commands.flatMap((command) => [
    `global_defs {\n${setting}\nvrrp_notify_fifo_script "${command} x"\n}\n${instance("")}`,
    `global_defs {\n${setting}\n}\n${instance(`notify_master "${command}" root`)}`,
  ]),
);

function instance(line: string): string {
  return [
    "vrrp_instance V {\ninterface lo0\nvirtual_router_id 1",
    line,
    "virtual_ipaddress {\n192.0.2.9\n}\n}\n",
  ].join("\n");
}

const paths: readonly string[] = texts.map((text, index) => {
  const path = join(folder, `${index}.conf`);
  writeFileSync(path, text, { mode: 0o644 });
  return path;
});

/** Prints one exit code a file. */
const script = `
set -e
mount -t tmpfs none /run
ip link set lo up
ip link add lo0 type veth peer name lo1
ip link set lo0 up
ip link set lo1 up
set +e
for file in "$@"; do
  timeout 20 keepalived -t -f "$file" >/dev/null 2>&1
  echo $?
done
`;

test("scripts lead to the exit code that keepalived -t has for them", () => {
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    ["--net", "--mount", "bash", "-c", script, "bash", ...paths],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  const theirs = stdout.trim().split("\n").map(Number);
  const ours = paths.map((path) => {
    const host = { ...hostFacts(), link: undefined, linkMtu: undefined, linkExists: () => true };
    const { diagnostics } = loadConfig({ path, host, configId: "main", purpose: "test" });
    return configExitCode(diagnostics, "test");
  });
  const wrong = texts.filter((_, index) => ours[index] !== theirs[index]);
  assert.deepEqual(wrong, []);
});
