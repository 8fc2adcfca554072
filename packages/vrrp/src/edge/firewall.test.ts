// What the tables of nftables are asked to hold, and when.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FirewallChange, FirewallOutcome } from "@keepalived-ts/netops/firewall/types";
import { emptyVrrpConfig } from "@keepalived-ts/shared-config/schema/config-empty";
import { filterNeeds } from "../core/accept-mode.js";
import { instanceOf, virtualAddress } from "../core/fixtures.js";
import { virtualLinksOf } from "../core/virtual-links.js";
import { Firewall } from "./firewall.js";
import { addresses, FakeKernel } from "./fixtures.js";

const { firewall: standard } = emptyVrrpConfig;
const none = filterNeeds({ instances: [] }, []);
const blocking = filterNeeds({ instances: [instanceOf({ acceptMode: false })] }, []);

class Scene {
  readonly asked: string[][] = [];
  readonly logs: string[] = [];
  refusals: string[] = [];
  readonly firewall: Firewall = new Firewall({
    changeFirewall: async (changes) => this.#change(changes),
    links: new FakeKernel().ports.links,
    log: ({ text }) => void this.logs.push(text),
  });

  take(): string[][] {
    return this.asked.splice(0);
  }

  #change(changes: readonly FirewallChange[]): FirewallOutcome {
    this.asked.push(changes.map(brief));
    const errno = this.refusals.shift();
    return errno === undefined ? { ok: true } : { ok: false, errno, refusals: [] };
  }
}

function brief(change: FirewallChange): string {
  switch (change.type) {
    case "addElements":
    case "deleteElements": {
      const sign = change.type === "addElements" ? "+" : "-";
      const keys = change.elements.map(({ key }) => key.join(" . "));
      return `${sign} ${change.set.table.name} ${change.set.name}: ${keys.join(", ")}`;
    }
    case "addTable":
    case "deleteTable":
      return `${change.type} ${change.table.family} ${change.table.name}`;
    default:
      return change.type;
  }
}

/** Waits for what was asked for by the way. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("configure() asks for nothing where nothing is to be filtered", async () => {
  const scene = new Scene();
  await scene.firewall.configure(standard, none);
  scene.firewall.block("VI_1", addresses(1));
  await scene.firewall.close();
  assert.deepEqual(scene.take(), []);
});

test("configure() makes the tables in one transaction, and close() removes them", async () => {
  const scene = new Scene();
  await scene.firewall.configure(standard, blocking);
  const [made = [], ...more] = scene.take();
  assert.deepEqual(more, []);
  assert.deepEqual(made.slice(0, 5), [
    "addTable ip keepalived",
    "deleteTable ip keepalived",
    "addTable ip6 keepalived",
    "deleteTable ip6 keepalived",
    "addTable ip keepalived",
  ]);
  assert.ok(!made.slice(5).includes("addTable ip6 keepalived"));
  await scene.firewall.configure({ ...standard }, blocking);
  assert.deepEqual(scene.take(), []);
  await scene.firewall.close();
  assert.equal(scene.take()[0]?.at(-1), "deleteTable ip6 keepalived");
});

test("block() and free() count who wants an address blocked", async () => {
  const scene = new Scene();
  await scene.firewall.configure(standard, blocking);
  scene.take();
  scene.firewall.block("VI_1", addresses(2));
  scene.firewall.block("VI_2", addresses(1));
  scene.firewall.block("VI_1", addresses(2));
  scene.firewall.free("VI_1", addresses(2));
  scene.firewall.free("VI_2", addresses(1));
  scene.firewall.free("VI_2", addresses(1));
  assert.deepEqual(scene.take(), [
    ["+ keepalived vips: 192.0.2.1, 192.0.2.2"],
    ["- keepalived vips: 192.0.2.2"],
    ["- keepalived vips: 192.0.2.1"],
  ]);
});

test("a link-local address is blocked on its interface, by name or by index", async () => {
  for (const usesInterfaceIndex of [true, false]) {
    const scene = new Scene();
    const address = virtualAddress("fe80::1");
    const instance = instanceOf({ acceptMode: false, virtualAddresses: [address] });
    const needs = filterNeeds({ instances: [instance] }, []);
    await scene.firewall.configure({ ...standard, usesInterfaceIndex }, needs);
    scene.take();
    scene.firewall.block("VI_1", [address]);
    const link = usesInterfaceIndex ? "2" : "eth0";
    assert.deepEqual(scene.take(), [[`+ keepalived vips_link_local: fe80::1 . ${link}`]]);
  }
});

test("a new table name takes what is blocked along", async () => {
  const scene = new Scene();
  await scene.firewall.configure(standard, blocking);
  scene.firewall.block("VI_1", addresses(1));
  scene.take();
  await scene.firewall.configure({ ...standard, table: "mine" }, blocking);
  const [made = []] = scene.take();
  assert.ok(made.includes("deleteTable ip keepalived") && made.includes("deleteTable ip mine"));
  assert.equal(made.at(-1), "+ mine vips: 192.0.2.1");
});

test("tables that somebody has flushed are made anew", async () => {
  const scene = new Scene();
  await scene.firewall.configure(standard, blocking);
  scene.take();
  scene.refusals = ["ENOENT"];
  scene.firewall.block("VI_1", addresses(1));
  await turn();
  const [asked, made = []] = scene.take();
  assert.deepEqual(asked, ["+ keepalived vips: 192.0.2.1"]);
  assert.equal(made.at(-1), "+ keepalived vips: 192.0.2.1");
});

test("without copies reports are dropped; without nftables there is one complaint", async () => {
  const vmac = { name: "eth0", hardwareAddress: "00:00:5e:00:01:33", netlinkNotify: false };
  const links = virtualLinksOf({ ...emptyVrrpConfig, instances: [instanceOf({ vmac })] });
  const needs = filterNeeds({ instances: [] }, links);
  const scene = new Scene();
  scene.refusals = ["ENOENT"];
  await scene.firewall.configure(standard, needs);
  assert.equal(scene.take().length, 2);
  scene.firewall.useLinks(links);
  assert.deepEqual(scene.take(), [["+ keepalived vmac_set: 2"]]);
  const other = new Scene();
  other.refusals = ["EOPNOTSUPP", "EOPNOTSUPP"];
  await other.firewall.configure(standard, needs);
  await other.firewall.configure(standard, blocking);
  other.firewall.block("VI_1", addresses(1));
  assert.equal(other.take().length, 2);
  assert.equal(other.logs.length, 1);
  assert.match(other.logs.join(), /EOPNOTSUPP, this kernel has no nftables/);
});
