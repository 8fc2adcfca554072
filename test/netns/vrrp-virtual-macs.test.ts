// The links that the VRRP process makes for `use_vmac`, on a real kernel: they outlive the process
// that is killed, come back when they or the interface below are gone, and go when nobody wants
// them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Host } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { waitFor } from "../lab/wait.js";
import { instanceConfig, VrrpChild, vrrpConfig } from "./vrrp-process-driver.js";

const vip = "192.0.2.100";
const hardwareAddress = "00:00:5e:00:01:33";
const fast = { version: 3, advertIntervalUs: 100_000 } as const;

interface IpLink {
  readonly ifname: string;
  readonly ifindex: number;
  readonly address: string;
  readonly addr_info: readonly { readonly local: string }[];
}

function withVmac(name: string, changes: Partial<VrrpInstanceConfig> = {}): VrrpInstanceConfig {
  return instanceConfig({
    ...fast,
    vmac: { name, hardwareAddress, netlinkNotify: false },
    ...changes,
  });
}

async function links(host: Host): Promise<readonly IpLink[]> {
  return JSON.parse(await host.ip("-j", "address", "show")) as readonly IpLink[];
}

/** The link when it holds the address. */
async function holder(host: Host, name: string): Promise<IpLink> {
  return await waitFor(`${vip} on ${name}`, async () => {
    const link = (await links(host)).find(({ ifname }) => ifname === name);
    return link?.addr_info.some(({ local }) => local === vip) === true ? link : null;
  });
}

async function namesOf(host: Host): Promise<readonly string[]> {
  return (await links(host)).map(({ ifname }) => ifname);
}

async function withHost(play: (host: Host, lab: Lab) => Promise<void>): Promise<void> {
  const lab = await createLab("vmac-process");
  try {
    await play(await lab.addHost("router", { address: "192.0.2.1/24" }), lab);
  } finally {
    await lab.close();
  }
}

test("a killed process leaves its virtual MAC, and its successor goes on with it", async () => {
  await withHost(async (host) => {
    const first = new VrrpChild(host);
    await first.configure(vrrpConfig(withVmac("vrrp.51")));
    const made = await holder(host, "vrrp.51");
    await first.waitForState("MASTER");
    await first.kill();
    const second = new VrrpChild(host);
    await second.configure(vrrpConfig(withVmac("vrrp.51")), first.snapshots());
    await second.waitForState("MASTER");
    const kept = await holder(host, "vrrp.51");
    assert.equal(kept.ifindex, made.ifindex);
    assert.equal(await second.stop(), 0);
    assert.deepEqual(await namesOf(host), ["lo", "eth0"]);
  });
});

test("a virtual MAC that somebody deletes is made anew, and so is one of a new eth0", async () => {
  await withHost(async (host, lab) => {
    const child = new VrrpChild(host);
    await child.configure(vrrpConfig(withVmac("vrrp.51")));
    const made = await holder(host, "vrrp.51");
    await host.ip("link", "delete", "vrrp.51");
    const again = await holder(host, "vrrp.51");
    assert.notEqual(again.ifindex, made.ifindex);
    assert.equal(again.address, hardwareAddress);
    await host.ip("link", "set", "vrrp.51", "down");
    await holder(host, "vrrp.51");
    await host.ip("link", "delete", "eth0");
    await waitFor("no links", async () => (await namesOf(host)).length === 1);
    await host.attach({ segment: lab.lan, interface: "eth0", addresses: ["192.0.2.1/24"] });
    assert.notEqual((await holder(host, "vrrp.51")).ifindex, again.ifindex);
    assert.equal(await child.stop(), 0);
    assert.deepEqual(await namesOf(host), ["lo", "eth0"]);
  });
});

test("a reload moves the address to another virtual MAC, and back to the interface", async () => {
  await withHost(async (host) => {
    const child = new VrrpChild(host);
    await child.configure(vrrpConfig(withVmac("vrrp.51")));
    await child.waitForState("MASTER");
    await holder(host, "vrrp.51");
    await child.configure(vrrpConfig(withVmac("vmac0", { vmacTransmitBase: true })));
    const other = await holder(host, "vmac0");
    assert.equal(other.address, hardwareAddress);
    await waitFor("the first link gone", async () => !(await namesOf(host)).includes("vrrp.51"));
    await child.configure(vrrpConfig(instanceConfig(fast)));
    await holder(host, "eth0");
    await waitFor("the second link gone", async () => !(await namesOf(host)).includes("vmac0"));
    await child.configure(vrrpConfig(withVmac("vrrp.51")));
    await holder(host, "vrrp.51");
    await child.configure(vrrpConfig());
    await waitFor("the last link gone", async () => (await namesOf(host)).length === 2, 15_000);
    assert.equal(await child.stop(), 0);
  });
});

test("a link of another kind that has the name is a fault, and stays", async () => {
  await withHost(async (host) => {
    await host.ip("link", "add", "vrrp.51", "type", "veth", "peer", "name", "other");
    await host.ip("link", "set", "vrrp.51", "up");
    await host.ip("link", "set", "other", "up");
    const child = new VrrpChild(host);
    await child.configure(vrrpConfig(withVmac("vrrp.51")));
    await child.waitForState("FAULT");
    assert.equal(await child.stop(), 0);
    assert.ok((await namesOf(host)).includes("vrrp.51"));
    assert.match(child.logTexts().join("\n"), /one that is not ours has the name/);
  });
});
