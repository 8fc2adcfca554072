// The Debian package: built by its one command, unpacked where neither a compiler nor the project
// is in reach, run from there as an administrator would.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { optionSyntax, optionTable } from "@keepalived-ts/parent/cli-options";
import { AddressWatch } from "../lab/address-watch.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { PROJECT_ROOT, startDaemon } from "../lab/daemon.js";
import { createLab } from "../lab/lab.js";

const VIP = "192.0.2.100";
/** Not below /tmp, which a daemon under test sees empty. */
const folder: string = mkdtempSync("/var/tmp/keepalived-ts-package-");
const root: string = join(folder, "root");
let packagePath = "";

process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

function run(command: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: "utf8" });
  assert.equal(status, 0, `${command} ${words.join(" ")}: ${stdout}${stderr}`);
  return stdout + stderr;
}

before(() => {
  packagePath = run(join(PROJECT_ROOT, "scripts/package"), folder).trim().split("\n").at(-1) ?? "";
  run("dpkg-deb", "-x", packagePath, root);
});

test("the package takes the place of Debian's keepalived", () => {
  const field = (name: string): string => run("dpkg-deb", "-f", packagePath, name).trim();
  for (const name of ["Provides", "Conflicts", "Replaces"]) assert.equal(field(name), "keepalived");
  assert.match(field("Depends"), /nodejs \(>= 20\.19\)/);
  assert.equal(
    run("dpkg-deb", "-I", packagePath, "conffiles"),
    "/etc/default/keepalived\n/etc/dbus-1/system.d/org.keepalived.Vrrp1.conf\n",
  );
  for (const path of ["usr/sbin/keepalived", "usr/bin/kactl", "etc/default/keepalived"]) {
    assert.ok(existsSync(join(root, path)), path);
  }
  const unit = readFileSync(join(root, "lib/systemd/system/keepalived.service"), "utf8");
  assert.match(unit, /^Type=notify$/m);
  assert.match(unit, /^ExecStart=\/usr\/sbin\/keepalived --dont-fork \$DAEMON_ARGS$/m);
});

test("the manual pages and the completion know every option and command", () => {
  const manual = (page: string): string =>
    run("gzip", "-dc", join(root, "usr/share/man", page)).replaceAll("\\-", "-");
  const kactl = join(root, "usr/bin/kactl");
  const keepalived = join(root, "usr/sbin/keepalived");
  const page = manual("man8/keepalived.8.gz");
  for (const option of optionTable)
    assert.ok(page.includes(optionSyntax(option).trim()), option.long);
  const known = optionTable.flatMap(({ short, long }) => [
    `--${long}`,
    ...(short ? [`-${short}`] : []),
  ]);
  assert.deepEqual(completed("_keepalived", keepalived, "-").toSorted(), known.toSorted());
  assert.deepEqual(completed("_keepalived", keepalived, "--log-journal", "=", "n"), ["never"]);
  const help = run(kactl, "help");
  const commands = [...help.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name ?? "");
  const source = readFileSync(join(PROJECT_ROOT, "packages/parent/src/kactl/main.ts"), "utf8");
  const cases = [...source.matchAll(/^ {4}case "([a-z][a-z-]*)":/gm)].map(([, name]) => name ?? "");
  assert.ok(cases.length > 10);
  assert.deepEqual(
    cases.filter((name) => name !== "help" && !commands.includes(name)),
    [],
  );
  for (const name of commands) {
    assert.match(manual("man1/kactl.1.gz"), new RegExp(`^\\.[BRI]+ "?${name}\\b`, "m"));
  }
  const words = completed("_kactl", kactl, "");
  assert.deepEqual(
    commands.filter((name) => !words.includes(name)),
    [],
  );
});

/** What bash offers for the last of `words`. */
function completed(completion: string, ...words: string[]): string[] {
  const script = `. ${root}/usr/share/bash-completion/completions/keepalived
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ${completion}; printf '%s\n' "\${COMPREPLY[@]}"`;
  return run("bash", "-c", script, "bash", ...words)
    .trim()
    .split("\n");
}

test("nothing in the package needs to be built, or belongs to who built it", () => {
  const program = join(root, "usr/lib/keepalived-ts");
  assert.ok(existsSync(join(program, "packages/netops/build/netops.node")));
  for (const path of ["node_modules/typescript", "packages/netops/native", "test"]) {
    assert.equal(existsSync(join(program, path)), false, path);
  }
  const files = run("find", root, "-type", "f").trim().split("\n");
  const useless = /\.d\.[cm]?ts$|\.map$|\/@types\/|\/node-addon-api\//;
  assert.deepEqual(
    files.filter((path) => useless.test(path)),
    [],
  );
  const prebuilds = files.flatMap((path) => /\/prebuilds\/([^/]+)/.exec(path)?.[1] ?? []);
  assert.deepEqual([...new Set(prebuilds)], [`linux-${process.arch}`], "of this processor only");
  assert.equal(lstatSync(join(root, "usr")).mode & 0o777, 0o755);
  assert.doesNotMatch(run("dpkg-deb", "-c", packagePath), /^.rwx?-{6}/m, "all may read it");
});

test("the unpacked daemon speaks VRRP, answers kactl and stops in good order", async (t) => {
  const lab = await createLab("package");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  const watch = await AddressWatch.start(host);
  const config = join(host.scratch, "packaged.conf");
  const text = vrrpConfigText([
    { version: 3, advertInterval: 0.1, priority: 255, state: "MASTER", addresses: [`${VIP}/24`] },
  ]);
  await host.must(["sh", "-c", `printf '%s' "$1" > ${config} && chmod 600 ${config}`, "sh", text]);
  const keepalived = join(root, "usr/sbin/keepalived");
  const daemon = startDaemon(host, [keepalived, "-nlGD", "-f", config]);
  await watch.waitFor(VIP, true);
  await daemon.waitForLog(/Startup complete/);
  const socket = daemon.path("/run/keepalived.sock");
  assert.match(
    run(join(root, "usr/bin/kactl"), "--socket", socket, "status"),
    /^VI_1 +MASTER .* 192\.0\.2\.100\/24$/m,
  );
  assert.equal((await daemon.stop()).status, 0);
  await watch.waitFor(VIP, false);
});
