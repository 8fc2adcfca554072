// What is asked of the kernel for a virtual MAC, by what is there already.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Link } from "@keepalived-ts/netops/netlink/route-socket";
import type { VirtualLink } from "../core/virtual-links.js";
import { planLink } from "./virtual-link-plan.js";

const wish: VirtualLink = {
  instance: "VI_1",
  name: "vrrp.51",
  base: "eth0",
  hardwareAddress: "00:00:5e:00:01:33",
  group: undefined,
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
    hardwareAddress: wish.hardwareAddress,
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
  assert.equal(brief(planLink(wish, 2, undefined)), "addMacvlan setIpv4 set");
  const both = { ...wish, families: [4, 6] } as const;
  assert.equal(brief(planLink(both, 2, undefined)), "addMacvlan setIpv4 setAddressGeneration set");
});

test("planLink() adopts a link that fits", () => {
  assert.equal(planLink(wish, 2, existing()), "fit");
  assert.equal(planLink({ ...wish, group: 7 }, 2, existing({ group: 7 })), "fit");
});

test("planLink() alters what can be altered in place", () => {
  for (const changes of [{ hardwareAddress: "00:00:5e:00:01:34" }, { group: 3 }, { isUp: false }]) {
    assert.equal(brief(planLink(wish, 2, existing(changes))), "set setIpv4 set");
  }
});

test("planLink() replaces a macvlan of another interface or mode", () => {
  for (const changes of [{ parentIndex: 3 }, { macvlanMode: "bridge" as const }]) {
    assert.equal(brief(planLink(wish, 2, existing(changes))), "delete addMacvlan setIpv4 set");
  }
});

test("planLink() leaves a link of another kind alone", () => {
  for (const kind of [null, "veth", "vlan"]) {
    assert.equal(planLink(wish, 2, existing({ kind })), "foreign");
  }
});
