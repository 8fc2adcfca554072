// The VRRP process on kinds of link that not every kernel has, in User Mode Linux (6.1): it speaks
// by an ipvlan, and a virtual MAC follows its interface into a VRF.

import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { FromVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import { type Step, testInUml } from "../lab/steps.js";
import { waitFor } from "../lab/wait.js";
import { instanceConfig, virtualAddress, vrrpConfig } from "./vrrp-process-driver.js";

const entry: string = fileURLToPath(import.meta.resolve("@keepalived-ts/vrrp/main"));
const vip = "192.0.2.100";
/** The guest is slow, and may have a slow host. */
const patienceMs = 60_000;
const fast = { version: 3, advertIntervalUs: 200_000 } as const;

function ip(words: string): string {
  return execFileSync("ip", words.split(" "), { encoding: "utf8" });
}

/** What the first packet is that matches, as it arrives at the other end of the wire. */
async function heard(filter: string): Promise<string> {
  const argv = ["-nli", "pair1", "-c", "1", filter];
  const { stdout } = await promisify(execFile)("tcpdump", argv, { timeout: patienceMs });
  return stdout;
}

/** As MASTER with these instances; afterwards nothing of it is left. */
async function asMaster(
  instances: readonly VrrpInstanceConfig[],
  check: () => Promise<void> | void,
): Promise<void> {
  const child: ChildProcess = fork(entry);
  const masters = new Set<string>();
  child.on("message", (message: FromVrrp) => {
    if (message.type !== "instanceState") return;
    const { instance, state } = message.snapshot;
    if (state === "MASTER") masters.add(instance);
  });
  const config = vrrpConfig(...instances);
  child.send({ type: "configure", generation: 1, config, resume: [], trackers: [] });
  await waitFor("MASTER", () => masters.size === instances.length, patienceMs);
  await waitFor("the address", () => ip("address show").includes(vip), patienceMs);
  await check();
  child.send({ type: "stop" });
  await once(child, "exit");
}

async function withPair(play: () => Promise<void>): Promise<void> {
  ip("link add eth0 type veth peer name pair1");
  try {
    ip("address add 192.0.2.1/24 dev eth0");
    for (const name of ["eth0", "pair1"]) ip(`link set ${name} up`);
    await play();
  } finally {
    ip("link del eth0");
  }
}

const steps: readonly Step[] = [
  {
    name: "use_ipvlan sends from its own address, and the interface below holds the VIP",
    run: () =>
      withPair(async () => {
        const ipvlan = { name: "ipv0", mode: "private" } as const;
        const ipv4 = instanceConfig({
          ...fast,
          ipvlan: { ...ipvlan, address: "192.0.2.51", prefixLength: 24 },
          sourceAddress: "192.0.2.51",
        });
        const ipv6 = instanceConfig({
          ...fast,
          ...{ name: "VI_6", family: 6, multicastGroup: "ff02::12" },
          ipvlan: { name: "ipv6", mode: "private" },
          virtualAddresses: [virtualAddress("2001:db8::100", { prefixLength: 64 })],
        });
        await asMaster([ipv4, ipv6], async () => {
          assert.match(ip("-d link show dev ipv0"), /ipvlan +mode l2 private /);
          assert.match(ip("address show dev ipv0"), /inet 192\.0\.2\.51\/24 /);
          assert.match(ip("address show dev eth0"), /inet 192\.0\.2\.100\/24 /);
          assert.match(await heard("ip proto 112"), /192\.0\.2\.51 > 224\.0\.0\.18: VRRPv3/);
          const source = /inet6 (fe80\S+)\/64/.exec(ip("address show dev ipv6"))?.[1];
          assert.ok((await heard("ip6 proto 112")).includes(` ${source} > ff02::12: `));
        });
        assert.doesNotMatch(ip("link show"), /ipv\d@/);
      }),
  },
  {
    name: "use_vmac follows its interface into a VRF",
    run: () =>
      withPair(async () => {
        ip("link add red type vrf table 1000");
        ip("link set red up");
        ip("link set eth0 master red");
        const hardwareAddress = "00:00:5e:00:01:33";
        const vmac = { name: "vrrp.51", hardwareAddress, netlinkNotify: false };
        await asMaster([instanceConfig({ ...fast, vmac })], async () => {
          assert.match(ip("-o link show dev vrrp.51"), / master red /);
          assert.match(ip("route show table 1000"), /192\.0\.2\.0\/24 dev vrrp\.51 /);
          assert.match(await heard(`ether src ${hardwareAddress} and ip proto 112`), /VRRPv3/);
        });
        ip("link del red");
      }),
  },
];

await testInUml(import.meta.url, steps, {
  modules: ["macvlan", "ipvlan", "vrf"],
  timeoutS: 240,
});
