// kactl upgrade while Debian's keepalived waits for its chance: no failover, the addresses do not
// move, whatever signals come meanwhile; seen on the wire and by the kernel.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { isRunning, PROJECT_ROOT } from "../lab/daemon.js";
import { realtimeUs } from "../lab/wait.js";
import { Pair, patienceMs, type Side, VIP } from "./pair.js";

const HIGH = 150;
const LOW = 100;
const KACTL = join(PROJECT_ROOT, "packages/parent/bin/kactl");
/** Three intervals and the skew of priority 100. */
const PATIENCE_US = 3_609_375;
const CASES = [
  { title: "version 2", version: 2, lines: [] },
  { title: "version 3", version: 3, lines: [] },
  { title: "use_vmac", version: 3, lines: ["use_vmac"] },
  {
    title: "authentication by AH",
    version: 2,
    lines: ["authentication {", "auth_type AH", "auth_pass secret12", "}"],
  },
] as const;

async function kactl({ host, daemon }: Side, ...words: readonly string[]): Promise<string> {
  const socket = daemon.path("/run/keepalived.sock");
  const { status, stdout, stderr } = await host.exec([KACTL, "--socket", socket, ...words]);
  assert.equal(status, 0, `${stdout}${stderr}${daemon.log()}`);
  return stdout;
}

async function startPair(
  t: TestContext,
  { version, lines }: (typeof CASES)[number],
): Promise<Pair> {
  const pair = await Pair.create(t, { label: "upgrade" });
  pair.ours.start({ version, lines, advertInterval: 1, priority: HIGH });
  pair.peer.start({
    version,
    lines: lines.filter((line) => line !== "use_vmac"),
    advertInterval: 1,
    priority: LOW,
  });
  await pair.peer.daemon.waitForLog(/Entering BACKUP STATE/);
  await pair.settledAt(pair.ours, patienceMs(1));
  return pair;
}

/** Signals that tools send, all the time until the result is called. */
function pester({ daemon }: Side): () => void {
  const timer = setInterval(() => {
    for (const signal of [36, 63, "SIGUSR1", "SIGUSR2"] as const) daemon.signal(signal);
  }, 3);
  return () => clearInterval(timer);
}

describe("an upgrade", { concurrency: 2 }, () => {
  for (const each of CASES) {
    it(`${each.title}: costs no failover and moves no address`, async (t) => {
      const pair = await startPair(t, each);
      const [before, ...children] = pair.ours.daemon.processes();
      const relinquish = pester(pair.ours);
      const fromUs = realtimeUs();
      const said = await kactl(pair.ours, "upgrade");
      relinquish();
      assert.match(said, /has become Keepalived v/);
      const [after] = pair.ours.daemon.processes();
      assert.equal(after?.pid, before?.pid);
      for (const { pid } of children) assert.equal(isRunning(pid), false);
      assert.match(await kactl(pair.ours, "status"), /VI_1 +MASTER +\d+s/);
      assert.equal((await pair.settled(patienceMs(1))).name, "ours", pair.logs());
      const changes = [...pair.ours.watch.changes(), ...pair.peer.watch.changes()];
      const since = changes.filter(({ atUs, address }) => atUs > fromUs && address === VIP);
      assert.deepEqual(since, [], pair.logs());
      const adverts = pair.adverts().filter(({ atUs }) => atUs > fromUs);
      assert.ok(
        adverts.every(({ source, priority }) => source === pair.ours.address && priority === HIGH),
      );
      const gaps = adverts.slice(1).map(({ atUs }, i) => atUs - (adverts[i]?.atUs ?? 0));
      t.diagnostic(`longest silence ${(Math.max(...gaps) / 1000).toFixed(0)} ms`);
      assert.ok(Math.max(...gaps) < PATIENCE_US);
      assert.equal((await pair.ours.daemon.stop()).status, 0);
    });
  }
});
