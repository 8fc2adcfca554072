// What many instances cost in the steady state: CPU time and memory of all processes of the daemon,
// as a master that sends an advert an interval and instance, and as a backup that receives as many;
// and how often it changes state meanwhile, which should be never.

import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
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

export interface Load {
  readonly role: Role;
  readonly count: number;
  /** Seconds. */
  readonly intervalS: number;
  /** Beside two busy loops, with real-time priority. */
  readonly isHogged?: boolean;
}

export function instances(count: number, role: Role, advertInterval = 1): readonly InstanceText[] {
  return Array.from({ length: count }, (_, index) => {
    const segment = Math.floor(index / PER_INTERFACE);
    const virtualRouterId = (index % PER_INTERFACE) + 1;
    return {
      name: `VI_${index}`,
      version: 3,
      state: role === "master" ? "MASTER" : "BACKUP",
      priority: role === "master" ? 255 : 100,
      interface: `eth${segment}`,
      advertInterval,
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
export function memoryMb(daemon: Daemon, measure: "Pss" | "Rss"): number {
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

/** How often the daemon has said that an instance changes its state. */
export function transitions(daemon: Daemon): number {
  return daemon.log().match(/Entering (MASTER|BACKUP|FAULT) STATE/g)?.length ?? 0;
}

function globals({ isHogged }: Load): string[] {
  return isHogged === true ? ["vrrp_rt_priority 50", "vrrp_rlimit_rttime 1000000"] : [];
}

async function measure(contender: Contender, load: Load, windowMs: number): Promise<Measured> {
  const { role, count, intervalS } = load;
  const lab = await createLab("load");
  const hogs: ChildProcess[] = [];
  try {
    for (let index = 0; index * PER_INTERFACE < count; index += 1) {
      await lab.addSegment(`lan${index}`);
    }
    const text = (of: Role): string =>
      vrrpConfigText(instances(count, of, intervalS), globals(load));
    const host = await addRouter(lab, "router", 1, count);
    if (role === "backup") {
      const other = await addRouter(lab, "master", 2, count);
      runDebianKeepalived(other, text("master"), ["-n", "-l", "-G"]);
      await waitFor("the master's addresses", () => holdsAll(other, count), START_LIMIT_MS);
    }
    const daemon = contender.run(host, text(role));
    const wanted = role === "master" ? count : 0;
    await waitFor("the right state", () => holdsAll(host, wanted), START_LIMIT_MS);
    await sleep(SETTLE_MS);
    for (let i = 0; load.isHogged === true && i < cpus().length; i += 1) hogs.push(busyLoop());
    const beginMs = performance.now();
    const beginCpuMs = cpuMs(daemon);
    const before = transitions(daemon);
    await sleep(windowMs);
    const share = (cpuMs(daemon) - beginCpuMs) / (performance.now() - beginMs);
    return {
      "CPU, % of a core": share * 100,
      "CPU an advert, us": (share * 1e6 * intervalS) / count,
      "memory as PSS, MB": memoryMb(daemon, "Pss"),
      "memory as RSS, MB": memoryMb(daemon, "Rss"),
      "changes of state": transitions(daemon) - before,
    };
  } finally {
    for (const hog of hogs) hog.kill("SIGKILL");
    await lab.close();
  }
}

/** A process of normal priority that computes until it is killed. */
export function busyLoop(): ChildProcess {
  return spawn("bash", ["-c", "while :; do :; done"], { stdio: "ignore" });
}

export function loadSeries(load: Load, rounds: number, windowMs: number): Series {
  const { role, count, intervalS, isHogged } = load;
  const beside = isHogged === true ? ", beside busy loops" : "";
  const every = intervalS === 1 ? "" : ` at ${intervalS} s`;
  return {
    benchmark: `${count} instance${count === 1 ? "" : "s"} as ${role}${every}${beside}`,
    rounds,
    measure: (contender) => measure(contender, load, windowMs),
  };
}
