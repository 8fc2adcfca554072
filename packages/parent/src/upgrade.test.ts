// kactl upgrade with a real daemon (and fake children): the process stays, the program changes.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { isAlive } from "./testing/daemon-run.js";
import { kactl, startControlled } from "./testing/kactl.js";

function children(pid: number): string[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").split(" ").filter(Boolean),
  );
}

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

test("an upgrade keeps pid, state and configuration, and leaves nothing behind", async (t) => {
  const run = await startControlled(t);
  const pid = run.process.pid ?? 0;
  const former = [run.pid("vrrp"), run.pid("checkers")];
  const descriptorsBefore = descriptors(pid);
  for (let round = 1; round <= 3; round++) {
    const upgraded = kactl(run, "upgrade");
    assert.equal(upgraded.status, 0, `${upgraded.text}\n${run.printed}`);
    assert.match(upgraded.text, /^Keepalived v\S+ \(.*\) has become Keepalived v/);
    await run.prints(/Startup complete/, round + 1);
    assert.equal(run.pid("keepalived"), pid);
    assert.equal(children(pid).length, 2);
  }
  assert.ok(former.every((each) => each !== undefined && !isAlive(each)));
  await run.prints(/Going on from Keepalived/, 3);
  await run.prints(/fake child \d+ generation 1 resume \[(?!\])/);
  const status = JSON.parse(kactl(run, "status", "--json").text);
  assert.deepEqual([status.configGeneration, status.instances[0].state], [4, "MASTER"]);
  assert.ok(descriptors(pid) <= descriptorsBefore + 2, `${descriptorsBefore}, ${descriptors(pid)}`);
  assert.deepEqual(
    readdirSync(run.folder).filter((name) => name.startsWith(".keepalived-ts")),
    [],
  );
  run.signal("SIGTERM");
  assert.equal(await run.ended, 0);
  assert.equal(run.pid("keepalived"), undefined);
});

test("an upgrade that cannot go well does not begin", async (t) => {
  const run = await startControlled(t);
  const former = run.pid("vrrp");
  run.writeConfig("vrrp_instance VI_1 {\n  interface\n");
  const refused = kactl(run, "upgrade");
  assert.equal(refused.status, 1);
  assert.match(refused.text, /The installed release cannot go on: .*keepalived\.conf:\d/s);
  assert.equal(run.pid("vrrp"), former);
  await run.prints(/Upgrade refused/);
});
