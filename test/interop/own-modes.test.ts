// What no peer at hand speaks, our daemon against itself: auth_hmac with its keys, instances
// without an interface; and what Debian's keepalived does when left alone with a real
// kernel: a source that goes away, links that come back, addresses of the other family.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runKeepalivedTs } from "../lab/daemon.js";
import { gratuitousArps, neighbourAdvertisements } from "../lab/frames.js";
import { waitFor } from "../lab/wait.js";
import { IPV4, IPV6, IPV6_UNICAST, Pair, type PairNetwork, patienceMs, REJECTED } from "./pair.js";

const TIMING = { version: 3, advertInterval: 0.2 } as const;
const LIMIT_MS = patienceMs(TIMING.advertInterval);
const OLD_KEY = "key 1 0123456789abcdef0123456789abcdef";
const NEW_KEY = `key 2 hex:${"5a".repeat(32)}`;

function hmac(...lines: readonly string[]): string[] {
  return ["auth_hmac {", ...lines, "}"];
}

function unicast(source: string, peer: string): string[] {
  return [`unicast_src_ip ${source}`, "unicast_peer {", peer, "}"];
}

describe("auth_hmac, our daemon against itself", { concurrency: 4 }, () => {
  const ways: readonly { title: string; network: PairNetwork; isUnicast: boolean }[] = [
    { title: "IPv4", network: IPV4, isUnicast: false },
    { title: "IPv6", network: IPV6, isUnicast: false },
    { title: "IPv4 unicast", network: IPV4, isUnicast: true },
    { title: "IPv6 unicast", network: IPV6_UNICAST, isUnicast: true },
  ];
  for (const { title, network, isUnicast } of ways) {
    it(`${title}: either of two keys is taken while they are changed`, async (t) => {
      const pair = await Pair.create(t, { label: "hmac", network, peer: runKeepalivedTs });
      const [high, low] = [pair.ours, pair.peer];
      const places = (side: typeof high): string[] =>
        isUnicast ? unicast(side.address, pair.other(side).address) : [];
      const keys = [OLD_KEY, NEW_KEY];
      const lines = (side: typeof high, active: number): string[] => [
        ...hmac(...keys, `active_key ${active}`),
        ...places(side),
      ];
      low.start({ ...TIMING, priority: 100, lines: lines(low, 1) });
      await pair.settledAt(low, LIMIT_MS);
      high.start({ ...TIMING, priority: 150, lines: lines(high, 2) });
      await pair.settledAt(high, LIMIT_MS);
      await high.daemon.stop();
      await pair.settledAt(low, LIMIT_MS);
      assert.doesNotMatch(pair.logs(), REJECTED);
      assert.doesNotMatch(pair.logs(), /0123456789abcdef|5a5a/, "a key is never logged");
    });
  }

  const refusals = [
    { title: "another key", lines: hmac(`${OLD_KEY}x`, "active_key 1"), why: /wrong signature/ },
    { title: "an unknown key", lines: hmac(NEW_KEY, "active_key 2"), why: /key 2, which/ },
    { title: "no signature", lines: [], why: /not signed/ },
  ];
  for (const { title, lines, why } of refusals) {
    it(`${title}: refused`, async (t) => {
      const pair = await Pair.create(t, { label: "hmac", peer: runKeepalivedTs });
      const own = hmac(OLD_KEY, "active_key 1");
      pair.ours.start({ ...TIMING, priority: 100, lines: own });
      pair.peer.start({ ...TIMING, priority: 150, lines });
      await waitFor("ours to say why", () => why.test(pair.ours.log()), LIMIT_MS);
      await pair.ours.watch.waitFor(pair.vip, true, LIMIT_MS);
    });
  }

  it("permissive: one that does not sign yet is heard", async (t) => {
    const pair = await Pair.create(t, { label: "hmac" });
    const lines = hmac(OLD_KEY, "active_key 1", "mode receive-only");
    pair.ours.start({ ...TIMING, priority: 150, lines });
    pair.peer.start({ ...TIMING, priority: 100 });
    await pair.settledAt(pair.ours, LIMIT_MS);
    await pair.ours.daemon.stop();
    await pair.settledAt(pair.peer, LIMIT_MS);
  });
});

