// bin/keepalived-ts as users call it: through links, from anywhere, with a bad Node, without
// privileges, with nothing mounted and nothing but lo. The daemon and its children are the real
// ones.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder, vrrpText } from "./testing/daemon-run.js";

const launcher = fileURLToPath(new URL("../bin/keepalived-ts", import.meta.url));

interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function call(file: string, args: string[], environment: NodeJS.ProcessEnv = {}): Ending {
  const env = { ...process.env, ...environment };
  const options = { encoding: "utf8", cwd: "/", env, timeout: 30_000 } as const;
  const { status, stdout, stderr } = spawnSync(file, args, options);
  return { status, stdout, stderr };
}

/** An executable that passes for Node: prints `version`, else runs `body` in a shell. */
function fakeNode(context: TestContext, version: string, body: string): string {
  const path = join(temporaryFolder(context), "node");
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] && { echo ${version}; exit 0; }\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/**
 * Runs `script` in namespaces of its own with empty /tmp and /run; it ends by exec of the daemon.
 */
async function runIsolated(script: string, until: RegExp): Promise<Ending> {
  const set = "mount -t tmpfs none /run && mount -t tmpfs none /tmp && ip link set lo up";
  const args = ["-m", "-n", "sh", "-c", `set -e; ${set}; cd /run; ${script}`];
  const child = spawn("unshare", args, { cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  let isStopped = false;
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
    if (isStopped || !until.test(stderr)) return;
    isStopped = true;
    child.kill("SIGTERM");
  });
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  return { status, stdout: "", stderr };
}

test("the launcher finds its place through symbolic links, absolute and relative", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "sbin"));
  symlinkSync(launcher, join(folder, "first"));
  symlinkSync("../first", join(folder, "sbin", "keepalived"));
  const version = /^Keepalived v2\.4\.3 \(keepalived-ts \d+\.\d+\.\d+\)\n$/;
  const byPath = call(join(folder, "sbin", "keepalived"), ["-v"]);
  assert.equal(byPath.status, 0, byPath.stderr);
  assert.match(byPath.stderr, version);
  const search = { PATH: `${join(folder, "sbin")}:${process.env["PATH"]}` };
  assert.match(call("sh", ["-c", "keepalived --version"], search).stderr, version);
  assert.match(call("sh", ["-c", `cd ${folder}/sbin && ./keepalived -v`]).stderr, version);
});

test("the launcher passes words and streams on as they are", () => {
  assert.deepEqual(call(launcher, ["--signum=JSON"]), { status: 0, stdout: "36\n", stderr: "" });
  const refused = call(launcher, ["--no such option"]);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /^Unknown option --no such option\n/);
  const help = call(launcher, ["-h"]);
  assert.equal(help.status, 0);
  assert.match(help.stderr, /-f, --use-file=FILE/);
});

test("the launcher says what is missing: Node, its version, the build", (t) => {
  const missing = call(launcher, ["-v"], { KEEPALIVED_TS_NODE: "/no/such/node" });
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /Cannot run "\/no\/such\/node": Node\.js 20\.19 or later is needed/);
  for (const version of ["v18.20.4", "v20.18.3"]) {
    const old = call(launcher, ["-v"], { KEEPALIVED_TS_NODE: fakeNode(t, version, "exit 9") });
    assert.equal(old.status, 1);
    assert.match(old.stderr, new RegExp(`Cannot run with Node.js ${version}: 20.19 or later`));
  }
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "bin"));
  copyFileSync(launcher, join(folder, "bin", "keepalived-ts"));
  const unbuilt = call(join(folder, "bin", "keepalived-ts"), ["-v"]);
  assert.equal(unbuilt.status, 1);
  assert.match(unbuilt.stderr, /Cannot find ".*\/dist\/bundle\/main\.js": build first/);
});

test("the launcher ignores the real-time signals until the daemon can catch them", (t) => {
  const node = fakeNode(t, "v20.19.0", "grep SigIgn /proc/$$/status");
  const { stdout } = call(launcher, ["-n"], { KEEPALIVED_TS_NODE: node });
  const mask = BigInt(`0x${/SigIgn:\s*([0-9a-f]+)/.exec(stdout)?.[1]}`);
  for (let signal = 34; signal <= 64; signal++) {
    assert.equal((mask >> BigInt(signal - 1)) & 1n, 1n, `signal ${signal}`);
  }
});

test("the launcher closes Node's debugger to SIGUSR1 where Node can", (t) => {
  const flagsOf = (version: string): string => {
    const node = fakeNode(t, version, 'echo "$@"');
    return call(launcher, ["-n"], { KEEPALIVED_TS_NODE: node }).stdout;
  };
  for (const version of ["v22.14.0", "v24.0.0"]) assert.match(flagsOf(version), /disable-sigusr1/);
  for (const version of ["v20.19.0", "v22.13.1"]) assert.doesNotMatch(flagsOf(version), /sigusr1/);
});

test("the daemon runs with empty /tmp and /run and nothing but lo", async () => {
  const script = `echo 'global_defs {\n}' > k.conf; exec ${launcher} -nlG -f k.conf`;
  const { status, stderr } = await runIsolated(script, /Startup complete/);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /keepalived has no configuration to run/);
  const missing = await runIsolated(`exec ${launcher} -nlG -f none.conf`, /never/);
  assert.equal(missing.status, 6, missing.stderr);
});

test("the daemon with its real VRRP process starts and stops in such a namespace", async () => {
  const link = "ip link add eth0 type veth peer name peer0; ip link set peer0 up";
  const address = "ip addr add 192.0.2.1/24 dev eth0; ip link set eth0 up";
  const config = `echo '${vrrpText}' > k.conf`;
  const script = `${link}; ${address}; ${config}; exec ${launcher} -nlG -f k.conf`;
  const { status, stderr } = await runIsolated(script, /Startup complete/);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /\(VI_1\) Entering BACKUP STATE \(init\)/);
  assert.doesNotMatch(stderr, /died|killing/);
});

test("the daemon names a missing privilege before it changes anything", async () => {
  const link = "ip link add eth0 type veth peer name peer0";
  const drop = "exec setpriv --bounding-set=-net_raw";
  const script = `${link}; echo '${vrrpText}' > k.conf; ${drop} ${launcher} -nlG -f k.conf`;
  const { status, stderr } = await runIsolated(script, /never/);
  assert.equal(status, 4, stderr);
  assert.match(stderr, /Cannot start without CAP_NET_RAW: run as root/);
});

test("the launcher is genhash by -T and by that name", (t) => {
  const link = join(temporaryFolder(t), "genhash");
  symlinkSync(launcher, link);
  for (const { status, stderr } of [call(launcher, ["-T", "-h"]), call(link, ["-h"])]) {
    assert.equal(status, 1);
    assert.match(stderr, /^Usage: genhash /);
  }
});
