// What many instances cost in the steady state: CPU time and memory of all processes of the daemon,
// as a master that sends an advert a second an instance, and as a backup that receives as many.

import { readdirSync, readFileSync } from "node:fs";
import { type InstanceText, vrrpConfigText } from "../lab/config-text.js";
import { type Daemon, runDebianKeepalived } from "../lab/daemon.js";
import type { Host } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { sleep, waitFor } from "../lab/wait.js";
import type { Contender, Measured, Series } from "./contenders.js";

/** Virtual router identifiers of one interface (RFC 9568 section 5.2.3). */
export const PER_INTERFACE = 255;
const SETTLE_MS = 8_000;
const START_LIMIT_MS = 60_000;

export type Role = "master" | "backup";

export function instances(count: number, role: Role): readonly InstanceText[] {
  return Array.from({ length: count }, (_, index) => {
    const segment = Math.floor(index / PER_INTERFACE);
    const virtualRouterId = (index % PER_INTERFACE) + 1;
    return {
      name: `VI_${index}`,
      version: 3,
      state: role === "master" ? "MASTER" : "BACKUP",
      priority: role === "master" ? 255 : 100,
      interface: `eth${segment}`,
      virtualRouterId,
      addresses: [`10.${20 + segment}.${virtualRouterId}.1/32`],
    };
  });
}

/** A host with enough interfaces for so many instances. */
export async function addRouter(
  lab: Lab,
  name: string,
  last: number,
  count: number,
): Promise<Host> {
  const host = await lab.addHost(name);
  for (let index = 0; index * PER_INTERFACE < count; index += 1) {
    const segment = { ...lab.lan, name: `lan${index}` };
    const addresses = [`192.0.${2 + index}.${last}/24`];
    await host.attach({ segment, interface: `eth${index}`, addresses });
  }
  return host;
}

/** CPU time of every thread of every process of the daemon, in milliseconds (schedstat, exact). */
export function cpuMs(daemon: Daemon): number {
  const threads = daemon.processes().flatMap(({ pid }) => {
    const folder = `/proc/${pid}/task`;
    return readdirSync(folder).map((thread) => `${folder}/${thread}/schedstat`);
  });
  const times = threads.map((path) => Number(readFileSync(path, "utf8").split(" ")[0]));
  return times.reduce((sum, value) => sum + value, 0) / 1e6;
}

/** Proportional or resident set size of every process of the daemon, in MB. */
function memoryMb(daemon: Daemon, measure: "Pss" | "Rss"): number {
  const kilobytes = daemon.processes().map(({ pid }) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(new RegExp(`^${measure}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1] ?? Number.NaN);
  });
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024;
}

export async function holdsAll(host: Host, count: number): Promise<boolean> {
  await sleep(500);
  return (await host.addresses()).filter((address) => address.startsWith("10.")).length === count;
}

async function measure(
  contender: Contender,
  role: Role,
  count: number,
  windowMs: number,
): Promise<Measured> {
  const lab = await createLab("load");
  try {
    for (let index = 0; index * PER_INTERFACE < count; index += 1) {
      await lab.addSegment(`lan${index}`);
    }
    const host = await addRouter(lab, "router", 1, count);
    if (role === "backup") {
      const other = await addRouter(lab, "master", 2, count);
      runDebianKeepalived(other, vrrpConfigText(instances(count, "master")), ["-n", "-l", "-G"]);
      await waitFor("the master's addresses", () => holdsAll(other, count), START_LIMIT_MS);
    }
    const daemon = contender.run(host, vrrpConfigText(instances(count, role)));
    const wanted = role === "master" ? count : 0;
    await waitFor("the right state", () => holdsAll(host, wanted), START_LIMIT_MS);
    await sleep(SETTLE_MS);
    const beginMs = performance.now();
    const beginCpuMs = cpuMs(daemon);
    await sleep(windowMs);
    const share = (cpuMs(daemon) - beginCpuMs) / (performance.now() - beginMs);
    if (!(await holdsAll(host, wanted))) throw new Error(`${contender.name} has changed state`);
    return {
      "CPU, % of a core": share * 100,
      "CPU an advert, us": (share * 1e6) / count,
      "memory as PSS, MB": memoryMb(daemon, "Pss"),
      "memory as RSS, MB": memoryMb(daemon, "Rss"),
    };
  } finally {
    await lab.close();
  }
}

export function loadSeries(role: Role, count: number, rounds: number, windowMs: number): Series {
  return {
    benchmark: `${count} instance${count === 1 ? "" : "s"} as ${role}`,
    rounds,
    measure: (contender) => measure(contender, role, count, windowMs),
  };
}
