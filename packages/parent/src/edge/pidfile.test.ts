// pidfile.ts: claims, stale files, permissions, release.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../testing/daemon-run.js";
import { claimPidFile, releasePidFile, runningOwner, writePidFile } from "./pidfile.js";

/** A process that passes for a keepalived; resolves once its name is set. */
async function startKeepalived(context: TestContext, title: string): Promise<number> {
  const code = `process.title = "${title}"; process.stdout.write("up"); setInterval(Date, 60_000);`;
  const child = spawn(process.execPath, [`--title=${title}`, "-e", code]);
  context.after(() => child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child.pid ?? 0;
}

test("claimPidFile() writes a file that all can read and leaves nothing else behind", (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "run", "keepalived.pid");
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  assert.deepEqual(claimPidFile(path, process.pid), { ok: true });
  process.umask(umask);
  assert.equal(readFileSync(path, "latin1"), `${process.pid}\n`);
  assert.equal(statSync(path).mode & 0o777, 0o644);
  assert.deepEqual(readdirSync(join(folder, "run")), ["keepalived.pid"]);
});

test("claimPidFile() replaces files of the dead, of other programs, and of nobody", async (t) => {
  const path = join(temporaryFolder(t), "keepalived.pid");
  const other = await startKeepalived(t, "keepalived-expo");
  for (const content of ["4194304999\n", `${other}\n`, "1\n", "", "-5\n", "x".repeat(5000)]) {
    writeFileSync(path, content);
    assert.equal(runningOwner(path), undefined, content.slice(0, 20));
    assert.deepEqual(claimPidFile(path, process.pid), { ok: true });
    assert.equal(readFileSync(path, "latin1"), `${process.pid}\n`);
  }
});

test("claimPidFile() yields to a keepalived that runs", async (t) => {
  const path = join(temporaryFolder(t), "keepalived.pid");
  for (const title of ["keepalived", "keepalived_vrrp"]) {
    const owner = await startKeepalived(t, title);
    writeFileSync(path, `${owner}\n`);
    assert.equal(runningOwner(path), owner);
    assert.deepEqual(claimPidFile(path, process.pid), { ok: false, owner });
    assert.equal(readFileSync(path, "latin1"), `${owner}\n`);
  }
});

/** A daemon that claims `path` at the instants that it is told. */
function startClaimer(context: TestContext, path: string): ChildProcess {
  const code = `
    import { claimPidFile } from "${new URL("./pidfile.js", import.meta.url)}";
    process.on("message", (at) => {
      while (process.hrtime.bigint() < BigInt(at)) continue;
      process.send(claimPidFile(${JSON.stringify(path)}, process.pid).ok);
    });
  `;
  const words = ["--title=keepalived", "--input-type=module", "-e", code];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  context.after(() => child.kill("SIGKILL"));
  return child;
}

test("of two daemons that find a stale file at once one gets it", async (t) => {
  const path = join(temporaryFolder(t), "keepalived.pid");
  const claimers = [startClaimer(t, path), startClaimer(t, path)];
  for (let round = 0; round < 50; round++) {
    writeFileSync(path, "4194304999\n");
    const at = String(process.hrtime.bigint() + 5_000_000n);
    const answers = claimers.map((claimer) => once(claimer, "message"));
    for (const claimer of claimers) claimer.send(at);
    const won = (await Promise.all(answers)).map(([isOk]) => isOk === true);
    const winner = claimers[won.indexOf(true)]?.pid;
    assert.deepEqual(won.toSorted(), [false, true], `round ${round}`);
    assert.equal(readFileSync(path, "latin1"), `${winner}\n`);
  }
});

test("claimPidFile() writes through no link that somebody has put there", (t) => {
  const folder = temporaryFolder(t);
  const [path, target] = [join(folder, "keepalived.pid"), join(folder, "target")];
  writeFileSync(target, "precious");
  for (const name of [path, `${path}.${process.pid}`]) symlinkSync(target, name);
  assert.deepEqual(claimPidFile(path, process.pid), { ok: true });
  assert.equal(readFileSync(target, "latin1"), "precious");
  assert.equal(lstatSync(path).isFile(), true);
  assert.deepEqual(readdirSync(folder).sort(), ["keepalived.pid", "target"]);
});

test("claimPidFile() and writePidFile() leave alone what is no file", (t) => {
  const folder = temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  execFileSync("mkfifo", [at("pipe")]);
  execFileSync("mknod", [at("null"), "c", "1", "3"]);
  mkdirSync(at("folder"));
  for (const name of ["pipe", "folder"]) {
    assert.equal(runningOwner(at(name)), undefined);
    const failure = `Cannot write pid file "${at(name)}": it is there and is no file`;
    assert.deepEqual(claimPidFile(at(name), process.pid), { ok: false, failure });
    assert.equal(writePidFile(at(name), 42), failure);
  }
  assert.deepEqual(claimPidFile(at("null"), process.pid), { ok: true });
  assert.equal(writePidFile(at("null"), 42), undefined);
  releasePidFile(at("null"), 42);
  assert.equal(lstatSync(at("null")).isCharacterDevice(), true);
  assert.deepEqual(readdirSync(folder).sort(), ["folder", "null", "pipe"]);
});

test("claimPidFile() says why a file cannot be written", () => {
  const claim = claimPidFile("/proc/no/keepalived.pid", process.pid);
  assert.ok(!claim.ok && "failure" in claim);
  assert.match(claim.failure, /^Cannot write pid file "\/proc\/no\/keepalived\.pid": .*ENOENT/);
  const long = claimPidFile(`/run/${"x".repeat(300)}`, process.pid);
  assert.ok(!long.ok && "failure" in long);
  assert.match(long.failure, /ENAMETOOLONG/);
});

test("writePidFile() takes the file from whoever had it", async (t) => {
  const path = join(temporaryFolder(t), "vrrp.pid");
  writeFileSync(path, `${await startKeepalived(t, "keepalived")}\n`);
  assert.equal(writePidFile(path, 42), undefined);
  assert.equal(readFileSync(path, "latin1"), "42\n");
  assert.match(writePidFile("/proc/no/vrrp.pid", 42) ?? "", /^Cannot write pid file/);
});

test("releasePidFile() removes its own file only", (t) => {
  const path = join(temporaryFolder(t), "keepalived.pid");
  claimPidFile(path, 42);
  releasePidFile(path, 43);
  assert.ok(existsSync(path));
  releasePidFile(path, 42);
  assert.ok(!existsSync(path));
  releasePidFile(path, 42);
});
