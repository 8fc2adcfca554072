// What the kernel's news become: facts for the core, and word of interfaces that come and go.

import assert from "node:assert/strict";
import { test } from "node:test";
import { IFA_F_DADFAILED } from "@keepalived-ts/netops/constants/netlink";
import type { InterfaceAddress, Link } from "@keepalived-ts/netops/netlink/route-socket";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { instanceOf, virtualAddress } from "../core/fixtures.js";
import { addresses } from "./fixtures.js";
import { LinkWatch } from "./link-watch.js";

const config = {
  ...emptyVrrpConfig,
  instances: [instanceOf({ virtualAddresses: addresses(2, 100) })],
};

function link(changes: Partial<Link> = {}): Link {
  return {
    index: 2,
    name: "eth0",
    flags: 0x11043,
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

function address(text: string, changes: Partial<InterfaceAddress> = {}): InterfaceAddress {
  return {
    interfaceIndex: 2,
    family: 4,
    address: text,
    prefixLength: 24,
    scope: 0,
    flags: 0x80,
    label: "eth0",
    broadcast: null,
    protocol: 0,
    ...changes,
  };
}

const noMore = { ipv6Address: null, presentSources: [] };

class Scene {
  readonly heard: string[] = [];
  readonly lost: string[] = [];
  readonly later: (() => void)[] = [];
  isUsable = true;
  readonly watch: LinkWatch = new LinkWatch(
    {
      event: (event) => {
        if (event.type === "linkChanged") {
          const { index, name, isRunning, ipv4Address } = event.link;
          this.heard.push(`${name} ${index} ${isRunning ? "up" : "down"} ${ipv4Address}`);
        } else if (event.type === "linkRemoved") {
          this.heard.push(`removed ${event.index}`);
        }
      },
      appeared: (name, index) => void this.heard.push(`appeared ${name} ${index}`),
      renamed: (name, index) => void this.heard.push(`renamed ${name} ${index}`),
      vanished: (name, index) => void this.heard.push(`vanished ${name} ${index}`),
      prepare: () => this.isUsable,
      addressLost: (device, text, prefixLength, port) =>
        void this.lost.push(`${text}/${prefixLength} ${device} by ${port}`),
      addressDuplicate: (device, text, prefixLength) =>
        void this.lost.push(`${text}/${prefixLength} ${device} is of another`),
      resynchronised: () => void this.lost.push("resynchronised"),
      failed: (error) => {
        throw error;
      },
    },
    () => undefined,
    (_delayMs, task) => this.later.push(task),
  );
  readonly news = this.watch.monitorHandlers();

  constructor(...known: readonly InterfaceAddress[]) {
    this.watch.table.reset([link()], known);
  }

  configure(): unknown {
    return this.watch.configure(config);
  }
}

test("LinkWatch.configure() gives the first primary address that is not a virtual one", () => {
  const scene = new Scene(
    address("192.0.2.100"),
    address("192.0.2.12", { flags: 0x81 }),
    address("192.0.2.11"),
    address("192.0.2.13"),
  );
  assert.deepEqual(scene.configure(), [
    { index: 2, name: "eth0", isRunning: true, ipv4Address: "192.0.2.11", ...noMore },
  ]);
});

test("LinkWatch.configure() takes the owner's virtual address for the interface's own", () => {
  const scene = new Scene(address("192.0.2.100"));
  const owner = instanceOf({ basePriority: 255, virtualAddresses: addresses(1, 100) });
  const [fact] = scene.watch.configure({ ...emptyVrrpConfig, instances: [owner] });
  assert.equal(fact?.ipv4Address, "192.0.2.100");
});

test("LinkWatch tells of a link only when something changed that matters", () => {
  const scene = new Scene(address("192.0.2.11"));
  scene.configure();
  scene.news.linkChanged(link({ mtu: 9000 }));
  scene.news.addressAdded(address("192.0.2.100", { prefixLength: 32 }));
  scene.news.addressAdded(address("192.0.2.50"));
  scene.news.linkChanged(link({ index: 3, name: "eth1" }));
  assert.deepEqual(scene.heard, ["appeared eth1 3"]);
  scene.news.linkChanged(link({ isRunning: false }));
  scene.news.addressRemoved(address("192.0.2.11"), 0);
  scene.news.addressRemoved(address("192.0.2.50"), 0);
  assert.deepEqual(scene.heard.slice(1), [
    "eth0 2 down 192.0.2.11",
    "eth0 2 down 192.0.2.50",
    "eth0 2 down null",
  ]);
});

test("LinkWatch.narrow() gives an interface the address back that was a leaving instance's", () => {
  const scene = new Scene();
  scene.watch.configure(config);
  const handlers = scene.watch.monitorHandlers();
  const [first] = config.instances[0]?.virtualAddresses ?? [];
  assert.ok(first !== undefined);
  handlers.addressAdded(address(first.address));
  const before = scene.heard.length;
  scene.watch.narrow({ ...config, instances: [instanceOf({ virtualAddresses: [] })] });
  assert.equal(scene.heard.length, before + 1, scene.heard.join("; "));
});

test("LinkWatch tells of an interface that goes and of the one that comes in its place", () => {
  const scene = new Scene(address("192.0.2.11"));
  scene.configure();
  scene.news.linkRemoved(2);
  scene.news.linkChanged(link({ index: 7 }));
  scene.news.addressAdded(address("192.0.2.11", { interfaceIndex: 7 }));
  assert.deepEqual(scene.heard, [
    "vanished eth0 2",
    "removed 2",
    "appeared eth0 7",
    "eth0 7 up null",
    "eth0 7 up 192.0.2.11",
  ]);
});

test("LinkWatch takes a renamed interface for another one", () => {
  const scene = new Scene(address("192.0.2.11"));
  scene.configure();
  scene.news.linkChanged(link({ name: "wan0" }));
  const renamed = ["renamed eth0 2", "vanished eth0 2", "removed 2", "appeared wan0 2"];
  assert.deepEqual(scene.heard, renamed);
  assert.equal(scene.watch.table.link("eth0"), undefined);
  // The kernel says nothing of its addresses, which have stayed.
  scene.news.linkChanged(link());
  assert.deepEqual(scene.heard.slice(4), [
    "renamed wan0 2",
    "vanished wan0 2",
    "appeared eth0 2",
    "eth0 2 up 192.0.2.11",
  ]);
});

test("LinkWatch finds out by itself which interfaces got other names meanwhile", () => {
  const scene = new Scene(address("192.0.2.11"));
  scene.configure();
  scene.news.resynchronised([link({ name: "wan0" })], [address("192.0.2.11")]);
  assert.deepEqual(scene.heard, [
    "renamed eth0 2",
    "vanished eth0 2",
    "removed 2",
    "appeared wan0 2",
  ]);
});

test("LinkWatch compares with what was told after messages were lost", () => {
  const scene = new Scene(address("192.0.2.11"));
  scene.configure();
  scene.news.resynchronised([link()], [address("192.0.2.11")]);
  assert.deepEqual(scene.heard, []);
  scene.news.resynchronised([link({ index: 9 })], [address("192.0.2.12", { interfaceIndex: 9 })]);
  assert.deepEqual(scene.heard, [
    "vanished eth0 2",
    "removed 2",
    "appeared eth0 9",
    "eth0 9 up 192.0.2.12",
  ]);
});

test("LinkWatch shows an unusable interface as down, and tries it when it changes", () => {
  const scene = new Scene(address("192.0.2.11"));
  scene.isUsable = false;
  assert.deepEqual(scene.configure(), [
    { index: 2, name: "eth0", isRunning: false, ipv4Address: "192.0.2.11", ...noMore },
  ]);
  scene.isUsable = true;
  scene.news.linkChanged(link());
  assert.deepEqual(scene.heard, ["eth0 2 up 192.0.2.11"]);
});

test("LinkWatch tries an unusable interface again although nothing changes", () => {
  const scene = new Scene(address("192.0.2.11"));
  scene.isUsable = false;
  scene.configure();
  scene.news.linkChanged(link());
  assert.equal(scene.later.length, 1);
  scene.later.shift()?.();
  assert.deepEqual([scene.heard, scene.later.length], [[], 1]);
  scene.isUsable = true;
  scene.later.shift()?.();
  assert.deepEqual(scene.heard, ["eth0 2 up 192.0.2.11"]);
  assert.equal(scene.later.length, 0);
});

test("LinkTable.hasAddress() knows the address with its prefix length on its device", () => {
  const scene = new Scene(address("192.0.2.100"));
  const [held, missing] = addresses(2, 100);
  assert(held !== undefined && missing !== undefined);
  assert.equal(scene.watch.table.hasAddress(held), true);
  assert.equal(scene.watch.table.hasAddress(missing), false);
  assert.equal(scene.watch.table.hasAddress({ ...held, prefixLength: 32 }), false);
  assert.equal(scene.watch.table.hasAddress({ ...held, device: "eth1" }), false);
});

test("LinkWatch tells of a removed address, virtual ones included", () => {
  const scene = new Scene(address("192.0.2.1"), address("192.0.2.100"));
  scene.news.addressRemoved(address("192.0.2.100"), 4242);
  assert.deepEqual(scene.lost, ["192.0.2.100/24 eth0 by 4242"]);
  scene.news.resynchronised([link()], [address("192.0.2.1")]);
  assert.deepEqual(scene.lost.slice(1), ["resynchronised"]);
});

test("LinkWatch tells of an address that another host has", () => {
  const scene = new Scene();
  scene.news.addressAdded(address("2001:db8::9", { family: 6, flags: IFA_F_DADFAILED }));
  scene.news.addressAdded(address("2001:db8::8", { family: 6, flags: 0 }));
  assert.deepEqual(scene.lost, ["2001:db8::9/24 eth0 is of another"]);
});

test("LinkTable.isForeign() spares what an owner's interface had without us", () => {
  const scene = new Scene(address("192.0.2.100"), address("192.0.2.101", { protocol: 18 }));
  const { table } = scene.watch;
  const own = virtualAddress("192.0.2.100", { prefixLength: 24 });
  const ours = virtualAddress("192.0.2.101", { prefixLength: 24 });
  const instance = instanceOf({ virtualAddresses: [own, ours] });
  table.setVirtualAddresses({
    ...emptyVrrpConfig,
    instances: [{ ...instance, basePriority: 255 }],
  });
  assert.deepEqual([table.isForeign(own), table.isForeign(ours)], [true, false]);
  table.setVirtualAddresses({
    ...emptyVrrpConfig,
    instances: [{ ...instance, basePriority: 100 }],
  });
  assert.equal(table.isForeign(own), false);
});

test("LinkWatch takes the first link-local address that can be sent from for IPv6", () => {
  const linkLocal = (text: string, changes: Partial<InterfaceAddress> = {}): InterfaceAddress =>
    address(text, { family: 6, prefixLength: 64, scope: 253, ...changes });
  // IFA_F_TENTATIVE, IFA_F_DADFAILED of linux/if_addr.h
  const tentative = linkLocal("fe80::12", { flags: 0x40 });
  const scene = new Scene(
    address("2001:db8::11", { family: 6, prefixLength: 64 }),
    linkLocal("fe80::100"),
    tentative,
    linkLocal("fe80::13", { flags: 0x08 }),
  );
  const virtual = { address: "fe80::100", prefixLength: 64, device: "eth0", scope: 0 };
  const instance = instanceOf({ family: 6, version: 3, virtualAddresses: [virtual] });
  const config = { ...emptyVrrpConfig, instances: [instance] };
  assert.equal(scene.watch.configure(config)[0]?.ipv6Address, null);
  scene.news.addressAdded({ ...tentative, flags: 0x80 });
  assert.equal(scene.watch.table.fact("eth0")?.ipv6Address, "fe80::12");
  assert.equal(scene.heard.length, 1);
});

test("LinkWatch tells which tracked sources are there, also where there is no interface", () => {
  const scene = new Scene(address("192.0.2.11"));
  const tracked = { trackSourceAddress: true, virtualAddresses: [] };
  const instances = [
    instanceOf({ ...tracked, name: "A", sourceAddress: "192.0.2.11" }),
    instanceOf({ ...tracked, name: "B", sourceAddress: "192.0.2.12", interface: "" }),
  ];
  const facts = scene.watch.configure({ ...emptyVrrpConfig, instances });
  const present = (): string[] =>
    ["eth0", ""].map((name) => scene.watch.table.fact(name)?.presentSources.join(" ") ?? "none");
  assert.deepEqual(
    facts.map(({ name, index }) => `${name} ${index}`),
    ["eth0 2", " 0"],
  );
  assert.deepEqual(present(), ["192.0.2.11", "192.0.2.11"]);
  scene.news.addressAdded(address("192.0.2.12"));
  assert.deepEqual(present(), ["192.0.2.11 192.0.2.12", "192.0.2.11 192.0.2.12"]);
  assert.deepEqual(scene.heard, [" 0 up null", "eth0 2 up 192.0.2.11"]);
});

test("LinkWatch believes who polls a link about its medium, the kernel's for the rest", () => {
  const scene = new Scene(address("192.0.2.11"));
  const polled = { kind: "link", name: "eth0" } as const;
  scene.watch.table.usePolled([{ ...polled, value: 0 }]);
  const [fact] = scene.watch.configure(config);
  assert.equal(fact?.isRunning, false);
  scene.news.linkChanged(link({ isRunning: false }));
  assert.deepEqual(scene.heard, []);
  scene.watch.table.setPolled({ ...polled, value: 1 });
  scene.watch.review("eth0");
  scene.news.linkChanged(link({ isUp: false, isRunning: false }));
  scene.watch.table.usePolled([]);
  scene.news.linkChanged(link());
  assert.deepEqual(scene.heard, [
    "eth0 2 up 192.0.2.11",
    "eth0 2 down 192.0.2.11",
    "eth0 2 up 192.0.2.11",
  ]);
});
