// LogFiles on a real disk: which process's lines stand where, log rotation, what is in the way.

import assert from "node:assert/strict";
import { linkSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/daemon-run.js";
import { LogFiles, pathFor } from "./log-file.js";

test("pathFor() puts the process's name before the last dot", () => {
  assert.equal(pathFor("/tmp/keepalived.log", "Keepalived"), "/tmp/keepalived.log");
  assert.equal(pathFor("/tmp/k.a.log", "Keepalived_vrrp"), "/tmp/k.a_vrrp.log");
  assert.equal(pathFor("/var/log.d/ka", "Keepalived_vrrp_blue"), "/var/log.d/ka_vrrp_blue");
  assert.equal(pathFor("/tmp/.ka", "Keepalived_vrrp"), "/tmp/.ka_vrrp");
});

test("LogFiles writes a file a process, and new ones after a rotation", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "ka.log");
  const files = new LogFiles(path, assert.fail, String);
  files.write("Keepalived", "one");
  files.write("Keepalived_vrrp", "two");
  await files.drain(10_000);
  renameSync(path, `${path}.1`);
  files.write("Keepalived", "three");
  files.reopen(10_000);
  files.write("Keepalived", "four");
  assert.ok(await files.drain(10_000));
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  while (!read("ka.log.1").includes("three")) await new Promise((wake) => setImmediate(wake));
  const texts = ["ka.log", "ka.log.1", "ka_vrrp.log"].map(read);
  assert.deepEqual(texts, ["four\n", "one\nthree\n", "two\n"]);
  assert.equal(statSync(path).mode & 0o177, 0);
});

test("LogFiles follows no link and says once that it cannot write", (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "victim"), "");
  symlinkSync("victim", join(folder, "symbolic"));
  linkSync(join(folder, "victim"), join(folder, "hard"));
  for (const name of ["symbolic", "hard", "none/at/all", "."]) {
    const told: string[] = [];
    const files = new LogFiles(join(folder, name), (text) => told.push(text), String);
    for (const line of ["one", "two"]) files.write("Keepalived", line);
    assert.deepEqual([told.length, files.dropped], [1, 2], name);
    assert.match(told[0] ?? "", /^Cannot write log file "/);
  }
  assert.equal(readFileSync(join(folder, "victim"), "utf8"), "");
});
