// The daemon as a process with fake children: start, reload, deaths, signals, end. Real signals,
// real processes, real pid files.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  checkerText,
  DaemonRun,
  isAlive,
  temporaryFolder,
  vrrpText,
} from "./testing/daemon-run.js";

const both = vrrpText + checkerText;

test("the daemon starts its children and leaves nothing after SIGTERM", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: both });
  await run.prints(/Startup complete/);
  assert.equal(run.pid("keepalived"), run.process.pid);
  for (const name of ["vrrp", "checkers"] as const) assert.ok(isAlive(run.pid(name) ?? 0), name);
  assert.equal(statSync(join(run.folder, "vrrp.pid")).mode & 0o777, 0o644);
  const children = [run.pid("vrrp") ?? 0, run.pid("checkers") ?? 0];
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
  assert.deepEqual(children.filter(isAlive), []);
  assert.deepEqual(readdirSync(run.folder), ["keepalived.conf"]);
  assert.match(run.printed, /Stopped Keepalived v2\./);
});

test("the daemon stops by SIGINT, unless told to take no notice of it", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: vrrpText });
  await run.prints(/Startup complete/);
  run.signal("SIGINT");
  assert.equal(await run.ended, 0);
  const args = ["-nlDG", "--ignore-sigint"];
  const deaf = new DaemonRun(t, temporaryFolder(t), { config: vrrpText, args });
  await deaf.prints(/Startup complete/);
  deaf.signal("SIGINT");
  deaf.signal("SIGUSR1");
  assert.match(await deaf.file("keepalived.data"), /^ VRRP Instance = VI_1$/m);
  deaf.signal("SIGTERM");
  assert.equal(await deaf.ended, 0);
});

test("the daemon runs only the children that are needed and allowed", async (t) => {
  const rows: [string, string[], boolean, boolean][] = [
    [vrrpText, ["-nlDG"], true, false],
    [checkerText, ["-nlDG"], false, true],
    [both, ["-nlDGP"], true, false],
    [both, ["-nlDGC"], false, true],
    ["global_defs {\n}\n", ["-nlDG"], false, false],
  ];
  for (const [config, args, vrrp, checker] of rows) {
    const run = new DaemonRun(t, temporaryFolder(t), { config, args });
    await run.prints(/Startup complete/);
    assert.deepEqual([run.pid("vrrp"), run.pid("checkers")].map(Boolean), [vrrp, checker]);
    if (checker) {
      run.signal("SIGUSR1");
      assert.match(await run.file("keepalived_check.data"), /^ VS VIP = /m);
    }
    run.signal("SIGTERM");
    assert.equal(await run.ended, 0);
  }
});

test("the daemon takes no harm from the signals that exporters send", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: vrrpText });
  await run.prints(/Startup complete/);
  for (const signal of [36, 63, 10, 12]) run.signal(signal);
  assert.match(await run.file("keepalived_parent.data"), /^ Router ID = /m);
  assert.match(await run.file("keepalived.data"), /^ {3}State = MASTER$/m);
  assert.match(await run.file("keepalived.stats"), /^VRRP Instance: VI_1$/m);
  assert.equal(JSON.parse(await run.file("keepalived.json"))[0].data.state, 2);
  assert.equal(statSync(join(run.folder, "keepalived.json")).mode & 0o777, 0o600);
  await run.prints(/\(VI_1\) Statistics: checksumErrors 3/);
  await run.prints(/VRRP statistics: unknownVirtualRouter 2, longest event-loop delay 1\.5 ms/);
  assert.ok(isAlive(run.pid("vrrp") ?? 0));
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

test("SIGUSR1 to a child that does not ignore it yet opens no debugger", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: vrrpText });
  await run.prints(/Startup complete/);
  process.kill(run.pid("vrrp") ?? 0, "SIGUSR1");
  await run.prints(/Starting inspector on 240\.0\.0\.1:1024 failed/);
  assert.doesNotMatch(run.printed, /Debugger listening/);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

