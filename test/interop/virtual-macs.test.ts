// use_vmac and no_accept beside Debian's keepalived: the same links, addresses, settings and tables
// of nftables from the same configuration, nothing left behind at the end, and each hears the
// other whoever is better.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { type InstanceText, vrrpConfigText } from "../lab/config-text.js";
import { type DaemonRunner, runDebianKeepalived, runKeepalivedTs } from "../lab/daemon.js";
import { gratuitousArps, neighbourAdvertisements } from "../lab/frames.js";
import type { Host } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { linkState } from "../lab/link-state.js";
import { comparableRuleset } from "../lab/ruleset.js";
import { waitFor } from "../lab/wait.js";
import { expectNothingRejected, IPV4, IPV6, Pair, patienceMs } from "./pair.js";

const VIP = "192.0.2.100";
const MAC4 = "00:00:5e:00:01:33";
const MAC6 = "00:00:5e:00:02:33";

interface Case {
  readonly title: string;
  readonly instances: readonly InstanceText[];
  readonly globals?: readonly string[];
}

const plain = { version: 3, advertInterval: 0.1, priority: 200 } as const;
const addresses = [`${VIP}/24`, "198.51.100.100/24 dev eth1"];

const CASES: readonly Case[] = [
  { title: "IPv4", instances: [{ ...plain, addresses, lines: ["use_vmac"] }] },
  {
    title: "a name, a MAC address and vmac_xmit_base",
    instances: [
      { ...plain, addresses, lines: ["use_vmac vmac0 02:00:5e:11:22:33", "vmac_xmit_base"] },
    ],
  },
  {
    title: "IPv6",
    instances: [{ ...plain, addresses: ["fe80::100/64", "2001:db8::100/64"], lines: ["use_vmac"] }],
  },
  {
    title: "IPv4 with an address of IPv6 beside",
    instances: [{ ...plain, addresses, excluded: ["2001:db8::100/64"], lines: ["use_vmac"] }],
  },
  {
    title: "use_vmac_addr, and use_vmac beside addresses",
    globals: ["vmac_prefix own", "vmac_addr_prefix extra"],
    instances: [
      {
        ...plain,
        addresses: ["fe80::100/64", "2001:db8:1::9/64 dev eth1"],
        excluded: ["192.0.2.150/24", "198.51.100.150/24 dev eth1"],
        lines: ["use_vmac", "use_vmac_addr"],
      },
      {
        ...plain,
        ...{ name: "VI_2", virtualRouterId: 52 },
        addresses: [`${VIP}/24 use_vmac`, "198.51.100.102/24 dev eth1 use_vmac"],
        excluded: ["198.51.100.103/24 dev eth1", "2001:db8::9/64 dev eth1 use_vmac"],
      },
    ],
  },
  {
    title: "no_accept and a link of each family",
    globals: ["nftables myfw", "nftables_priority -7", "nftables_ifindex", "nftables_counters"],
    instances: [
      { ...plain, addresses, lines: ["use_vmac", "no_accept"] },
      {
        ...plain,
        ...{ name: "VI_2", virtualRouterId: 52 },
        addresses: ["fe80::100/64", "2001:db8::100/64"],
        excluded: ["192.0.2.77/24"],
        lines: ["use_vmac", "no_accept"],
      },
    ],
  },
  {
    // Debian's keepalived is built without iptables and uses nftables in its place.
    title: "no_accept with vrrp_iptables and vrrp_ipsets",
    globals: ["vrrp_iptables IN OUT", "vrrp_ipsets myset"],
    instances: [{ ...plain, addresses, lines: ["no_accept"] }],
  },
  {
    title: "no_accept and no virtual MAC",
    instances: [{ ...plain, addresses: ["2001:db8::100/64"], lines: ["no_accept"] }],
  },
];