describe("instances without an interface", { concurrency: 4 }, () => {
  for (const { title, network, vrf } of [
    { title: "IPv4", network: IPV4, vrf: [] },
    { title: "IPv6", network: IPV6_UNICAST, vrf: [] },
    // The kernel at hand has no VRF devices, but one is bound to like any other.
    { title: "IPv4 by the device that vrf names", network: IPV4, vrf: ["vrf eth0"] },
    { title: "IPv6 by the device that vrf names", network: IPV6_UNICAST, vrf: ["vrf eth0"] },
  ]) {
    it(`${title}: one holder, by priority`, async (t) => {
      const pair = await Pair.create(t, { label: "nowhere", network, peer: runKeepalivedTs });
      const { vip, ours: high, peer: low } = pair;
      const lines = (side: typeof high): string[] => [
        ...vrf,
        ...unicast(side.address, pair.other(side).address),
      ];
      const addresses = [`${vip}/${network.prefixLength} dev eth0`];
      const options = { ...TIMING, interface: null, addresses };
      low.start({ ...options, priority: 100, lines: lines(low) });
      await pair.settledAt(low, LIMIT_MS);
      high.start({ ...options, priority: 150, lines: lines(high) });
      await pair.settledAt(high, LIMIT_MS);
      await high.daemon.stop();
      await pair.settledAt(low, LIMIT_MS);
      assert.doesNotMatch(pair.logs(), REJECTED);
    });
  }
});

describe("what the kernel takes away", { concurrency: 4 }, () => {
  it("track_src_ip: FAULT while the source is away", async (t) => {
    const pair = await Pair.create(t, { label: "source" });
    const { host, watch } = pair.ours;
    const source = "198.51.100.9";
    await host.ip("address", "add", `${source}/32`, "dev", "eth0");
    const lines = [`mcast_src_ip ${source}`, "track_src_ip"];
    pair.ours.start({ ...TIMING, priority: 150, lines });
    await watch.waitFor(pair.vip, true, LIMIT_MS);
    await host.ip("address", "del", `${source}/32`, "dev", "eth0");
    await watch.waitFor(pair.vip, false, LIMIT_MS);
    await pair.ours.daemon.waitForLog(/source address 198\.51\.100\.9 is not on interface eth0/);
    await host.ip("address", "add", `${source}/32`, "dev", "eth0");
    await watch.waitFor(pair.vip, true, LIMIT_MS);
    assert.deepEqual([...new Set(pair.adverts().map((advert) => advert.source))], [source]);
  });

  for (const { title, network } of [
    { title: "IPv4", network: IPV4 },
    { title: "IPv6", network: IPV6_UNICAST },
  ]) {
    it(`${title} unicast: a link that comes back announces our own address`, async (t) => {
      const pair = await Pair.create(t, { label: "return", network });
      const { host, watch, address } = pair.ours;
      pair.ours.start({ ...TIMING, lines: unicast(address, pair.peer.address) });
      await watch.waitFor(pair.vip, true, LIMIT_MS);
      await host.setPlugged("eth0", false);
      await pair.ours.daemon.waitForLog(/Entering FAULT STATE/);
      await watch.waitFor(pair.vip, false, LIMIT_MS);
      await host.setPlugged("eth0", true);
      await watch.waitFor(pair.vip, true, LIMIT_MS);
      const frames = pair.capture.frames();
      const announced = [...gratuitousArps(frames), ...neighbourAdvertisements(frames)];
      const own = announced.filter((frame) => frame.address === address);
      assert.equal(own.length, 1, "once");
    });
  }

  it("IPv6: an interface that goes down and up loses nothing for good", async (t) => {
    const pair = await Pair.create(t, { label: "return", network: IPV6 });
    const { host, watch, address } = pair.ours;
    pair.ours.start(TIMING);
    await watch.waitFor(pair.vip, true, LIMIT_MS);
    await host.setLink("eth0", "down");
    await watch.waitFor(pair.vip, false, LIMIT_MS);
    await pair.ours.daemon.waitForLog(/Entering FAULT STATE/);
    await host.setLink("eth0", "up");
    // The kernel has forgotten it; with duplicate address detection it is back in a second or two.
    await host.ip("address", "add", `${address}/64`, "dev", "eth0");
    await watch.waitFor(pair.vip, true, LIMIT_MS);
    await waitFor("an advert", () => pair.adverts().at(-1)?.source === address, LIMIT_MS);
  });

  it("excluded addresses of the other family are held and announced", async (t) => {
    const pair = await Pair.create(t, { label: "excluded" });
    const excluded = ["2001:db8::100/64", "fe80::100/64"];
    pair.ours.start({ ...TIMING, excluded });
    await pair.ours.watch.waitFor("2001:db8::100", true, LIMIT_MS);
    const announced = (): number => {
      const found = neighbourAdvertisements(pair.capture.frames());
      return new Set(found.map((frame) => frame.address)).size;
    };
    await waitFor("both to be announced", () => announced() === 2, LIMIT_MS);
    assert.equal(pair.adverts().at(-1)?.addressCount, 1);
    await pair.ours.daemon.stop();
    const left = (await pair.ours.host.addresses()).filter((address) => address.includes("::100"));
    assert.deepEqual(left, []);
  });
});
