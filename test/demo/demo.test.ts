// The demonstration as a viewer meets it: a process that tells a story, ends by itself and leaves
// nothing behind, also when it is interrupted.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { PROJECT_ROOT } from "../lab/daemon.js";
import { waitFor } from "../lab/wait.js";

const LIMIT_MS = 60_000;

interface Demonstration {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

function start(environment: NodeJS.ProcessEnv = {}): Demonstration {
  const main = join(fileURLToPath(new URL(".", import.meta.url)), "main.js");
  const child = spawn(process.execPath, [main], {
    cwd: "/",
    env: { ...process.env, NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (status, signal) => resolve(status ?? signal));
  });
  return { child, output: () => text, ended };
}

function leftovers(pid: number): readonly string[] {
  return readdirSync("/run/netns").filter((name) => name.startsWith(`kalab-${pid}-`));
}

test("the demonstration comes true, ends by itself and leaves nothing behind", async () => {
  const demonstration = start();
  const pid = demonstration.child.pid ?? -1;
  const timer = setTimeout(() => demonstration.child.kill("SIGTERM"), LIMIT_MS);
  const status = await demonstration.ended;
  clearTimeout(timer);
  const output = demonstration.output();
  assert.equal(status, 0, output);
  assert.match(output, /router-1 dies: SIGKILL/);
  assert.match(output, /answers from router-2, after \d+ ms without an answer/);
  assert.match(output, /All as it should be; nothing is left behind\n$/);
  assert.equal(output.includes("\u001b"), false, "no colour into a pipe");
  assert.deepEqual(leftovers(pid), []);
});

test("the demonstration that is interrupted leaves nothing behind", async () => {
  const demonstration = start();
  const pid = demonstration.child.pid ?? -1;
  await waitFor("the election", () => /holds 192\.0\.2\.200/.test(demonstration.output()));
  assert.notDeepEqual(leftovers(pid), []);
  demonstration.child.kill("SIGINT");
  assert.equal(await demonstration.ended, "SIGINT");
  assert.deepEqual(leftovers(pid), []);
});

test("the demonstration that goes wrong ends with 1 and leaves nothing behind", async () => {
  const links = (): string => spawnSync("ip", ["-br", "link"], { encoding: "utf8" }).stdout;
  const mounts = (): string => readFileSync("/proc/self/mounts", "utf8");
  const before = [links(), mounts()];
  const demonstration = start({ KEEPALIVED_TS_NODE: "/nowhere/node" });
  const pid = demonstration.child.pid ?? -1;
  const timer = setTimeout(() => demonstration.child.kill("SIGTERM"), LIMIT_MS);
  const status = await demonstration.ended;
  clearTimeout(timer);
  assert.equal(status, 1, demonstration.output());
  assert.deepEqual(leftovers(pid), []);
  assert.deepEqual([links(), mounts()], before);
});

test("scripts/run with arguments becomes the daemon: its output, its status", async () => {
  const run = spawn(join(PROJECT_ROOT, "scripts/run"), ["-t", "-f", "/nowhere/keepalived.conf"], {
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  run.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const status = await new Promise((resolve) => run.once("close", resolve));
  assert.equal(status, 4, output);
  assert.match(output, /\/nowhere\/keepalived\.conf/);
});
