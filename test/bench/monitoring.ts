// What monitoring costs a large router: a walk of all its SNMP objects, scrapes, an open status
// page; and whether the adverts notice. keepalived serves its VRRP objects only, since its checker
// needs the kernel's IPVS; ours has 10,000 real servers beside them.

import { performance } from "node:perf_hooks";
import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import type { Daemon } from "../lab/daemon.js";
import type { Host, Segment } from "../lab/host.js";
import { createLab } from "../lab/lab.js";
import { SnmpLab } from "../lab/snmp.js";
import { sleep, waitFor } from "../lab/wait.js";
import { gapQuantity, punctualityOf } from "./advert-gaps.js";
import type { Contender, Measured, Series } from "./contenders.js";
import { addRouter, cpuMs, holdsAll, instances, PER_INTERFACE } from "./load.js";

const INSTANCES = 1_000;
const VIRTUAL_SERVERS = 2_500;
const SETTLE_MS = 10_000;
const IDLE_MS = 10_000;
const START_LIMIT_MS = 120_000;
const SCRAPES = 5;
const ADDRESS = "192.0.2.1";
const ROOTS = ["1.3.6.1.4.1.9586.100.5", "1.3.6.1.2.1.68", "1.3.6.1.2.1.207"];

function globals({ isOurs }: Contender, socket: string): string[] {
  const asked = [`snmp_socket ${socket}`, "enable_snmp_vrrp", "enable_snmp_rfc"];
  if (!isOurs) return asked;
  return [...asked, "enable_snmp_checker", "lvs_backend none", `monitor_listen ${ADDRESS}`];
}

/** 4 real servers each, on this host itself; the checks stay away, the objects do not. */
function serversText(): string {
  return Array.from({ length: VIRTUAL_SERVERS }, (_, i) => {
    const servers = [1, 2, 3, 4].map((port) => `  real_server ${ADDRESS} ${port} {\n  }\n`);
    const address = `10.${100 + (i >> 8)}.${i & 255}.1`;
    return `virtual_server ${address} 80 {\n  protocol TCP\n${servers.join("")}}\n`;
  }).join("");
}

async function during<Result>(
  segment: Segment,
  when: string,
  work: () => Promise<Result>,
): Promise<[Result, Measured]> {
  const capture = await startCapture(segment, "ip proto 112");
  const result = await work();
  return [result, gapQuantity(when, punctualityOf(await capture.stop()))];
}

async function walked(snmp: SnmpLab): Promise<number> {
  let count = 0;
  for (const root of ROOTS) count += (await snmp.walk(root, "snmpbulkwalk")).size;
  return count;
}

async function scraped(host: Host): Promise<Measured> {
  const times: number[] = [];
  for (let i = 0; i < SCRAPES; i += 1) {
    const from = performance.now();
    await host.must(["curl", "-sf", "-o", "/dev/null", `http://${ADDRESS}:9165/metrics`]);
    times.push(performance.now() - from);
  }
  return { "slowest scrape, ms": Math.max(...times) };
}

interface Monitored {
  readonly contender: Contender;
  readonly host: Host;
  readonly snmp: SnmpLab;
  readonly daemon: Daemon;
}

async function askAll({ contender, host, snmp, daemon }: Monitored): Promise<Measured> {
  const page = contender.isOurs
    ? host.spawn(["curl", "-sN", "-o", "/dev/null", `http://${ADDRESS}:9165/v1/stream`])
    : undefined;
  const from = performance.now();
  const fromCpuMs = cpuMs(daemon);
  const objects = await walked(snmp);
  const walkMs = performance.now() - from;
  const scrapes = contender.isOurs ? await scraped(host) : {};
  const cpuS = (cpuMs(daemon) - fromCpuMs) / 1000;
  page?.kill("SIGKILL");
  return {
    "SNMP objects": objects,
    "walk, s": walkMs / 1000,
    "walk, us an object": (walkMs * 1000) / objects,
    "CPU of all processes, s": cpuS,
    ...scrapes,
  };
}

async function measure(contender: Contender): Promise<Measured> {
  const lab = await createLab("monitoring");
  try {
    const segments: Segment[] = [];
    for (let index = 0; index * PER_INTERFACE < INSTANCES; index += 1) {
      segments.push(await lab.addSegment(`lan${index}`));
    }
    const [first] = segments;
    if (first === undefined) throw new Error("no segment");
    const host = await addRouter(lab, "router", 1, INSTANCES);
    const snmp = new SnmpLab(host);
    await snmp.start();
    const vrrp = vrrpConfigText(instances(INSTANCES, "master"), globals(contender, snmp.socket));
    const daemon = contender.run(host, contender.isOurs ? vrrp + serversText() : vrrp);
    await waitFor("all addresses", () => holdsAll(host, INSTANCES), START_LIMIT_MS);
    await sleep(SETTLE_MS);
    const [, idle] = await during(first, "before", () => sleep(IDLE_MS));
    const monitored = { contender, host, snmp, daemon };
    const [asked, busy] = await during(first, "meanwhile", () => askAll(monitored));
    return { ...idle, ...busy, ...asked };
  } finally {
    await lab.close();
  }
}

export function monitoringSeries(rounds: number): Series {
  return { benchmark: `monitoring of ${INSTANCES} instances`, rounds, measure };
}
