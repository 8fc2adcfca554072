// LinkSocket against the real kernel, in a network namespace, with iproute2 and /proc/sys as the
// witnesses. Kinds that few kernels have (ipvlan, VRF) are in test/ipvs/virtual-links.test.ts.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type LinkChange, LinkSocket } from "@keepalived-ts/netops/netlink/link-socket";
import { RouteSocket } from "@keepalived-ts/netops/netlink/route-socket";
import { type Step, testInNamespace } from "../lab/steps.js";

interface WitnessedLink {
  readonly ifindex: number;
  readonly link?: string;
  readonly address: string;
  readonly group: string;
  readonly flags: readonly string[];
  readonly inet6_addr_gen_mode: string;
  readonly linkinfo: { readonly info_kind: string; readonly info_data: { readonly mode: string } };
}

function ip(...argv: string[]): string {
  return execFileSync("ip", argv, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function witness(name: string): WitnessedLink {
  const links: readonly WitnessedLink[] = JSON.parse(ip("-j", "-d", "link", "show", "dev", name));
  const [link] = links;
  assert.ok(link);
  return link;
}

function sysctl(name: string, setting: string): string {
  return readFileSync(`/proc/sys/net/ipv4/conf/${name}/${setting}`, "utf8").trim();
}

/** A veth pair that is up, of which the first end is the parent; gone when `use` has ended. */
async function withParent(
  use: (links: LinkSocket, parentIndex: number) => Promise<void>,
): Promise<void> {
  ip("link", "add", "pair0", "type", "veth", "peer", "name", "pair1");
  const links = LinkSocket.open();
  try {
    ip("link", "set", "pair1", "up");
    ip("link", "set", "pair0", "up");
    await use(links, witness("pair0").ifindex);
    const { malformed, overruns, timeouts, stale } = links.counters;
    assert.deepEqual([malformed, overruns, timeouts, stale], [0, 0, 0, 0]);
  } finally {
    links.close();
    ip("link", "del", "pair0");
  }
}

const target = { name: "vrrp.51" };
const hardwareAddress = "00:00:5e:00:01:33";
const addVmac = (parentIndex: number): LinkChange => ({
  type: "addMacvlan",
  link: { name: "vrrp.51", parentIndex, mode: "private", hardwareAddress, group: 7 },
});

const steps: readonly Step[] = [
  {
    name: "apply() makes, configures and brings up a virtual MAC in one call",
    run: () =>
      withParent(async (links, parentIndex) => {
        const settings = { arp_ignore: 1, accept_local: 1, rp_filter: 0, promote_secondaries: 1 };
        const results = await links.apply([
          addVmac(parentIndex),
          { type: "setIpv4", target, settings },
          { type: "setAddressGeneration", target, mode: "none" },
          { type: "set", target, settings: { isUp: true } },
        ]);
        assert.deepEqual(results, [null, null, null, null]);
        const link = witness("vrrp.51");
        assert.equal(link.link, "pair0");
        assert.equal(link.address, hardwareAddress);
        assert.equal(link.group, "7");
        assert.equal(link.inet6_addr_gen_mode, "none");
        assert.ok(link.flags.includes("UP"));
        assert.deepEqual(link.linkinfo, { ...link.linkinfo, info_kind: "macvlan" });
        assert.equal(link.linkinfo.info_data.mode, "private");
        for (const [name, value] of Object.entries(settings)) {
          assert.equal(sysctl("vrrp.51", name), `${value}`, name);
        }
        assert.equal(ip("-6", "addr", "show", "dev", "vrrp.51"), "");
      }),
  },
  {
    name: "links() tells of a virtual MAC what was asked for",
    run: () =>
      withParent(async (links, parentIndex) => {
        await links.apply([addVmac(parentIndex)]);
        const routes = RouteSocket.open();
        const link = (await routes.links()).find(({ name }) => name === "vrrp.51");
        routes.close();
        assert.equal(link?.kind, "macvlan");
        assert.equal(link?.macvlanMode, "private");
        assert.equal(link?.parentIndex, parentIndex);
        assert.equal(link?.group, 7);
        assert.equal(link?.hardwareAddress, hardwareAddress);
      }),
  },
  {
    name: "configuration() reads what was set, by whomever",
    run: () =>
      withParent(async (links, parentIndex) => {
        const settings = { arp_ignore: 1, arp_filter: 1, arp_announce: 2, arp_accept: 1 };
        const parent = { index: parentIndex };
        assert.deepEqual(await links.apply([{ type: "setIpv4", target: parent, settings }]), [
          null,
        ]);
        execFileSync("sysctl", ["-qw", "net.ipv4.conf.pair0.rp_filter=2"]);
        for (const by of [parent, { name: "pair0" }]) {
          const result = await links.configuration(by);
          assert.ok(result.ok);
          assert.equal(result.value.index, parentIndex);
          assert.equal(result.value.addressGeneration, "eui64");
          assert.deepEqual(result.value.ipv4, {
            ...settings,
            accept_local: 0,
            promote_secondaries: Number(sysctl("pair0", "promote_secondaries")),
            rp_filter: 2,
          });
        }
        for (const name of Object.keys(settings)) assert.notEqual(sysctl("pair0", name), "0");
      }),
  },
  {
    name: "apply() sets address, group, flags and master, takes a link down and deletes it",
    run: () =>
      withParent(async (links, parentIndex) => {
        ip("link", "add", "bridge0", "type", "bridge");
        const { ifindex } = witness("bridge0");
        await links.apply([addVmac(parentIndex)]);
        const results = await links.apply([
          { type: "set", target, settings: { hardwareAddress: "00:00:5e:00:01:34", group: 0 } },
          { type: "set", target, settings: { flags: { mask: 0x80, flags: 0x80 }, isUp: true } },
        ]);
        assert.deepEqual(results, [null, null]);
        const link = witness("vrrp.51");
        assert.equal(link.address, "00:00:5e:00:01:34");
        assert.equal(link.group, "default");
        assert.ok(["UP", "NOARP"].every((flag) => link.flags.includes(flag)));
        const pair1 = { name: "pair1" };
        const join: LinkChange = { type: "set", target: pair1, settings: { masterIndex: ifindex } };
        const leave: LinkChange = { type: "set", target: pair1, settings: { masterIndex: null } };
        assert.deepEqual(await links.apply([join]), [null]);
        assert.match(ip("-o", "link", "show", "dev", "pair1"), /master bridge0/);
        const down: LinkChange = { type: "set", target, settings: { isUp: false } };
        assert.deepEqual(await links.apply([leave, down]), [null, null]);
        assert.doesNotMatch(ip("-o", "link", "show", "dev", "pair1"), /master/);
        assert.ok(!witness("vrrp.51").flags.includes("UP"));
        assert.deepEqual(await links.apply([{ type: "delete", target }]), [null]);
        assert.throws(() => witness("vrrp.51"), /does not exist/);
        ip("link", "del", "bridge0");
      }),
  },
  {
    name: "apply() deletes all links of a group, and no other",
    run: () =>
      withParent(async (links, parentIndex) => {
        const ids = [61, 62, 63];
        const results = await links.apply([
          addVmac(parentIndex),
          ...ids.map((id): LinkChange => {
            const link = { name: `vrrp.${id}`, parentIndex, mode: "private", group: 4711 } as const;
            return { type: "addMacvlan", link };
          }),
          { type: "deleteGroup", group: 4711 },
          { type: "deleteGroup", group: 4711 },
        ]);
        assert.deepEqual(results, [null, null, null, null, null, "ENODEV"]);
        assert.doesNotMatch(ip("-o", "link", "show"), /vrrp\.6/);
        assert.equal(witness("vrrp.51").group, "7");
      }),
  },
  {
    name: "apply() gives the errno of each refusal, and does the rest",
    run: () =>
      withParent(async (links, parentIndex) => {
        const twin: LinkChange = {
          type: "addMacvlan",
          link: { name: "vrrp.52", parentIndex, mode: "private", hardwareAddress },
        };
        const orphan: LinkChange = {
          type: "addMacvlan",
          link: { name: "vrrp.53", parentIndex: 4711, mode: "private" },
        };
        const none = { name: "none" };
        const results = await links.apply([
          addVmac(parentIndex),
          addVmac(parentIndex),
          orphan,
          { type: "set", target: none, settings: { isUp: true } },
          { type: "setIpv4", target: none, settings: { arp_ignore: 1 } },
          { type: "delete", target: none },
          { type: "set", target, settings: { isUp: true } },
          twin,
          { type: "set", target: { name: "vrrp.52" }, settings: { isUp: true } },
        ]);
        assert.deepEqual(results, [
          null,
          "EEXIST",
          "ENODEV",
          "ENODEV",
          "ENODEV",
          "ENODEV",
          null,
          null,
          "EADDRINUSE",
        ]);
        assert.deepEqual(await links.configuration(none), { ok: false, errno: "ENODEV" });
      }),
  },
];

await testInNamespace(import.meta.url, steps);