async function startRouter(
  t: TestContext,
  runner: DaemonRunner,
  { instances, globals = [] }: Case,
) {
  const lab = await createLab("vmac");
  t.after(() => lab.close());
  const host = await lab.addHost("router");
  await host.must(["sysctl", "-qw", "net.ipv6.conf.default.addr_gen_mode=1"]);
  await host.must(["sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1"]);
  const links = [
    ["eth0", "192.0.2.1/24", "fe80::1/64 nodad"],
    ["eth1", "198.51.100.1/24", "fe80::2/64 nodad"],
  ] as const;
  for (const [name, ...own] of links) {
    await host.attach({ segment: lab.lan, interface: name, addresses: own });
  }
  const before = await linkState(host);
  const daemon = runner(host, vrrpConfigText(instances, globals));
  return { host, before, daemon };
}

/**
 * keepalived lowers rp_filter of `all` and then leaves some interfaces, those with addresses of its
 * own among them, without what `all` had: ours do not lose it.
 */
function isComparable(line: string): boolean {
  return !/conf\/(lo|eth1)\/rp_filter/.test(line);
}

/** The state of `host` when all addresses are there, and as it is expected if that is known. */
async function stateAsMaster(
  host: Host,
  { instances }: Case,
  expected?: readonly string[],
): Promise<readonly string[]> {
  const wanted = instances.flatMap(({ addresses: own, excluded = [] }) =>
    [...own, ...excluded].map((line) => ` has ${line.split(/[/ ]/)[0]}/`),
  );
  let state: readonly string[] = [];
  const isComplete = async (): Promise<boolean> => {
    const filter = comparableRuleset(await host.must(["nft", "-j", "list", "ruleset"]));
    state = [...(await linkState(host)).filter(isComparable), ...filter];
    const hasAll = wanted.every((address) => state.some((line) => line.includes(address)));
    return hasAll && (expected === undefined || state.join() === expected.join());
  };
  try {
    await waitFor("the state of a MASTER", isComplete, patienceMs(1) * 2);
  } catch (error) {
    if (expected !== undefined) assert.deepEqual(state, expected);
    throw error;
  }
  return state;
}

describe("use_vmac and no_accept leave what Debian's keepalived leaves", { concurrency: 4 }, () => {
  for (const each of CASES) {
    it(each.title, async (t) => {
      const peer = await startRouter(t, runDebianKeepalived, each);
      await peer.daemon.waitForLog(/Entering MASTER STATE/, patienceMs(1));
      const expected = await stateAsMaster(peer.host, each);
      await peer.daemon.stop();
      const ours = await startRouter(t, runKeepalivedTs, each);
      await ours.daemon.waitForLog(/Entering MASTER STATE/, patienceMs(1));
      await stateAsMaster(ours.host, each, expected);
      assert.equal((await ours.daemon.stop()).status, 0);
      assert.deepEqual(await linkState(ours.host), ours.before, ours.daemon.log());
      assert.equal(await ours.host.must(["nft", "list", "ruleset"]), "");
    });
  }
});

describe("use_vmac with Debian's keepalived", { concurrency: 4 }, () => {
  const families = [
    { title: "IPv4", network: IPV4, mac: MAC4 },
    { title: "IPv6", network: IPV6, mac: MAC6 },
  ] as const;
  for (const { title, network, mac } of families) {
    for (const better of ["ours", "peer"] as const) {
      it(`${title}: the better one, ${better}, is MASTER, and the other after it`, async (t) => {
        const label = `vmac-${better}`;
        const pair = await Pair.create(t, { label, network });
        const side = pair.side(better);
        const other = pair.other(side);
        const options = { version: 3, advertInterval: 0.2, lines: ["use_vmac"] } as const;
        other.start({ ...options, priority: 100 });
        await pair.settledAt(other, patienceMs(0.2));
        side.start({ ...options, priority: 150 });
        await pair.settledAt(side, patienceMs(0.2));
        await expectNothingRejected(pair);
        await side.daemon.stop();
        await pair.settledAt(other, patienceMs(0.2));
        const frames = pair.capture.frames();
        const announced =
          network === IPV4 ? gratuitousArps(frames) : neighbourAdvertisements(frames);
        const senders = [...pair.adverts(), ...announced].map((each) => each.hardwareAddress);
        assert.deepEqual([...new Set(senders)], [mac]);
      });
    }
  }
});