test("a reload starts and stops children as their parts come and go", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: vrrpText });
  await run.prints(/Startup complete/);
  run.writeConfig(both);
  run.signal("SIGHUP");
  await run.prints(/Reload complete/, 1);
  assert.match(run.printed, /generation 2 resume \[\]/);
  const checker = run.pid("checkers") ?? 0;
  assert.ok(isAlive(checker));
  run.writeConfig(vrrpText);
  run.signal("SIGHUP");
  await run.prints(/Reload complete/, 2);
  await run.waitFor("the end of the checker", () => !isAlive(checker));
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

test("reload_check_config, reload_file, reload_time_file, config_save_dir", async (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string): string => join(folder, name);
  const globals = `global_defs {
    reload_check_config ${path("check.log")}
    reload_file ${path("reloading")}
    reload_time_file ${path("time")}
    config_save_dir ${path("saved")}
  }
  `;
  const run = new DaemonRun(t, folder, { config: globals + vrrpText });
  await run.prints(/Startup complete/);
  // An error that is no obstacle to a start.
  run.writeConfig(`${globals}${vrrpText.replace("virtual_router_id 51", "bogus 1")}`);
  writeFileSync(path("reloading"), "I wait for you");
  run.signal("SIGHUP");
  await run.prints(/Cannot reload: the configuration has errors/);
  await run.prints(/Reload refused/);
  assert.equal(existsSync(path("reloading")), false);
  assert.match(readFileSync(path("check.log"), "utf8"), /bogus/);
  run.writeConfig(globals + vrrpText);
  const soon = new Date(Date.now() + 1_200).toISOString();
  writeFileSync(path("time"), `${soon.slice(0, 10)} ${soon.slice(11, 19)}Z\n`);
  await run.prints(/The time of the planned reload has come|a time that has passed/);
  if (!/has passed/.test(run.printed)) await run.prints(/Reload complete/);
  const saved = readdirSync(path("saved"));
  assert.ok(saved.length >= 1 && saved.every((name) => name.startsWith("keepalived.conf.20")));
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

/** Whether a SIGHUP has not reached the process yet: the next one would be one with it. */
function isHangUpPending(pid: number | undefined): boolean {
  const [, bits = ""] =
    /^ShdPnd:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return (Number.parseInt(bits, 16) & 1) !== 0;
}

test("a reload that comes during another one waits for its end", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: vrrpText });
  await run.prints(/Startup complete/);
  process.kill(run.pid("vrrp") ?? 0, "SIGSTOP");
  run.signal("SIGHUP");
  await run.prints(/Reloading/);
  for (let i = 0; i < 5; i++) {
    run.signal("SIGHUP");
    await run.waitFor("the signal's delivery", () => !isHangUpPending(run.process.pid));
  }
  await run.prints(/Reload follows when the present one is complete/);
  process.kill(run.pid("vrrp") ?? 0, "SIGCONT");
  await run.prints(/Reload complete/, 2);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
  assert.equal(run.printed.match(/Reloading/g)?.length, 2);
  assert.doesNotMatch(run.printed, /generation 4/);
});

test("a reload of a bad configuration says why and changes nothing", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: vrrpText });
  await run.prints(/Startup complete/);
  const vrrp = run.pid("vrrp");
  run.writeConfig("vrrp_instance VI_1 {\n  interface eth0\n}\n");
  run.signal("SIGHUP");
  await run.prints(/Reload refused, the running configuration stays in force/);
  assert.match(run.printed, /keepalived\.conf:\d+:\d+: fatal: /);
  assert.equal(run.pid("vrrp"), vrrp);
  assert.doesNotMatch(run.printed, /generation 2/);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

test("a killed child comes back at once with what its predecessor held", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: both });
  await run.prints(/Startup complete/);
  const vrrp = run.pid("vrrp") ?? 0;
  process.kill(vrrp, "SIGKILL");
  await run.prints(/generation 1 resume \[MASTER\]/);
  assert.match(run.printed, /VRRP child process\(\d+\) died: Respawning/);
  assert.notEqual(run.pid("vrrp"), vrrp);
  process.kill(run.pid("vrrp") ?? 0, "SIGKILL");
  await run.prints(/Restart of VRRP process delayed 1 seconds/);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

test("a child that crashes leaves its report in the log, and a back-off", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: vrrpText, mode: "crashes" });
  await run.prints(/Restart of VRRP process delayed 1 seconds/);
  assert.match(run.printed, /Error: the fake child crashes/);
  assert.match(run.printed, /Startup complete/);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

