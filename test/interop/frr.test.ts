// Our daemon against FRR's vrrpd, a VRRP that shares no line with keepalived: each gives way to the
// other and takes over from it. FRR takes part with adverts only, so these decide who is master.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { runKeepalivedTs } from "../lab/daemon.js";
import { type AdvertFrame, adverts } from "../lab/frames.js";
import { runFrr } from "../lab/frr.js";
import { createLab } from "../lab/lab.js";
import { realtimeUs, waitFor } from "../lab/wait.js";
import { REJECTED } from "./pair.js";

const VIP = "192.0.2.100";
const OURS = "192.0.2.1";
const FRR = "192.0.2.2";
const ROUTER_ID = 51;
/** More than the three intervals and the skew after which a backup that hears nothing speaks. */
const QUIET_ADVERTS = 6;

const VERSIONS = [
  { version: 2, advertInterval: 1 },
  { version: 3, advertInterval: 0.2 },
] as const;

async function createScene(
  t: TestContext,
  { version, advertInterval }: (typeof VERSIONS)[number],
  priorities: { readonly ours: number; readonly frr: number },
) {
  const lab = await createLab("frr");
  t.after(() => lab.close());
  const capture = await startCapture(lab.lan);
  const host = await lab.addHost("ours", { address: `${OURS}/24` });
  const peer = await lab.addHost("frr", { address: `${FRR}/24` });
  const frr = await runFrr(peer, {
    version,
    virtualRouterId: ROUTER_ID,
    priority: priorities.frr,
    advertIntervalMs: advertInterval * 1000,
    address: VIP,
  });
  const instance = { version, advertInterval, virtualRouterId: ROUTER_ID };
  const text = vrrpConfigText([{ ...instance, priority: priorities.ours, addresses: [VIP] }]);
  const ours = runKeepalivedTs(host, text);
  const speaksAlone = async (source: string): Promise<void> => {
    const sinceUs = realtimeUs();
    await waitFor(
      `${source} to speak alone`,
      () => {
        const all: readonly AdvertFrame[] = adverts(capture.frames());
        const last = all.findLastIndex((advert) => advert.source !== source);
        const alone = all.slice(last + 1).filter((advert) => advert.atUs > sinceUs);
        return alone.length >= QUIET_ADVERTS;
      },
      40_000,
    );
  };
  return { host, frr, ours, speaksAlone };
}

describe("VRRP with FRR", { concurrency: 4 }, () => {
  for (const timing of VERSIONS) {
    it(`v${timing.version}: FRR gives way to ours, and takes over at its stop`, async (t) => {
      const scene = await createScene(t, timing, { ours: 150, frr: 100 });
      await scene.speaksAlone(OURS);
      assert.equal(await scene.host.holds(VIP), true);
      assert.doesNotMatch(scene.ours.log(), REJECTED);
      assert.equal((await scene.ours.stop()).status, 0);
      await scene.speaksAlone(FRR);
    });

    it(`v${timing.version}: ours gives way to FRR, and takes over at its death`, async (t) => {
      const scene = await createScene(t, timing, { ours: 100, frr: 150 });
      await scene.speaksAlone(FRR);
      assert.equal(await scene.host.holds(VIP), false);
      assert.doesNotMatch(scene.ours.log(), REJECTED);
      await scene.frr.kill();
      await scene.speaksAlone(OURS);
      assert.equal(await scene.host.holds(VIP), true);
    });
  }
});
