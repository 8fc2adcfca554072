// The end of a master in every way, with our daemon as the master and as the backup of Debian's
// keepalived: stopped, killed, its link taken down, its plug pulled; and its return.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { AdvertFrame } from "../lab/frames.js";
import { realtimeUs, waitFor } from "../lab/wait.js";
import { doubleLimitUs, Pair, patienceMs, type Side, VIP } from "./pair.js";

const HIGH = 150;
const LOW = 100;
/** Adverts are stamped when they pass the switch, timers run from when they were read. */
const STAMP_TOLERANCE_US = 5_000;

interface Timing {
  readonly version: 2 | 3;
  readonly advertInterval: number;
}

interface Cast extends Timing {
  readonly pair: Pair;
  readonly master: Side;
  readonly backup: Side;
  readonly limitMs: number;
}

async function createCast(t: TestContext, name: "ours" | "peer", timing: Timing): Promise<Cast> {
  const pair = await Pair.create(t, { label: "failover" });
  const master = pair.side(name);
  const backup = pair.other(master);
  master.start({ ...timing, priority: HIGH });
  backup.start({ ...timing, priority: LOW });
  const limitMs = patienceMs(timing.advertInterval);
  // One that is still starting is silent too.
  await backup.daemon.waitForLog(/Entering BACKUP STATE/, limitMs);
  await pair.settledAt(master, limitMs);
  return { ...timing, pair, master, backup, limitMs };
}

/** The master's last advert before `atUs` and the backup's first after it. */
async function handover(cast: Cast, atUs: number): Promise<readonly [AdvertFrame, AdvertFrame]> {
  const isFirst = (advert: AdvertFrame): boolean =>
    advert.source === cast.backup.address && advert.atUs > atUs;
  const first = await waitFor("the backup's advert", () => cast.pair.adverts().find(isFirst));
  const before = cast.pair.adverts().filter((advert) => advert.atUs < first.atUs);
  const last = before.findLast((advert) => advert.source === cast.master.address);
  assert.ok(last !== undefined, "the master has sent an advert");
  return [last, first];
}

function skewUs({ version, advertInterval }: Timing): number {
  return ((256 - LOW) / 256) * (version === 2 ? 1e6 : advertInterval * 1e6);
}

function masterDownUs(timing: Timing): number {
  return 3e6 * timing.advertInterval + skewUs(timing);
}

async function restart(cast: Cast): Promise<void> {
  const sinceUs = realtimeUs();
  const { version, advertInterval } = cast;
  cast.master.start({ version, advertInterval, priority: HIGH });
  await cast.pair.settledAt(cast.master, cast.limitMs);
  const doubleUs = cast.pair.longestDoubleUs(sinceUs);
  assert.ok(doubleUs <= doubleLimitUs(advertInterval), `two holders for ${doubleUs} us`);
}

async function stopByTerm(cast: Cast): Promise<void> {
  const atUs = realtimeUs();
  const exit = await cast.master.daemon.stop();
  assert.equal(exit.status, 0, cast.master.log());
  assert.equal(await cast.master.host.holds(VIP), false, "a stopped router gives the address up");
  await cast.pair.settledAt(cast.backup, cast.limitMs);
  const [last, first] = await handover(cast, atUs);
  assert.equal(last.priority, 0, "a stopped router resigns");
  const elapsedUs = first.atUs - last.atUs;
  assert.ok(elapsedUs >= skewUs(cast) - STAMP_TOLERANCE_US, `took over after ${elapsedUs} us`);
  assert.match(cast.backup.log(), /Backup received priority 0 advertisement/);
  await restart(cast);
}

async function endByKill(cast: Cast): Promise<void> {
  const atUs = realtimeUs();
  await cast.master.daemon.kill();
  await cast.backup.watch.waitFor(VIP, true, cast.limitMs);
  const [last, first] = await handover(cast, atUs);
  assert.equal(last.priority, HIGH, "a killed router says nothing");
  const elapsedUs = first.atUs - last.atUs;
  assert.ok(
    elapsedUs >= masterDownUs(cast) - STAMP_TOLERANCE_US,
    `took over after ${elapsedUs} us`,
  );
  await restart(cast);
}

/** Takes the master's link away by `change`, gives it back by the same. */
async function loseLink(cast: Cast, change: (isUp: boolean) => Promise<void>): Promise<void> {
  const sinceUs = realtimeUs();
  await change(false);
  await cast.master.watch.waitFor(VIP, false, cast.limitMs);
  await cast.pair.settledAt(cast.backup, cast.limitMs);
  await change(true);
  await cast.pair.settledAt(cast.master, cast.limitMs);
  const doubleUs = cast.pair.longestDoubleUs(sinceUs);
  assert.ok(doubleUs <= doubleLimitUs(cast.advertInterval), `two holders for ${doubleUs} us`);
}

describe("failover between our daemon and Debian's keepalived", { concurrency: 4 }, () => {
  for (const timing of [
    { version: 2, advertInterval: 1 },
    { version: 3, advertInterval: 0.2 },
  ] as const) {
    for (const name of ["ours", "peer"] as const) {
      const role = name === "ours" ? "ours is master" : "ours is backup";
      it(`v${timing.version}, ${role}: SIGTERM, then SIGKILL of the master`, async (t) => {
        const cast = await createCast(t, name, timing);
        await stopByTerm(cast);
        await endByKill(cast);
      });
      it(`v${timing.version}, ${role}: the master's link down, then its plug pulled`, async (t) => {
        const cast = await createCast(t, name, timing);
        const { host } = cast.master;
        await loseLink(cast, (isUp) => host.setLink("eth0", isUp ? "up" : "down"));
        await loseLink(cast, (isUp) => host.setPlugged("eth0", isUp));
      });
    }
  }
});
