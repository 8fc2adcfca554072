// The links of the instances' own over time: made, adopted, made anew, removed.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LinkChange } from "@keepalived-ts/netops/netlink/link-socket";
import type { Link } from "@keepalived-ts/netops/netlink/route-socket";
import type { VirtualLink } from "../core/virtual-links.js";
import { LinkTable } from "./link-table.js";
import { VirtualLinks } from "./virtual-links.js";

const hardwareAddress = "00:00:5e:00:01:33";
const wish: VirtualLink = {
  instance: "VI_1",
  name: "vrrp.51",
  base: "eth0",
  hardwareAddress,
  ipvlanMode: undefined,
  ownAddress: undefined,
  group: undefined,
  tellsBase: false,
  family: 4,
  families: [4],
  sourceAddress: undefined,
};

function link(index: number, name: string, changes: Partial<Link> = {}): Link {
  return {
    index,
    name,
    flags: 0x1043,
    mtu: 1500,
    operState: 6,
    hardwareAddress: "02:00:00:00:00:0b",
    hardwareType: 1,
    kind: null,
    parentIndex: null,
    masterIndex: null,
    isUp: true,
    isRunning: true,
    hasArp: true,
    hasMulticast: true,
    ...changes,
  };
}

/** A kernel that does what it is asked, unless it is told to refuse. */
class Scene {
  readonly table: LinkTable = new LinkTable();
  readonly asked: string[] = [];
  readonly logs: string[] = [];
  readonly later: (() => void)[] = [];
  refusal: string | null = null;
  made: readonly string[] = [];
  #nextIndex = 7;
  readonly links: VirtualLinks = new VirtualLinks({
    changeLinks: async (changes) => changes.map((change) => this.#change(change)),
    addresses: {
      add: async (orders) => this.#addresses("address", orders),
      remove: async (orders) => this.#addresses("no address", orders),
    },
    table: this.table,
    log: ({ text }) => void this.logs.push(text),
    later: (_delayMs, task) => void this.later.push(task),
    changed: (links) => {
      this.made = links.map(({ name }) => name);
    },
  });

  constructor() {
    this.table.setLink(link(2, "eth0"));
  }

  /** What was asked for since the last time. */
  takeAsked(): string[] {
    return this.asked.splice(0);
  }

  settled(): Promise<void> {
    return this.links.dropUnwanted();
  }

  lose(name: string): void {
    this.table.removeLink(this.table.kernelLink(name)?.index ?? 0);
    this.links.vanished(name);
  }

  #change(change: LinkChange): string | null {
    this.asked.push(change.type);
    if (this.refusal !== null) return this.refusal;
    if (change.type === "addMacvlan") {
      const { name, parentIndex, hardwareAddress: own = "", mode } = change.link;
      const fields = { kind: "macvlan", macvlanMode: mode, hardwareAddress: own, parentIndex };
      this.table.setLink(link(this.#nextIndex++, name, fields));
    } else if (change.type === "addIpvlan") {
      const { name, parentIndex, mode } = change.link;
      const fields = { kind: "ipvlan", ipvlanMode: mode, parentIndex };
      this.table.setLink(link(this.#nextIndex++, name, fields));
    } else if (change.type === "delete" && "name" in change.target) {
      this.table.removeLink(this.table.kernelLink(change.target.name)?.index ?? 0);
    }
    return null;
  }

  #addresses(
    what: string,
    orders: readonly { readonly address: { readonly address: string } }[],
  ): null[] {
    for (const { address } of orders) this.asked.push(`${what} ${address.address}`);
    return orders.map(() => null);
  }
}

test("want() makes what is missing, once", async () => {
  const scene = new Scene();
  await scene.links.want([wish]);
  assert.deepEqual(scene.takeAsked(), ["addMacvlan", "setIpv4", "set"]);
  assert.deepEqual(scene.made, ["vrrp.51"]);
  assert.equal(scene.links.isUsable("vrrp.51"), true);
  scene.links.review("eth0");
  await scene.links.want([{ ...wish }]);
  assert.deepEqual(scene.takeAsked(), []);
  assert.deepEqual(scene.logs, ["(VI_1) Success creating VMAC interface vrrp.51"]);
});

test("want() adopts what a predecessor has left, and close() removes it", async () => {
  const scene = new Scene();
  const fields = { kind: "macvlan", macvlanMode: "private", hardwareAddress } as const;
  scene.table.setLink(link(5, "vrrp.51", { ...fields, parentIndex: 2 }));
  await scene.links.want([wish]);
  assert.deepEqual(scene.takeAsked(), ["setIpv4", "set"]);
  await scene.links.close();
  assert.deepEqual(scene.takeAsked(), ["delete"]);
  assert.deepEqual(scene.made, []);
});

test("want() leaves another kind of link alone, which is then not usable nor removed", async () => {
  const scene = new Scene();
  scene.table.setLink(link(5, "vrrp.51", { kind: "veth" }));
  await scene.links.want([wish]);
  assert.equal(scene.links.isUsable("vrrp.51"), false);
  await scene.links.close();
  assert.deepEqual(scene.takeAsked(), []);
  assert.match(scene.logs.join(), /one that is not ours has the name/);
});

test("vanished() has a link made anew, and so has its interface when it comes back", async () => {
  const scene = new Scene();
  await scene.links.want([wish]);
  scene.takeAsked();
  scene.lose("vrrp.51");
  await scene.settled();
  assert.deepEqual(scene.takeAsked(), ["addMacvlan", "setIpv4", "set"]);
  scene.lose("eth0");
  scene.lose("vrrp.51");
  await scene.settled();
  assert.deepEqual(scene.takeAsked(), []);
  scene.table.setLink(link(12, "eth0"));
  scene.links.review("eth0");
  await scene.settled();
  assert.deepEqual(scene.takeAsked(), ["addMacvlan", "setIpv4", "set"]);
});

test("dropUnwanted() removes what want() does not name any more", async () => {
  const scene = new Scene();
  await scene.links.want([wish]);
  scene.takeAsked();
  await scene.links.want([]);
  assert.deepEqual(scene.takeAsked(), []);
  await scene.links.dropUnwanted();
  assert.deepEqual(scene.takeAsked(), ["delete"]);
});

test("close() removes many links at once", async () => {
  const scene = new Scene();
  const second = { ...wish, name: "vrrp.52", hardwareAddress: "00:00:5e:00:01:34" };
  await scene.links.want([wish, second]);
  scene.takeAsked();
  await scene.links.close();
  assert.deepEqual(scene.takeAsked(), ["set", "set", "deleteGroup"]);
  assert.deepEqual(scene.made, []);
});

test("want() with another name makes room for it first", async () => {
  const scene = new Scene();
  await scene.links.want([wish]);
  scene.takeAsked();
  await scene.links.want([{ ...wish, name: "vmac0" }]);
  assert.deepEqual(scene.takeAsked(), ["delete", "addMacvlan", "setIpv4", "set"]);
});

test("a refusal is said once, and asked again only after a while", async () => {
  const scene = new Scene();
  scene.refusal = "EOPNOTSUPP";
  await scene.links.want([wish]);
  assert.equal(scene.links.isUsable("vrrp.51"), false);
  assert.deepEqual(scene.takeAsked(), ["addMacvlan", "setIpv4", "set"]);
  scene.links.review("eth0");
  await scene.settled();
  assert.deepEqual(scene.takeAsked(), []);
  for (const task of scene.later.splice(0)) task();
  await scene.settled();
  assert.deepEqual(scene.takeAsked(), ["addMacvlan", "setIpv4", "set"]);
  assert.equal(scene.logs.length, 1);
  assert.match(scene.logs[0] ?? "", /EOPNOTSUPP, this kernel has no links of that kind/);
});

test("an ipvlan gets its own address", async () => {
  const scene = new Scene();
  const ownAddress = { address: "192.0.2.51", prefixLength: 24 };
  const ipvlan = { hardwareAddress: undefined, ipvlanMode: "bridge", ownAddress } as const;
  await scene.links.want([{ ...wish, ...ipvlan }]);
  assert.deepEqual(scene.takeAsked(), ["addIpvlan", "set", "address 192.0.2.51"]);
  assert.match(scene.logs.join(), /Success creating ipvlan interface vrrp\.51/);
});

test("the address of a link of ours is put back when somebody removes it", async () => {
  const scene = new Scene();
  const ownAddress = { address: "192.0.2.51", prefixLength: 24 };
  const ipvlan = { hardwareAddress: undefined, ipvlanMode: "bridge", ownAddress } as const;
  await scene.links.want([{ ...wish, ...ipvlan }]);
  scene.takeAsked();
  scene.links.sourceLost("vrrp.51", "192.0.2.100");
  await scene.settled();
  assert.deepEqual(scene.takeAsked(), [], "a virtual address is none of it");
  scene.links.sourceLost("vrrp.51", "192.0.2.51");
  await scene.settled();
  assert.deepEqual(scene.takeAsked(), ["address 192.0.2.51"]);
});

test("a virtual MAC of IPv6 gets the link-local address of the interface below", async () => {
  const scene = new Scene();
  const changes = { family: 6, address: "fe80::1", prefixLength: 64, scope: 253 } as const;
  const rest = { flags: 0x80, label: null, broadcast: null, protocol: 0 };
  await scene.links.want([{ ...wish, family: 6, families: [6] }]);
  assert.doesNotMatch(scene.takeAsked().join(), /address f/);
  scene.table.addAddress({ interfaceIndex: 2, ...changes, ...rest });
  scene.links.review("eth0");
  await scene.settled();
  assert.deepEqual(scene.takeAsked(), ["address fe80::1"]);
  scene.table.removeAddress({ interfaceIndex: 2, ...changes, ...rest });
  scene.table.addAddress({ interfaceIndex: 2, ...changes, ...rest, address: "fe80::2" });
  scene.links.review("eth0");
  await scene.settled();
  assert.deepEqual(scene.takeAsked(), ["no address fe80::1", "address fe80::2"]);
});
