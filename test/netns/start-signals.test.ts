// Signals that exporters send, sent to a daemon that is just starting, and to its children as soon
// as they are there: none of them may end a process.

import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { vrrpConfigText } from "../lab/config-text.js";
import { KEEPALIVED_TS } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";

const rounds = 5;
const patienceMs = 20_000;
/** SIGRTMIN + 2 and SIGRTMAX - 1 (JSON, statistics), SIGUSR1, SIGUSR2. */
const forParent = [36, 63, 10, 12];
const forChildren = [36, 63];

/** From the launcher's first command on; before that it is a shell that knows nothing of us. */
function isShielded(pid: number): boolean {
  const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? "0";
  const bits = (1n << 35n) | (1n << 62n);
  return (BigInt(`0x${ignored}`) & bits) === bits;
}

function children(pid: number): readonly number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`).trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function send(pid: number, signal: number): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Returns how many signals were sent until the daemon was up, or had ended. */
async function bombard(pid: number, isUp: () => boolean): Promise<number> {
  const until = performance.now() + patienceMs;
  let sent = 0;
  for (let i = 0; !isUp() && read(`/proc/${pid}/stat`) !== ""; i++) {
    assert.ok(performance.now() < until, "the daemon does not come up");
    if (isShielded(pid) || sent > 0) {
      const shot = forParent[i % forParent.length] ?? 36;
      if (send(pid, shot)) sent += 1;
      for (const child of children(pid)) send(child, forChildren[i % forChildren.length] ?? 36);
    }
    await turn();
  }
  return sent;
}

async function startAndStop(host: Host, round: number): Promise<number> {
  const configPath = join(host.scratch, "signals.conf");
  const logPath = join(host.scratch, `signals-${round}.log`);
  writeFileSync(configPath, vrrpConfigText([{ addresses: ["192.0.2.100/24"] }]));
  const log = openSync(logPath, "w");
  const files = ["-p", "-r", "-c"].flatMap((flag) => [flag, join(host.scratch, `pid${flag}`)]);
  const argv = [KEEPALIVED_TS, "-nlG", "-f", configPath, ...files];
  const daemon = host.spawn(argv, { stdio: ["ignore", log, log] });
  closeSync(log);
  const ended = new Promise((resolve) => {
    daemon.on("exit", (status, signal) => resolve(signal ?? status));
  });
  const sent = await bombard(daemon.pid ?? 0, () => read(logPath).includes("Startup complete"));
  assert.match(read(logPath), /Startup complete/, `ended: ${daemon.signalCode ?? daemon.exitCode}`);
  daemon.kill("SIGTERM");
  assert.equal(await ended, 0, read(logPath));
  assert.doesNotMatch(read(logPath), /died|Respawning/);
  return sent;
}

test("no signal of exporters ends a daemon that is starting, nor its children", async (t) => {
  const lab = await createLab("start-signals");
  t.after(() => lab.close());
  const host = await lab.addHost("router", { address: "192.0.2.1/24" });
  let sent = 0;
  for (let round = 0; round < rounds; round++) sent += await startAndStop(host, round);
  assert.ok(sent > rounds * 20, `only ${sent} signals were sent`);
});
