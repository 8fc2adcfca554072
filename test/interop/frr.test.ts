// Our daemon against FRR's vrrpd, a VRRP that shares no line with keepalived: each gives way to the
// other and takes over from it. FRR takes part with adverts only, so these decide who is master.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import { runKeepalivedTs } from "../lab/daemon.js";
import { type AdvertFrame, adverts } from "../lab/frames.js";
import { runFrr } from "../lab/frr.js";
import type { Host } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { realtimeUs, waitFor } from "../lab/wait.js";
import { REJECTED } from "./pair.js";

const IPV4 = { vip: "192.0.2.100", ours: "192.0.2.1", frr: "192.0.2.2", prefixLength: 24 };
/** Adverts come from the link-local addresses. */
const IPV6 = { vip: "2001:db8::100", ours: "fe80::1", frr: "fe80::2", prefixLength: 64 };
const ROUTER_ID = 51;
/** More than the three intervals and the skew after which a backup that hears nothing speaks. */
const QUIET_ADVERTS = 6;

const V3 = { version: 3, advertInterval: 0.2 } as const;
const VERSIONS = [
  { title: "v2", network: IPV4, version: 2, advertInterval: 1, lines: [] },
  { title: "v3", network: IPV4, ...V3, lines: [] },
  { title: "v3 over IPv6", network: IPV6, ...V3, lines: [] },
  { title: "v3 with use_vmac", network: IPV4, ...V3, lines: ["use_vmac"] },
  { title: "v3 over IPv6 with use_vmac", network: IPV6, ...V3, lines: ["use_vmac"] },
] as const;

async function addRouter(lab: Lab, name: string, address: string): Promise<Host> {
  if (!address.includes(":")) return await lab.addHost(name, { address: `${address}/24` });
  const host = await lab.addHost(name);
  await host.must(["sysctl", "-qw", "net.ipv6.conf.default.addr_gen_mode=1"]);
  const addresses = [`${address}/64 nodad`];
  await host.attach({ segment: lab.lan, interface: "eth0", addresses });
  return host;
}

async function createScene(
  t: TestContext,
  { network, version, advertInterval, lines }: (typeof VERSIONS)[number],
  priorities: { readonly ours: number; readonly frr: number },
) {
  const lab = await createLab("frr");
  t.after(() => lab.close());
  const capture = await startCapture(lab.lan);
  const host = await addRouter(lab, "ours", network.ours);
  const peer = await addRouter(lab, "frr", network === IPV6 ? "2001:db8::2" : network.frr);
  const frr = await runFrr(peer, {
    version,
    virtualRouterId: ROUTER_ID,
    priority: priorities.frr,
    advertIntervalMs: advertInterval * 1000,
    address: network.vip,
    ...(network === IPV6 ? { source: network.frr } : {}),
  });
  const instance = { version, advertInterval, virtualRouterId: ROUTER_ID, lines };
  const text = vrrpConfigText([
    {
      ...instance,
      priority: priorities.ours,
      addresses: [`${network.vip}/${network.prefixLength}`],
    },
  ]);
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
    it(`${timing.title}: FRR gives way to ours, and takes over at its stop`, async (t) => {
      const scene = await createScene(t, timing, { ours: 150, frr: 100 });
      await scene.speaksAlone(timing.network.ours);
      assert.equal(await scene.host.holds(timing.network.vip), true);
      assert.doesNotMatch(scene.ours.log(), REJECTED);
      assert.equal((await scene.ours.stop()).status, 0);
      await scene.speaksAlone(timing.network.frr);
    });

    it(`${timing.title}: ours gives way to FRR, and takes over at its death`, async (t) => {
      const scene = await createScene(t, timing, { ours: 100, frr: 150 });
      await scene.speaksAlone(timing.network.frr);
      assert.equal(await scene.host.holds(timing.network.vip), false);
      assert.doesNotMatch(scene.ours.log(), REJECTED);
      await scene.frr.kill();
      await scene.speaksAlone(timing.network.ours);
      assert.equal(await scene.host.holds(timing.network.vip), true);
    });
  }
});
