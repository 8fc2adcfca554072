// What is asked of the kernel for a virtual MAC, by what is there already.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Link } from "@keepalived-ts/netops/netlink/route-socket";
import type { VirtualLink } from "../core/virtual-links.js";
import { planLink } from "./virtual-link-plan.js";

const hardwareAddress = "00:00:5e:00:01:33";
const below = { index: 2, masterIndex: null, group: 7 };
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

function existing(changes: Partial<Link> = {}): Link {
  return {
    index: 7,
    name: "vrrp.51",
    flags: 0x1043,
    mtu: 1500,
    operState: 6,
    hardwareAddress,
    hardwareType: 1,
    kind: "macvlan",
    macvlanMode: "private",
    parentIndex: 2,
    masterIndex: null,
    isUp: true,
    isRunning: true,
    hasArp: true,
    hasMulticast: true,
    ...changes,
  };
}

function brief(plan: ReturnType<typeof planLink>): string {
  return typeof plan === "string" ? plan : plan.map(({ type }) => type).join(" ");
}

test("planLink() makes, sets and brings up a link that is missing", () => {
  assert.equal(brief(planLink(wish, below, undefined)), "addMacvlan setIpv4 set");
  const both = { ...wish, families: [4, 6] } as const;
  assert.equal(
    brief(planLink(both, below, undefined)),
    "addMacvlan setIpv4 setAddressGeneration set",
  );
});

test("planLink() adopts a link that fits", () => {
  assert.equal(planLink(wish, below, existing()), "fit");
  assert.equal(planLink({ ...wish, group: 7 }, below, existing({ group: 7 })), "fit");
});

test("planLink() alters what can be altered in place", () => {
  for (const changes of [{ hardwareAddress: "00:00:5e:00:01:34" }, { group: 3 }, { isUp: false }]) {
    assert.equal(brief(planLink(wish, below, existing(changes))), "set set setIpv4 set");
  }
});

test("planLink() puts the link into the VRF of the interface below, and takes it out again", () => {
  const vrf = { index: 2, masterIndex: 9, group: 0 };
  assert.equal(brief(planLink(wish, vrf, undefined)), "addMacvlan set setIpv4 set");
  assert.equal(planLink(wish, vrf, existing({ masterIndex: 9 })), "fit");
  assert.equal(brief(planLink(wish, below, existing({ masterIndex: 9 }))), "set set setIpv4 set");
});

test("planLink() makes an ipvlan of the wanted mode, and nothing else of it", () => {
  const ipvlan = { ...wish, hardwareAddress: undefined, ipvlanMode: "bridge" } as const;
  assert.equal(brief(planLink(ipvlan, below, undefined)), "addIpvlan set");
  const kind = { kind: "ipvlan", hardwareAddress: "02:00:00:00:00:0b" } as const;
  const { macvlanMode: _mode, ...plain } = existing(kind);
  assert.equal(planLink(ipvlan, below, { ...plain, ipvlanMode: "bridge" }), "fit");
  const other = { ...plain, ipvlanMode: "vepa" } as const;
  assert.equal(brief(planLink(ipvlan, below, other)), "delete addIpvlan set");
  assert.equal(planLink(ipvlan, below, existing()), "foreign");
});

test("planLink() replaces a macvlan of another interface or mode", () => {
  for (const changes of [{ parentIndex: 3 }, { macvlanMode: "bridge" as const }]) {
    assert.equal(brief(planLink(wish, below, existing(changes))), "delete addMacvlan setIpv4 set");
  }
});

test("planLink() leaves a link of another kind alone", () => {
  for (const kind of [null, "veth", "vlan"]) {
    assert.equal(planLink(wish, below, existing({ kind })), "foreign");
  }
});

test("planLink() makes the kernel tell of the interface below a new VMAC that wants it", () => {
  const plan = planLink({ ...wish, tellsBase: true }, below, undefined);
  assert.ok(typeof plan !== "string");
  assert.deepEqual(plan.at(-1), { type: "set", target: { name: "eth0" }, settings: { group: 7 } });
});
