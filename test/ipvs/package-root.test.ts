// The Debian package as an administrator has it: on a clean Debian with systemd, without a
// compiler, in User Mode Linux. One story, told step by step in one guest: Debian's keepalived
// serves, ours takes its place, runs as a service, is upgraded, removed, purged and installed
// afresh.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { PROJECT_ROOT } from "../lab/daemon.js";
import { runInDebian, type StepResult } from "../lab/debian-guest.js";
import { debianRoot } from "../lab/debian-root.js";
import { makeGuestFolder } from "../lab/uml-kernel.js";

/** Removed with the process, or by the next test if it was killed. */
const folder: string = makeGuestFolder();
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const conf = "/etc/keepalived/keepalived.conf";
const service = "keepalived.service";

/** Until `condition` holds, 30 s at most; then its last word. */
function until(condition: string): string {
  return `for _ in $(seq 150); do ${condition} && break; sleep 0.2; done; ${condition}`;
}

const hasAddress = "ip -br address show dev lan0 | grep -q '192.0.2.100/24'";
const hasNoAddress = "! ip -br address show dev lan0 | grep -q 192.0.2.100";
const isUp = `systemctl show ${service} -p ActiveState,SubState,StatusText,NRestarts,UnitFileState`;
/** Whatever is of the package or of the daemon. */
const traces =
  "find / -xdev \\( -name '*keepalived*' -o -name 'kactl*' -o -path '*/org.keepalived*' \\)" +
  " -not -path '/proc/*' -not -path '/outside/*' -not -path '/tmp/*' | sort";

function configText(priority: number): string {
  return `vrrp_instance VI_1 {
  interface lan0
  state MASTER
  virtual_router_id 51
  priority ${priority}
  advert_int 0.2
  version 3
  virtual_ipaddress { 192.0.2.100/24 }
}
`;
}

const steps = {
  compiler: "command -v cc gcc c++ node npm",
  "Debian's serves": `ip link add lan0 type veth peer name lan1 && ip link set lan1 up &&
    ip address add 192.0.2.1/24 dev lan0 && ip link set lan0 up &&
    mkdir -p /etc/keepalived && cp /outside/good.conf ${conf} &&
    systemctl start ${service} && ${until(hasAddress)}; keepalived -v 2>&1 | head -1`,
  "ours takes its place": `dpkg -i /outside/nodejs.deb /outside/keepalived-ts.deb`,
  "which is installed": "dpkg -l 'keepalived*' | awk '/^[a-z]/ { print $2, $1 }'",
  "its configuration is kept": `cmp /outside/good.conf ${conf}`,
  "it serves": `${until(hasAddress)} && ${isUp}; keepalived -v 2>&1 | head -1`,
  "kactl answers": "kactl status",
  "a reload": `cp /outside/other.conf ${conf} && systemctl reload ${service} &&
    ${until("kactl status --json | grep -q '\"effectivePriority\": *140'")}; ${isUp}`,
  "a reload with a mistake": `before=$(systemctl show -p MainPID ${service})
    cp /outside/bad.conf ${conf}
    systemctl reload ${service}
    ${until(`journalctl -u ${service} -o cat | grep -q 'MISSING_KEYWORD'`)}
    [ "$before" = "$(systemctl show -p MainPID ${service})" ] && ${hasAddress} && ${isUp}
    journalctl -u ${service} -o cat -n 20; cp /outside/good.conf ${conf}`,
  "the journal": `journalctl -u ${service} -o json`,
  "a crash": `systemctl kill --kill-whom=main -s KILL ${service}
    ${until(`systemctl show -p NRestarts ${service} | grep -q =1`)}
    ${until(`systemctl is-active -q ${service}`)}; ${until(hasAddress)} && ${isUp}`,
  "an upgrade": `systemctl show -p MainPID ${service}; dpkg -i /outside/keepalived-ts.deb &&
    ${hasAddress} && systemctl show -p MainPID ${service} && ${isUp}`,
  "a stop": `systemctl stop ${service} && ${hasNoAddress} && ${isUp} &&
    ! grep -l "^keepalived" /proc/[0-9]*/comm`,
  "a removal": `systemctl start ${service} && ${until(hasAddress)} && dpkg -r keepalived-ts &&
    ${hasNoAddress} && ${traces}`,
  "a purge": `dpkg -P keepalived-ts && dpkg -P keepalived; ${traces}`,
  "afresh, after a purge": `dpkg -i /outside/keepalived-ts.deb && ${until(hasAddress)} && ${isUp}`,
  "with -l": `sed -i 's/""/"-l -D"/' /etc/default/keepalived && systemctl restart ${service} &&
    ${until(hasAddress)}
    journalctl -o json _SYSTEMD_INVOCATION_ID=$(systemctl show -p InvocationID --value ${service})`,
  "an administrator's disable": `systemctl disable --now ${service}
    dpkg -i /outside/keepalived-ts.deb
    ${isUp}; ${hasNoAddress}`,
};

