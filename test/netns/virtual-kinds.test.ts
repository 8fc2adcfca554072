// Kinds of link that not every kernel has, ipvlan and VRF, in User Mode Linux (6.1), and what
// LinkSocket and NftablesClient say where a kernel lacks them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { layoutChanges } from "@keepalived-ts/netops/firewall/keepalived-layout";
import {
  type FirewallChange,
  NftablesClient,
} from "@keepalived-ts/netops/firewall/nftables-client";
import { type LinkChange, LinkSocket } from "@keepalived-ts/netops/netlink/link-socket";
import { type Link, RouteSocket } from "@keepalived-ts/netops/netlink/route-socket";
import { type Step, testInUml } from "../lab/steps.js";

interface WitnessedLink {
  readonly ifindex: number;
  readonly link?: string;
  readonly group: string;
  readonly master?: string;
  readonly linkinfo: {
    readonly info_kind: string;
    readonly info_data: { readonly mode: string; readonly mode_flag?: string };
  };
}

function ip(words: string): string {
  return execFileSync("ip", words.split(" "), { encoding: "utf8" });
}

function witness(name: string): WitnessedLink {
  const links: readonly WitnessedLink[] = JSON.parse(ip(`-j -d link show dev ${name}`));
  const [link] = links;
  assert.ok(link);
  return link;
}

async function linkOf(name: string): Promise<Link | undefined> {
  const routes = RouteSocket.open();
  const link = (await routes.links()).find((one) => one.name === name);
  routes.close();
  return link;
}

/** With a veth pair that is up, of which the first end is the parent. */
async function withParent(
  use: (links: LinkSocket, parentIndex: number) => Promise<void>,
): Promise<void> {
  ip("link add pair0 type veth peer name pair1");
  const links = LinkSocket.open();
  try {
    for (const name of ["pair0", "pair1"]) ip(`link set ${name} up`);
    await use(links, witness("pair0").ifindex);
    assert.equal(links.counters.timeouts, 0);
  } finally {
    links.close();
    ip("link del pair0");
  }
}

const steps: readonly Step[] = [
  {
    name: "apply() makes an ipvlan of layer 2 in each of its modes, and links() tells of it",
    run: () =>
      withParent(async (links, parentIndex) => {
        for (const mode of ["bridge", "private", "vepa"] as const) {
          const target = { name: "vrrp.9" };
          const results = await links.apply([
            { type: "addIpvlan", link: { name: "vrrp.9", parentIndex, mode, group: 9 } },
            { type: "setAddressGeneration", target, mode: "none" },
            { type: "set", target, settings: { isUp: true } },
          ]);
          assert.deepEqual(results, [null, null, null]);
          const { link, group, linkinfo } = witness("vrrp.9");
          assert.deepEqual([link, group, linkinfo.info_kind], ["pair0", "9", "ipvlan"]);
          assert.equal(linkinfo.info_data.mode, "l2");
          assert.match(ip("-d link show dev vrrp.9"), new RegExp(`ipvlan {1,2}mode l2 ${mode} `));
          const told = await linkOf("vrrp.9");
          assert.deepEqual([told?.kind, told?.ipvlanMode], ["ipvlan", mode]);
          assert.deepEqual([told?.parentIndex, told?.group], [parentIndex, 9]);
          assert.deepEqual(await links.apply([{ type: "delete", target }]), [null]);
        }
      }),
  },
  {
    name: "a parent has macvlans or ipvlans, not both: EBUSY",
    run: () =>
      withParent(async (links, parentIndex) => {
        const results = await links.apply([
          { type: "addMacvlan", link: { name: "mac0", parentIndex, mode: "private" } },
          { type: "addIpvlan", link: { name: "ipv0", parentIndex, mode: "bridge" } },
        ]);
        assert.deepEqual(results, [null, "EBUSY"]);
      }),
  },
  {
    name: "a virtual MAC joins the VRF of its parent, whose table links() tells",
    run: () =>
      withParent(async (links, parentIndex) => {
        ip("link add red type vrf table 1000");
        const { ifindex } = witness("red");
        assert.equal((await linkOf("red"))?.vrfTable, 1000);
        const change: LinkChange = {
          type: "set",
          target: { name: "mac0" },
          settings: { masterIndex: ifindex },
        };
        const results = await links.apply([
          { type: "addMacvlan", link: { name: "mac0", parentIndex, mode: "private" } },
          change,
        ]);
        assert.deepEqual(results, [null, null]);
        assert.equal(witness("mac0").master, "red");
        assert.equal((await linkOf("mac0"))?.masterIndex, ifindex);
        ip("link del red");
      }),
  },
  {
    name: "a kernel without a kind of link says EOPNOTSUPP",
    run: () =>
      withParent(async (links, parentIndex) => {
        execFileSync("modprobe", ["-d", "/tmp/modules", "-r", "ipvlan"]);
        const link = { name: "ipv0", parentIndex, mode: "bridge" } as const;
        assert.deepEqual(await links.apply([{ type: "addIpvlan", link }]), ["EOPNOTSUPP"]);
      }),
  },
  {
    name: "a kernel without nftables, or without it for IPv4 and IPv6, says EOPNOTSUPP",
    run: async () => {
      const client = NftablesClient.open();
      const layout = layoutChanges({
        interfacesBy: "name",
        reports: "move",
        hasAddresses: true,
        hasVirtualMacs: true,
      });
      const isTable = ({ type }: FirewallChange): boolean => type === "addTable";
      assert.deepEqual(await client.apply(layout.filter(isTable)), {
        ok: false,
        errno: "EOPNOTSUPP",
        refusals: [0, 1].map((change) => ({ change, errno: "EOPNOTSUPP" })),
      });
      assert.deepEqual(await client.tables(), { ok: true, value: [] });
      execFileSync("modprobe", ["-d", "/tmp/modules", "-r", "nf_tables"]);
      const none = { ok: false, errno: "EOPNOTSUPP", refusals: [] };
      assert.deepEqual(await client.apply(layout), none);
      assert.deepEqual(await client.tables(), { ok: false, errno: "EINVAL" });
      assert.equal(client.counters.timeouts, 0);
      client.close();
    },
  },
];

await testInUml(import.meta.url, steps, {
  modules: ["macvlan", "ipvlan", "vrf", "nf_tables"],
});
