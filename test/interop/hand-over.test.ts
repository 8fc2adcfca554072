// SIGTERM of a master, and the removal of its instance by a reload: our daemon keeps the addresses
// until Debian's keepalived, or another of ours, has taken over. Measured is for how long nobody,
// and both, had the address, as the kernels of the two routers tell.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { holderSpans } from "../lab/address-watch.js";
import { runKeepalivedTs } from "../lab/daemon.js";
import { realtimeUs, waitFor } from "../lab/wait.js";
import { Pair, type PairOptions, patienceMs, type Side, VIP } from "./pair.js";

interface Timing {
  readonly version: 2 | 3;
  readonly advertInterval: number;
}

interface Outcome {
  /** For how long nobody had the address. */
  readonly nobodyUs: number;
  readonly bothUs: number;
  /** From the farewell until the successor had it. */
  readonly handOverUs: number;
}

const HIGH = 150;
const LOW = 100;
/** Of the skew: timers of a loaded machine. */
const LATE_US = 50_000;

const TIMINGS: readonly Timing[] = [
  { version: 2, advertInterval: 1 },
  { version: 3, advertInterval: 0.1 },
  { version: 3, advertInterval: 0.01 },
];

async function settledPair(
  t: TestContext,
  timing: Timing,
  options: Partial<PairOptions>,
  lines: readonly string[] = [],
): Promise<Pair> {
  const pair = await Pair.create(t, { label: "hand-over", ...options });
  pair.ours.start({ ...timing, priority: HIGH, lines });
  pair.peer.start({ ...timing, priority: LOW });
  await pair.peer.daemon.waitForLog(/Entering BACKUP STATE/);
  await pair.settledAt(pair.ours, patienceMs(timing.advertInterval));
  return pair;
}

/** Waits until `heir` has the address alone, after `sinceUs`. */
async function outcome(pair: Pair, heir: Side, sinceUs: number): Promise<Outcome> {
  const loser = pair.other(heir);
  await heir.watch.waitFor(VIP, true);
  await loser.watch.waitFor(VIP, false);
  const changes = [...pair.ours.watch.changes(), ...pair.peer.watch.changes()];
  const spans = holderSpans(changes, VIP, realtimeUs()).filter((span) => span.toUs > sinceUs);
  const longest = (count: number): number => {
    const found = spans.filter(({ holders }) => holders.length === count);
    return Math.max(0, ...found.map((span) => span.toUs - span.fromUs));
  };
  const farewell = pair.adverts().findLast((advert) => advert.priority === 0);
  const taken = heir.watch.changes().findLast((change) => change.address === VIP);
  assert.ok(farewell !== undefined && taken !== undefined, pair.logs());
  const measured = {
    nobodyUs: longest(0),
    bothUs: longest(2),
    handOverUs: taken.atUs - farewell.atUs,
  };
  return measured;
}

function skewUs({ version, advertInterval }: Timing): number {
  return ((256 - LOW) / 256) * (version === 2 ? 1e6 : advertInterval * 1e6);
}

/** Somebody had the address nearly all the time, and the successor was not kept waiting. */
function expectSmooth(
  t: TestContext,
  timing: Timing,
  { nobodyUs, bothUs, handOverUs }: Outcome,
): void {
  const figures = `nobody ${nobodyUs} us, both ${bothUs} us, farewell to address ${handOverUs} us`;
  t.diagnostic(figures);
  // Less than any skew: had it been dropped with the farewell, nobody would have it for the skew.
  assert.ok(nobodyUs < Math.max(skewUs(timing) / 2, 5_000), figures);
  assert.ok(bothUs <= timing.advertInterval * 1e6, figures);
  assert.ok(handOverUs < skewUs(timing) + LATE_US, figures);
}

describe("hand-over to Debian's keepalived", { concurrency: 1 }, () => {
  for (const timing of TIMINGS) {
    it(`SIGTERM of our master, advert_int ${timing.advertInterval}`, async (t) => {
      const pair = await settledPair(t, timing, {});
      const sinceUs = realtimeUs();
      const exit = await pair.ours.daemon.stop();
      assert.equal(exit.status, 0, pair.logs());
      assert.equal(await pair.ours.host.holds(VIP), false, "nothing is left behind");
      expectSmooth(t, timing, await outcome(pair, pair.peer, sinceUs));
    });
    it(`SIGTERM of keepalived's master, ours follows, ${timing.advertInterval}`, async (t) => {
      const pair = await Pair.create(t, { label: "hand-over" });
      pair.peer.start({ ...timing, priority: HIGH });
      pair.ours.start({ ...timing, priority: LOW });
      await pair.ours.daemon.waitForLog(/Entering BACKUP STATE/);
      await pair.settledAt(pair.peer, patienceMs(timing.advertInterval));
      const sinceUs = realtimeUs();
      await pair.peer.daemon.stop();
      const { nobodyUs, bothUs, handOverUs } = await outcome(pair, pair.ours, sinceUs);
      t.diagnostic(
        `nobody ${nobodyUs} us, both ${bothUs} us, farewell to address ${handOverUs} us`,
      );
      assert.ok(handOverUs < skewUs(timing) + LATE_US, pair.logs());
    });
  }
  it("SIGTERM of our master to another of ours", async (t) => {
    const timing = { version: 3, advertInterval: 0.1 } as const;
    const pair = await settledPair(t, timing, { peer: runKeepalivedTs });
    const sinceUs = realtimeUs();
    await pair.ours.daemon.stop();
    expectSmooth(t, timing, await outcome(pair, pair.peer, sinceUs));
  });
  it("hand_over off drops the address with the farewell, as keepalived does", async (t) => {
    const timing = { version: 2, advertInterval: 1 } as const;
    const pair = await settledPair(t, timing, {}, ["hand_over off"]);
    const sinceUs = realtimeUs();
    await pair.ours.daemon.stop();
    const { nobodyUs } = await outcome(pair, pair.peer, sinceUs);
    assert.ok(nobodyUs > skewUs(timing) / 2, `nobody for ${nobodyUs} us`);
  });
  it("the death of our parent process hands over too", async (t) => {
    const timing = { version: 2, advertInterval: 1 } as const;
    const pair = await settledPair(t, timing, {});
    const sinceUs = realtimeUs();
    const children = pair.ours.daemon.processes().slice(1);
    process.kill(pair.ours.daemon.pid, "SIGKILL");
    expectSmooth(t, timing, await outcome(pair, pair.peer, sinceUs));
    await waitFor("the end of the children", () => {
      const left = new Set(pair.ours.daemon.processes().map(({ pid }) => pid));
      return children.every(({ pid }) => !left.has(pid));
    });
  });
  it("a second SIGTERM ends the wait when nobody follows", async (t) => {
    const pair = await Pair.create(t, { label: "hand-over" });
    pair.ours.start({ version: 3, advertInterval: 4, priority: 255, state: "MASTER" });
    await pair.ours.watch.waitFor(VIP, true);
    pair.ours.daemon.signal("SIGTERM");
    await pair.ours.daemon.waitForLog(/keeping VIPs until/);
    assert.equal(await pair.ours.host.holds(VIP), true);
    assert.equal((await pair.ours.daemon.stop()).status, 0, pair.logs());
    assert.match(pair.ours.log(), /no time to wait/);
    assert.equal(await pair.ours.host.holds(VIP), false);
  });
});