test("a child that announces a permanent error ends the daemon with its status", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: vrrpText, mode: "fails" });
  assert.equal(await run.ended, 2);
  assert.match(run.printed, /VRRP cannot go on: Cannot open anything/);
  assert.match(run.printed, /exited with permanent error CONFIG\. Terminating/);
  assert.equal(run.pid("keepalived"), undefined);
});

test("a child that does not obey is killed, and the daemon ends all the same", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: vrrpText, mode: "hangs" });
  await run.prints(/Startup complete/);
  const vrrp = run.pid("vrrp") ?? 0;
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
  assert.match(run.printed, /VRRP child process did not end within 5 s, killing it/);
  assert.ok(!isAlive(vrrp));
});

test("messages of a child that fit no row of the table are logged sparingly", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: vrrpText, mode: "babbles" });
  await run.prints(/Startup complete/);
  const warnings = run.printed.match(/Cannot accept IPC message of type "nonsense"/g);
  assert.equal(warnings?.length, 2);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

test("with --dont-respawn the daemon ends when a child dies", async (t) => {
  const args = ["-nlDGR"];
  const run = new DaemonRun(t, temporaryFolder(t), { config: both, args });
  await run.prints(/Startup complete/);
  process.kill(run.pid("checkers") ?? 0, "SIGKILL");
  assert.equal(await run.ended, 0);
  assert.match(run.printed, /Healthcheck child process\(\d+\) died: Exiting/);
});

test("a second daemon with the same pid file says so and ends with 0", async (t) => {
  const folder = temporaryFolder(t);
  const first = new DaemonRun(t, folder, { config: vrrpText });
  await first.prints(/Startup complete/);
  const second = new DaemonRun(t, folder);
  assert.equal(await second.ended, 0);
  assert.match(second.printed, /daemon is already running/);
  assert.equal(first.pid("keepalived"), first.process.pid);
  first.signal("SIGTERM");
  assert.equal(await first.ended, 0);
});

test("pid files that a killed daemon left are replaced", async (t) => {
  const folder = temporaryFolder(t);
  const first = new DaemonRun(t, folder, { config: vrrpText });
  await first.prints(/Startup complete/);
  first.signal("SIGKILL");
  assert.equal(await first.ended, "SIGKILL");
  writeFileSync(join(folder, "checkers.pid"), "not a number\n");
  const second = new DaemonRun(t, folder, { config: both });
  await second.prints(/Startup complete/);
  assert.equal(second.pid("keepalived"), second.process.pid);
  second.signal("SIGTERM");
  assert.equal(await second.ended, 0);
  assert.deepEqual(readdirSync(folder), ["keepalived.conf"]);
});

test("nothing is started before the children of a killed daemon have ended", async (t) => {
  for (const signal of ["SIGHUP", "SIGTERM"] as const) {
    const folder = temporaryFolder(t);
    const code = 'process.stdout.write("up"); setInterval(Date, 60_000);';
    const orphan = spawn(process.execPath, ["--title=keepalived_vrrp", "-e", code]);
    t.after(() => orphan.kill("SIGKILL"));
    await once(orphan.stdout, "data");
    writeFileSync(join(folder, "vrrp.pid"), `${orphan.pid}\n`);
    const run = new DaemonRun(t, folder, { config: vrrpText });
    await run.prints(/Opening file/);
    run.signal(signal);
    if (signal === "SIGHUP") {
      await run.prints(/Reload follows/);
      orphan.kill("SIGKILL");
      await run.prints(/Reload complete/);
      run.signal("SIGTERM");
    }
    assert.equal(await run.ended, 0);
    const [beforeReload] = run.printed.split("Reload follows");
    assert.doesNotMatch(beforeReload ?? "", /Starting VRRP child process/);
  }
});

test("a configuration that cannot be used ends the start with keepalived's status", async (t) => {
  const missing = new DaemonRun(t, temporaryFolder(t));
  assert.equal(await missing.ended, 6);
  assert.match(missing.printed, /keepalived\.conf/);
  const bad = "vrrp_instance VI_1 {\n  interface eth0\n}\n";
  const quiet = new DaemonRun(t, temporaryFolder(t), { config: bad, args: ["-nG"] });
  assert.equal(await quiet.ended, 2);
  assert.match(quiet.printed, /fatal: /, "even without --log-console the terminal is told");
  assert.deepEqual(readdirSync(quiet.folder), ["keepalived.conf"]);
});

