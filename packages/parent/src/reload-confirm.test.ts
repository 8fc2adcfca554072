// kactl reload --confirm and the group that may use the control socket, with a real daemon (and
// fake children).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { vrrpText } from "./testing/daemon-run.js";
import { kactl, startControlled } from "./testing/kactl.js";

const changed = vrrpText.replace("virtual_router_id 51", "virtual_router_id 51\n  priority 90");

function priority(run: Parameters<typeof kactl>[0]): number {
  return JSON.parse(kactl(run, "status", "--json").text).instances[0].basePriority;
}

test("a reload that nobody confirms goes back", async (t) => {
  const run = await startControlled(t);
  run.writeConfig(changed);
  const reloaded = kactl(run, "reload", "--confirm", "2");
  assert.equal(reloaded.status, 0, reloaded.text);
  assert.match(reloaded.text, /goes back in 2 s unless you say: kactl confirm/);
  await run.prints(/Reload complete/);
  assert.equal(priority(run), 90);
  assert.match(
    kactl(run, "status").text,
    /configuration 2 \(goes back in [0-2]s unless confirmed\)/,
  );
  await run.prints(/Nobody has confirmed the configuration: going back to the former one/);
  await run.prints(/Reload complete/, 2);
  assert.equal(priority(run), 100);
  assert.match(kactl(run, "events").text, /not confirmed, going back/);
  const late = kactl(run, "confirm");
  assert.equal(late.status, 1);
  assert.match(late.text, /No configuration waits to be confirmed/);
});

test("a reload that is confirmed stays", async (t) => {
  const run = await startControlled(t);
  run.writeConfig(changed);
  assert.equal(kactl(run, "reload", "--confirm=3600").status, 0);
  await run.prints(/Reload complete/);
  assert.deepEqual(kactl(run, "confirm"), { status: 0, text: "The configuration is confirmed\n" });
  assert.equal(JSON.parse(kactl(run, "status", "--json").text).goesBackWithinSeconds, null);
  assert.equal(priority(run), 90);
  // It does not keep the daemon from its end either.
  assert.equal(kactl(run, "reload", "--confirm", "3600").status, 0);
  await run.prints(/Reload complete/, 2);
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
});

test("a reload without --confirm confirms the one before; a refused one does not", async (t) => {
  const run = await startControlled(t);
  run.writeConfig(changed);
  assert.equal(kactl(run, "reload", "--confirm", "3600").status, 0);
  await run.prints(/Reload complete/);
  run.writeConfig("vrrp_instance VI_1 {\n  interface\n");
  assert.equal(kactl(run, "reload").status, 1);
  assert.ok(JSON.parse(kactl(run, "status", "--json").text).goesBackWithinSeconds > 3_500);
  run.writeConfig(changed);
  run.signal("SIGHUP");
  await run.prints(/This reload confirms the one before/);
  assert.equal(kactl(run, "confirm").status, 1);
});

test("--confirm wants a time that makes sense", async (t) => {
  const run = await startControlled(t);
  const refused = kactl(run, "reload", "--confirm", "0");
  assert.equal(refused.status, 1);
  assert.match(refused.text, /Want 1 to 86400 seconds, not "0"/);
  assert.equal(kactl(run, "reload", "--confirm", "soon").status, 2);
  assert.equal(kactl(run, "reload", "--confirm").status, 2);
});

/** By a process of that user and group alone, which can enter the folder. */
function asks(folder: string, gid: number): number | null {
  const socket = join(folder, "keepalived.sock");
  const script = `require("node:net").connect(process.argv[1]).on("connect", () => process.exit(0))
    .on("error", ({ code }) => process.exit(code === "EACCES" ? 13 : 1))`;
  const words = ["--reuid=65534", `--regid=${gid}`, "--clear-groups", process.execPath];
  return spawnSync("setpriv", [...words, "-e", script, socket]).status;
}

test("control_group lets a group use the socket, until a reload lets it no more", async (t) => {
  const run = await startControlled(t, "good", ["control_group daemon"]);
  chmodSync(run.folder, 0o755);
  const gid = Number(/^daemon:[^:]*:(\d+):/m.exec(readFileSync("/etc/group", "latin1"))?.[1]);
  const path = join(run.folder, "keepalived.sock");
  await run.waitFor("the group", () => (statSync(path).mode & 0o777) === 0o660);
  assert.equal(statSync(path).gid, gid);
  assert.deepEqual([asks(run.folder, gid), asks(run.folder, 65_534)], [0, 13]);
  run.writeConfig(`global_defs {\n  control_group nobody-has-this\n}\n${vrrpText}`);
  assert.equal(kactl(run, "reload").status, 0);
  await run.prints(/Cannot use control_group "nobody-has-this": there is no such group/);
  await run.prints(/Reload complete/);
  assert.deepEqual([statSync(path).mode & 0o777, asks(run.folder, gid)], [0o600, 13]);
});
