// What an operator orders with kactl: a failover to Debian's keepalived and back, and maintenance.
// The address is nowhere for a small part of the skew only: keepalived sends its first advert, at
// which ours lets go, just before it has the address.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { holderSpans } from "../lab/address-watch.js";
import { PROJECT_ROOT } from "../lab/daemon.js";
import { realtimeUs, sleep, waitFor } from "../lab/wait.js";
import { Pair, patienceMs, type Side, VIP } from "./pair.js";

const HIGH = 150;
const LOW = 100;
const TIMINGS = [
  { version: 2, advertInterval: 1 },
  { version: 3, advertInterval: 0.1 },
] as const;

interface Answer {
  readonly status: number | null;
  readonly text: string;
}

function kactl({ daemon }: Side, ...words: readonly string[]): Answer {
  const program = join(PROJECT_ROOT, "packages/parent/bin/kactl");
  const socket = daemon.path("/run/keepalived.sock");
  const { status, stdout, stderr } = spawnSync(program, ["--socket", socket, ...words], {
    encoding: "utf8",
  });
  return { status, text: stdout + stderr };
}

/** Ours is MASTER, and the socket is open. */
async function settledPair(t: TestContext, timing: (typeof TIMINGS)[number]): Promise<Pair> {
  const pair = await Pair.create(t, { label: "orders" });
  pair.ours.start({ ...timing, priority: HIGH });
  pair.peer.start({ ...timing, priority: LOW });
  await pair.peer.daemon.waitForLog(/Entering BACKUP STATE/);
  await pair.settledAt(pair.ours, patienceMs(timing.advertInterval));
  return pair;
}

/** Had it been dropped with the farewell, nobody would have it for the skew. */
function halfSkewUs({ version, advertInterval }: (typeof TIMINGS)[number]): number {
  return ((256 - LOW) / 256) * (version === 2 ? 1e6 : advertInterval * 1e6) * 0.5;
}

/** For how long nobody had the address since then. */
function nobodyUs(pair: Pair, sinceUs: number): number {
  const changes = [...pair.ours.watch.changes(), ...pair.peer.watch.changes()];
  const spans = holderSpans(changes, VIP, realtimeUs()).filter(
    ({ holders, toUs, fromUs }) => holders.length === 0 && toUs > sinceUs && fromUs > sinceUs,
  );
  return Math.max(0, ...spans.map((span) => span.toUs - span.fromUs));
}

describe("orders of an operator", { concurrency: 2 }, () => {
  for (const timing of TIMINGS) {
    const patience = patienceMs(timing.advertInterval);
    const title = `advert_int ${timing.advertInterval}`;

    it(`${title}: a failover lasts until the other one stops`, async (t) => {
      const pair = await settledPair(t, timing);
      const orderedAtUs = realtimeUs();
      const answer = kactl(pair.ours, "failover", "VI_1");
      assert.deepEqual(answer, { status: 0, text: "VI_1: 192.0.2.2 has taken over\n" });
      await pair.settledAt(pair.peer, patience);
      assert.ok(nobodyUs(pair, orderedAtUs) < halfSkewUs(timing), pair.logs());
      assert.match(kactl(pair.ours, "why", "VI_1").text, /a failover was ordered here/);
      assert.equal(kactl(pair.ours, "failover", "VI_1").status, 1);
      await pair.peer.daemon.stop();
      await pair.ours.watch.waitFor(VIP, true);
    });

    it(`${title}: maintenance gives up, stays away and comes back`, async (t) => {
      const pair = await settledPair(t, timing);
      const orderedAtUs = realtimeUs();
      assert.deepEqual(kactl(pair.ours, "maintenance", "on"), {
        status: 0,
        text: "Maintenance on\n",
      });
      await pair.settledAt(pair.peer, patience);
      assert.ok(nobodyUs(pair, orderedAtUs) < halfSkewUs(timing), pair.logs());
      const state = (): string => kactl(pair.ours, "status").text;
      await waitFor("FAULT", () => /^VI_1 +FAULT .*maintenance is on$/m.test(state()));
      assert.match(state(), /, in MAINTENANCE$/m);
      await pair.peer.daemon.stop();
      await sleep(5000 * timing.advertInterval);
      assert.equal(await pair.ours.host.holds(VIP), false);
      assert.equal(kactl(pair.ours, "maintenance", "off").status, 0);
      await pair.ours.watch.waitFor(VIP, true);
    });
  }

  it("a failover that nobody follows is refused, and the address stays", async (t) => {
    const pair = await Pair.create(t, { label: "orders" });
    pair.ours.start({ ...TIMINGS[1], priority: HIGH });
    await pair.settledAt(pair.ours, patienceMs(1));
    const orderedAtUs = realtimeUs();
    const { status, text } = kactl(pair.ours, "failover", "VI_1");
    assert.equal(status, 1);
    assert.match(text, /Nobody has taken over VI_1/);
    await pair.settledAt(pair.ours, patienceMs(1));
    assert.equal(nobodyUs(pair, orderedAtUs), 0, pair.logs());
    assert.equal(kactl(pair.ours, "failover", "nosuch").status, 1);
  });
});