test("a pid file that cannot be written ends the start", async (t) => {
  const folder = temporaryFolder(t);
  const args = ["-nlDG", "-p", "/proc/no/such/folder/keepalived.pid"];
  const run = new DaemonRun(t, folder, { config: vrrpText, args });
  assert.equal(await run.ended, 1);
  assert.match(run.printed, /Cannot write pid file "\/proc\/no\/such\/folder\/keepalived\.pid"/);
});

test("without --dont-fork the daemon goes into the background once it is ready", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: both, args: ["-G"] });
  assert.equal(await run.ended, 0);
  const pid = run.pid("keepalived") ?? 0;
  assert.notEqual(pid, run.process.pid);
  t.after(() => isAlive(pid) && process.kill(pid, "SIGKILL"));
  assert.ok(isAlive(run.pid("vrrp") ?? 0));
  process.kill(pid, "SIGTERM");
  await run.waitFor("the end of the daemon", () => !isAlive(pid));
  assert.deepEqual(readdirSync(run.folder), ["keepalived.conf"]);
});

test("the daemon goes on although who started it was killed before it was ready", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: both, args: ["-G"] });
  await run.waitFor("the pid file", () => run.pid("keepalived") !== undefined);
  run.signal("SIGKILL");
  const pid = run.pid("keepalived") ?? 0;
  t.after(() => isAlive(pid) && process.kill(pid, "SIGKILL"));
  await run.waitFor("the background", () => readlinkSync(`/proc/${pid}/cwd`) === "/");
  process.kill(pid, "SIGTERM");
  await run.waitFor("the end of the daemon", () => !isAlive(pid));
  assert.deepEqual(readdirSync(run.folder), ["keepalived.conf"]);
});

test("without --dont-fork a failed start is told on the terminal, with its status", async (t) => {
  const bad = new DaemonRun(t, temporaryFolder(t), { args: ["-G"] });
  assert.equal(await bad.ended, 6);
  assert.match(bad.printed, /keepalived\.conf/);
  const failing = new DaemonRun(t, temporaryFolder(t), {
    config: vrrpText,
    mode: "fails",
    args: ["-G"],
  });
  assert.equal(await failing.ended, 2);
  assert.match(failing.printed, /VRRP cannot go on: Cannot open anything/);
});

test("--config-test prints what is wrong and ends with 0, 4 or 5", async (t) => {
  const rows: [string | undefined, number][] = [
    [both, 0],
    [undefined, 4],
    [`${vrrpText}no_such_keyword\n`, 5],
  ];
  for (const [config, status] of rows) {
    const options = { args: ["-t"], ...(config === undefined ? {} : { config }) };
    const run = new DaemonRun(t, temporaryFolder(t), options);
    assert.equal(await run.ended, status, run.printed);
    assert.equal(run.printed === "", status === 0);
    assert.equal(run.pid("keepalived"), undefined);
  }
  const folder = temporaryFolder(t);
  const file = join(folder, "result.txt");
  const args = [`--config-test=${file}`];
  const run = new DaemonRun(t, folder, { config: "no_such_keyword\n", args });
  assert.equal(await run.ended, 5);
  assert.equal(run.printed, "");
  assert.match(String(statSync(file).size), /^[1-9]/);
});

test("a mistake of the parent's own ends it with 70 and its children too", async (t) => {
  const run = new DaemonRun(t, temporaryFolder(t), { config: both });
  await run.prints(/Startup complete/);
  const children = [run.pid("vrrp") ?? 0, run.pid("checkers") ?? 0];
  run.writeConfig("global_defs {\n  router_id bug\n}\n");
  run.signal("SIGHUP");
  assert.equal(await run.ended, 70);
  assert.match(run.printed, /Cannot go on because of a program error: .*told to make a mistake/);
  await run.waitFor("the end of the children", () => !children.some(isAlive));
  assert.equal(run.pid("keepalived"), undefined);
});
