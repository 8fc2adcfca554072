// Our daemon against itself, where processes die one by one: a VRRP child's death costs no failover
// and no moment without the address, a parent's death ends its children in good order.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { type Daemon, isRunning, runKeepalivedTs } from "../lab/daemon.js";
import { realtimeUs, waitFor } from "../lab/wait.js";
import { Pair, patienceMs, VIP } from "./pair.js";

const HIGH = 150;
const LOW = 100;
const VRRP_PID_FILE = "/run/vrrp.pid";
const HEADER = ["authentication {", "auth_type AH", "auth_pass secret12", "}"];
const SIGNED = ["auth_hmac {", "key 1 0123456789abcdef0123456789abcdef", "active_key 1", "}"];
/** What is signed with a number or a time must not look like a replay afterwards. */
const TIMINGS = [
  { title: "v2", version: 2, advertInterval: 1, lines: [] },
  { title: "v3", version: 3, advertInterval: 1, lines: [] },
  { title: "AH", version: 2, advertInterval: 1, lines: HEADER },
  { title: "auth_hmac", version: 3, advertInterval: 1, lines: SIGNED },
] as const;

function vrrpChild(daemon: Daemon): number {
  const pid = daemon.pidIn(VRRP_PID_FILE);
  assert.ok(pid !== null, "a pid file of the VRRP process");
  assert.ok(daemon.processes().some((facts) => facts.pid === pid));
  return pid;
}

async function restarted(daemon: Daemon, before: number): Promise<number> {
  return await waitFor("another VRRP process", () => {
    const pid = daemon.pidIn(VRRP_PID_FILE);
    return pid !== null && pid !== before ? pid : null;
  });
}

describe("deaths of our processes", { concurrency: 2 }, () => {
  for (const { title, ...timing } of TIMINGS) {
    it(`${title}: SIGKILL of a master's VRRP child costs no failover`, async (t) => {
      const pair = await Pair.create(t, { label: "resume", peer: runKeepalivedTs });
      const limitMs = patienceMs(timing.advertInterval);
      pair.ours.start({ ...timing, priority: HIGH });
      pair.peer.start({ ...timing, priority: LOW });
      await pair.settledAt(pair.ours, limitMs);
      const killedAtUs = realtimeUs();
      const killed = vrrpChild(pair.ours.daemon);
      process.kill(killed, "SIGKILL");
      await restarted(pair.ours.daemon, killed);
      assert.equal((await pair.settled(limitMs)).name, "ours", pair.logs());
      const changes = [...pair.ours.watch.changes(), ...pair.peer.watch.changes()];
      const since = changes.filter((change) => change.atUs > killedAtUs && change.address === VIP);
      const removed = since.filter((change) => !change.isPresent || change.host === "peer");
      assert.deepEqual(removed, [], "the address has stayed where it was");
      const adverts = pair.adverts().filter((advert) => advert.atUs > killedAtUs);
      assert.ok(
        adverts.every((advert) => advert.source === pair.ours.address),
        pair.logs(),
      );
      assert.ok(
        adverts.every((advert) => advert.priority === HIGH),
        "nobody has resigned",
      );
    });
  }

  it("a backup's VRRP child that dies comes back as a backup", async (t) => {
    const pair = await Pair.create(t, { label: "backup", peer: runKeepalivedTs });
    const timing = { version: 3, advertInterval: 0.3 } as const;
    pair.ours.start({ ...timing, priority: HIGH });
    pair.peer.start({ ...timing, priority: LOW });
    await pair.settledAt(pair.ours, patienceMs(1));
    const before = pair.peer.watch.changes().length;
    const killed = vrrpChild(pair.peer.daemon);
    process.kill(killed, "SIGKILL");
    await restarted(pair.peer.daemon, killed);
    assert.equal((await pair.settled(patienceMs(1))).name, "ours", pair.logs());
    const changes = pair.peer.watch.changes().slice(before);
    assert.ok(!changes.some((change) => change.address === VIP), pair.logs());
  });
});

describe("the end of our daemon", { concurrency: 2 }, () => {
  it("SIGKILL of the parent alone: the children resign and end", async (t) => {
    const pair = await Pair.create(t, { label: "orphans", peer: runKeepalivedTs });
    const timing = { version: 3, advertInterval: 0.3 } as const;
    pair.ours.start({ ...timing, priority: HIGH });
    pair.peer.start({ ...timing, priority: LOW });
    await pair.settledAt(pair.ours, patienceMs(1));
    const children = pair.ours.daemon.processes().slice(1);
    const killedAtUs = realtimeUs();
    pair.ours.daemon.signal("SIGKILL");
    await pair.settledAt(pair.peer, patienceMs(1));
    for (const { pid, name } of children) {
      await waitFor(`the end of ${name}`, () => !isRunning(pid));
    }
    const adverts = pair.adverts().filter((advert) => advert.atUs > killedAtUs);
    const ours = adverts.filter((advert) => advert.source === pair.ours.address);
    assert.equal(ours.at(-1)?.priority, 0, "the VRRP process has resigned");
    assert.equal(await pair.ours.host.holds(VIP), false);
  });

  it("SIGTERM and SIGINT: status 0, priority 0, no address, no process, no pid file", async (t) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const pair = await Pair.create(t, { label: "stop", peer: runKeepalivedTs });
      const timing = { version: 3, advertInterval: 0.1 } as const;
      pair.ours.start({ ...timing, priority: HIGH });
      await pair.settledAt(pair.ours, patienceMs(1));
      const { daemon } = pair.ours;
      const processes = daemon.processes();
      // Keeps the private mounts visible after the daemon's end.
      const keeper = pair.ours.host.spawn(
        ["nsenter", `--mount=/proc/${daemon.pid}/ns/mnt`, "cat"],
        {
          stdio: ["pipe", "ignore", "ignore"],
        },
      );
      await waitFor("the mount namespace to be kept", () =>
        existsSync(`/proc/${keeper.pid ?? 0}/root/run/keepalived.pid`),
      );
      daemon.signal(signal);
      assert.equal((await daemon.exited).status, 0, daemon.log());
      for (const { pid } of processes) assert.equal(isRunning(pid), false);
      assert.equal(pair.adverts().at(-1)?.priority, 0);
      assert.equal(await pair.ours.host.holds(VIP), false);
      for (const file of ["keepalived.pid", "vrrp.pid"]) {
        assert.equal(existsSync(`/proc/${keeper.pid ?? 0}/root/run/${file}`), false, file);
      }
      keeper.kill("SIGKILL");
    }
  });
});