let results: Map<string, StepResult> = new Map();

before(async () => {
  const package_ = must(join(PROJECT_ROOT, "scripts/package"), folder).trim().split("\n").at(-1);
  const files = {
    "good.conf": configText(150),
    "other.conf": configText(140),
    "bad.conf": configText(130).replace("virtual_router_id 51", ""),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  copyFileSync(package_ ?? "", join(folder, "keepalived-ts.deb"));
  const libraries = nodePackages();
  makeNodePackage(libraries);
  const shared = ["nodejs.deb", "keepalived-ts.deb", ...Object.keys(files)];
  results = await runInDebian({
    image: debianRoot(libraries),
    files: shared.map((name) => join(folder, name)),
    steps,
    timeoutS: 280,
  });
});

/** The packages that the machine's own Node is linked with. */
function nodePackages(): string[] {
  const libraries = must("ldd", process.execPath).matchAll(/=> (\/\S+)/g);
  const owners = Array.from(libraries, ([, path = ""]) => {
    const name = path.slice(path.lastIndexOf("/"));
    return must("dpkg", "-S", `*${name}`).split(":")[0] ?? "";
  });
  return [...new Set(owners)].sort();
}

/** Debian 12 has an older Node than the package asks for: that of the machine, as a package. */
function makeNodePackage(libraries: readonly string[]): void {
  const root = join(folder, "nodejs");
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  mkdirSync(join(root, "DEBIAN"));
  copyFileSync(process.execPath, join(root, "usr/bin/node"));
  const architecture = must("dpkg", "--print-architecture").trim();
  const control = `Package: nodejs
Version: ${process.versions.node}-0test
Architecture: ${architecture}
Maintainer: The keepalived-ts authors <keepalived-ts@localhost>
Depends: ${libraries.join(", ")}
Description: the Node of the machine that tests
`;
  writeFileSync(join(root, "DEBIAN/control"), control);
  must("dpkg-deb", "-Znone", "--root-owner-group", "--build", root, join(folder, "nodejs.deb"));
}

function must(command: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: "utf8" });
  assert.equal(status, 0, `${command} ${words.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/** What a step has said, which must have gone well. */
function told(name: keyof typeof steps): string {
  const { status, output } = results.get(name) ?? {
    status: -1,
    output: "did not come to its turn",
  };
  assert.equal(status, 0, `${name}: ${output}`);
  return output;
}

function states(output: string): Record<string, string> {
  return Object.fromEntries(
    Array.from(output.matchAll(/^(\w+)=(.*)$/gm), ([, name = "", value = ""]) => [name, value]),
  );
}

function assertRuns(name: keyof typeof steps, expected: Readonly<Record<string, string>>): void {
  const running = { ActiveState: "active", SubState: "running", UnitFileState: "enabled" };
  assert.deepEqual(states(told(name)), { ...running, NRestarts: "0", ...expected }, name);
}

test("the package takes the place of Debian's keepalived, on a system without a compiler", () => {
  assert.equal(results.get("compiler")?.output, "");
  assert.match(told("Debian's serves"), /^Keepalived v2\.2/);
  assert.match(told("ours takes its place"), /removing keepalived in favour of keepalived-ts/);
  assert.match(told("which is installed"), /^keepalived [irh]c\nkeepalived-ts ii\n$/);
  told("its configuration is kept");
  assertRuns("it serves", { StatusText: "Running, configuration 1" });
  assert.match(told("it serves"), /^Keepalived v\S+ \(keepalived-ts /m);
  assert.match(told("kactl answers"), /^VI_1 +MASTER .* 192\.0\.2\.100\/24$/m);
});

test("systemd reloads it, and a mistake in the file changes nothing", () => {
  assertRuns("a reload", { StatusText: "Running, configuration 2" });
  const output = told("a reload with a mistake");
  assert.match(output, /^ActiveState=active$/m);
  assert.match(output, /fatal: Cannot build vrrp_instance "VI_1" .* \[MISSING_KEYWORD\]$/m);
});

test("journald has each record once, with our fields", () => {
  const lines = told("the journal").trim().split("\n");
  const entries = lines.map((line) => JSON.parse(line) as Record<string, string>);
  const begin = entries.findIndex(({ MESSAGE = "" }) => /^Starting .*keepalived-ts/.test(MESSAGE));
  const ours = entries
    .slice(begin)
    .filter(({ SYSLOG_IDENTIFIER: ident = "" }) => ident.startsWith("Keepalived"));
  assert.ok(begin > 0 && ours.length > 5, `${ours.length} records`);
  assert.deepEqual(new Set(ours.map((entry) => entry["_TRANSPORT"])), new Set(["journal"]));
  const found = ours.filter(({ MESSAGE }) => MESSAGE === "(VI_1) Entering MASTER STATE");
  assert.equal(found.length, 1);
  const { SYSLOG_IDENTIFIER, SYSLOG_FACILITY, PRIORITY, SYSLOG_PID, ...rest } = found[0] ?? {};
  assert.deepEqual([SYSLOG_IDENTIFIER, SYSLOG_FACILITY, PRIORITY], ["Keepalived_vrrp", "3", "6"]);
  assert.match(SYSLOG_PID ?? "", /^[1-9]\d*$/);
  const { KEEPALIVED_INSTANCE, KEEPALIVED_LEVEL } = rest;
  assert.deepEqual([KEEPALIVED_INSTANCE, KEEPALIVED_LEVEL], ["VI_1", "info"]);
});

test("with -l, which leads to the journal too, journald has each record once all the same", () => {
  const lines = told("with -l").trim().split("\n");
  const entries = lines.map((line) => JSON.parse(line) as Record<string, string>);
  const count = (field: string, value: string): number =>
    entries.filter((entry) => entry[field] === value).length;
  assert.equal(count("MESSAGE", "Startup complete"), 1);
  assert.equal(count("MESSAGE", "(VI_1) setting VIPs."), 1, "-D");
  assert.deepEqual([count("_TRANSPORT", "stdout"), count("_TRANSPORT", "syslog")], [0, 0]);
});

test("systemd starts it again when it was killed; an upgrade keeps the process", () => {
  assertRuns("a crash", { NRestarts: "1", StatusText: "Running, configuration 1" });
  const output = told("an upgrade");
  const [before, after] = Array.from(output.matchAll(/^MainPID=(\d+)$/gm), ([, pid]) => pid);
  assert.equal(after, before);
  assert.match(output, /has become Keepalived/);
  assert.match(output, /^ActiveState=active$/m);
});

test("a stop takes the addresses away and leaves no process", () => {
  const { ActiveState, SubState } = states(told("a stop"));
  assert.deepEqual([ActiveState, SubState], ["inactive", "dead"]);
  assert.doesNotMatch(told("a stop"), /^\/proc/m);
});

test("removed it keeps what dpkg keeps of it, purged the administrator's file alone", () => {
  const removed = paths(told("a removal")).filter((path) => !isDebians(path));
  assert.deepEqual(
    removed.filter((path) => !path.startsWith("/var/lib/")),
    [
      "/etc/dbus-1/system.d/org.keepalived.Vrrp1.conf",
      "/etc/default/keepalived",
      "/etc/keepalived",
      conf,
      "/etc/systemd/system/multi-user.target.wants/keepalived.service",
    ],
  );
  assert.deepEqual(paths(told("a purge")), ["/etc/keepalived", conf]);
});

test("installed afresh it starts, and what an administrator disables stays so", () => {
  assertRuns("afresh, after a purge", { StatusText: "Running, configuration 1" });
  const { ActiveState, UnitFileState } = states(told("an administrator's disable"));
  assert.deepEqual([ActiveState, UnitFileState], ["inactive", "disabled"]);
});

function paths(output: string): string[] {
  return output.split("\n").filter((line) => line.startsWith("/"));
}

/** Conffiles of the package that was replaced, until it is purged. */
function isDebians(path: string): boolean {
  return /^\/etc\/(init\.d|rc\d\.d)\/|conf\.sample$/.test(path);
}
