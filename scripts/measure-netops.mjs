// What the clients of netops cost that a change of state waits for: links, settings, nftables, the
// process connector. Prints the least, the median and the most of each in microseconds. Measures in
// a network namespace of its own; only processes are listened to where it was started. Decides
// nothing: the figures are in packages/netops/README.md. Run it as root after `npm run build`.

import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { addressChanges, layoutChanges } from "@keepalived-ts/netops/firewall/keepalived-layout";
import { encodeChanges, NftablesClient } from "@keepalived-ts/netops/firewall/nftables-client";
import { LinkSocket } from "@keepalived-ts/netops/netlink/link-socket";
import { RouteSocket } from "@keepalived-ts/netops/netlink/route-socket";
import { ProcessMonitor } from "@keepalived-ts/netops/process/proc-events";
import { eachProcess, readProcessNames } from "@keepalived-ts/netops/process/proc-files";
import { readSysctl, writeSysctl } from "@keepalived-ts/netops/sysctl";

const insideVariable = "KEEPALIVED_TS_MEASURE_INSIDE";
const rounds = 100;

/** Prints what `work` takes; `prepare` goes before each round and is not counted. */
async function measure(what, work, prepare = () => undefined) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    await prepare(round);
    const start = performance.now();
    await work(round);
    times.push(1000 * (performance.now() - start));
  }
  times.sort((a, b) => a - b);
  const figures = [times[0], times[times.length >> 1], times.at(-1)];
  const text = figures.map((figure) => figure.toFixed(0).padStart(8)).join("");
  process.stdout.write(`${what.padEnd(52)}${text}\n`);
}

function check(outcome) {
  const isGood = Array.isArray(outcome)
    ? outcome.every((errno) => errno === null)
    : outcome === null || outcome.ok === true;
  if (!isGood) throw new Error(`Cannot measure: ${JSON.stringify(outcome)}`);
}

async function measureSettings(links) {
  for (const [family, name] of [
    ["ipv4", "arp_ignore"],
    ["ipv4", "rp_filter"],
    ["ipv6", "disable_ipv6"],
  ]) {
    const sysctl = { family, interface: "pair0", name };
    await measure(`/proc/sys: read ${name}`, () => check(readSysctl(sysctl)));
    await measure(`/proc/sys: write ${name}`, (i) => check(writeSysctl(sysctl, i % 2)));
  }
  const target = { name: "pair0" };
  await measure("netlink: set five IPv4 settings", async (i) => {
    const value = i % 2;
    const settings = { arp_ignore: value, arp_filter: value, accept_local: value };
    const change = { ...settings, rp_filter: value, promote_secondaries: value };
    check(await links.apply([{ type: "setIpv4", target, settings: change }]));
  });
}

async function measureLinks(links, parentIndex) {
  const target = { name: "vrrp.51" };
  const hardwareAddress = "00:00:5e:00:01:33";
  const link = { ...target, parentIndex, mode: "private", hardwareAddress };
  const settings = { arp_ignore: 1, accept_local: 1, rp_filter: 0, promote_secondaries: 1 };
  const creation = [
    { type: "addMacvlan", link },
    { type: "setIpv4", target, settings },
    { type: "setAddressGeneration", target, mode: "none" },
    { type: "set", target, settings: { isUp: true } },
  ];
  const remove = () => links.apply([{ type: "delete", target }]);
  await measure(
    "make a macvlan, configure it, bring it up",
    async () => {
      check(await links.apply(creation));
    },
    remove,
  );
  await measure(
    "delete a macvlan that is up",
    async () => check(await remove()),
    () => links.apply(creation),
  );
}

async function measureFirewall() {
  const client = NftablesClient.open();
  const options = { interfacesBy: "index", reports: "move" };
  check(
    await client.apply(layoutChanges({ ...options, hasAddresses: true, hasVirtualMacs: true })),
  );
  for (const count of [1, 100, 1_000]) {
    const blocked = Array.from({ length: count }, (_, i) => ({
      address: `10.${i >> 8}.${i & 255}.1`,
    }));
    const additions = addressChanges("addElements", blocked, "index");
    const removals = addressChanges("deleteElements", blocked, "index");
    const [add, remove] = [encodeChanges(additions), encodeChanges(removals)];
    const applied = (changes) => client.applyEncoded(changes).then(check);
    const empty = (round) => (round === 0 ? undefined : client.applyEncoded(remove));
    await measure(`nftables: block ${count}`, () => client.apply(additions).then(check), empty);
    await measure(
      `nftables: block ${count}, encoded before`,
      () => applied(add),
      () => applied(remove),
    );
    await measure(
      `nftables: free ${count}, encoded before`,
      () => applied(remove),
      () => client.applyEncoded(add),
    );
  }
  client.close();
}

async function measureProcesses() {
  const none = () => undefined;
  const handlers = { happened: none, overran: none, failed: none };
  const monitor = await ProcessMonitor.open(handlers, { events: ["exec", "exit", "comm"] });
  await measure("hear of a process that comes and goes", async () => {
    spawnSync("true");
    await new Promise((resolve) => setImmediate(resolve));
  });
  monitor.close();
  await measure("the same without a monitor", () => spawnSync("true"));
  let count = 0;
  eachProcess(() => count++);
  await measure(`read the names of ${count} processes`, () => eachProcess(readProcessNames));
}

async function measureInside() {
  const ip = (words) => execFileSync("ip", words.split(" "));
  ip("link add pair0 type veth peer name pair1");
  for (const name of ["lo", "pair0", "pair1"]) ip(`link set ${name} up`);
  const routes = RouteSocket.open();
  const parent = (await routes.links()).find(({ name }) => name === "pair0");
  routes.close();
  const links = LinkSocket.open();
  await measureSettings(links);
  await measureLinks(links, parent.index);
  links.close();
  await measureFirewall();
}

if (process.env[insideVariable] !== undefined) await measureInside();
else {
  process.stdout.write(`${"microseconds".padEnd(52)}   least  median    most\n`);
  await measureProcesses();
  const argv = ["--net", process.execPath, fileURLToPath(import.meta.url)];
  const env = { ...process.env, [insideVariable]: "1" };
  execFileSync("unshare", argv, { env, stdio: "inherit" });
}
