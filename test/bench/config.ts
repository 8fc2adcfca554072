// How long `-t` takes, exec to exit, and the memory it needs: on a small file, on many virtual
// servers, on many instances, and on instances made by nested ~SEQ.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLab } from "../lab/lab.js";
import { realtimeUs, sleep } from "../lab/wait.js";
import type { Contender, Measured, Series } from "./contenders.js";

const POLL_MS = 2;

export interface ConfigLoad {
  readonly name: string;
  readonly text: string;
  /** Interfaces eth0 to eth`links - 1` exist. */
  readonly links: number;
  /** Debian's keepalived 2.2.7 is quadratic in instances: 65,024 take it more than six minutes. */
  readonly isOursOnly?: boolean;
}

export const configLoads: readonly ConfigLoad[] = [
  { name: "small", text: instanceText("VI_1", 51, "192.0.2.100"), links: 1 },
  { name: "10,000 x 4 servers", text: serversText(10_000), links: 1 },
  { name: "1,000 instances", text: instancesText(1_000), links: 4 },
  { name: "8,128 by ~SEQ", text: sequenceText(32, 254), links: 32 },
  { name: "65,024 by ~SEQ", text: sequenceText(256, 254), links: 256, isOursOnly: true },
];

function instanceText(name: string, id: number, address: string, device = "eth0"): string {
  return `vrrp_instance ${name} {
    interface ${device}
    virtual_router_id ${id}
    priority 100
    advert_int 1
    virtual_ipaddress {
        ${address}/32
    }
}
`;
}

/** One VRID may stand once an interface and family, so that 254 instances share an interface. */
function instancesText(count: number): string {
  const blocks = Array.from({ length: count }, (_, i) => {
    const device = `eth${Math.floor(i / 254)}`;
    const address = `10.${Math.floor(i / 254)}.${i % 254}.1`;
    return instanceText(`VI_${i}`, (i % 254) + 1, address, device);
  });
  return blocks.join("");
}

function serversText(count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const high = i >> 8;
    const low = i & 255;
    const servers = [1, 2, 3, 4].map(
      (server) => `    real_server 10.${100 + high}.${low}.${server} 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
        }
    }
`,
    );
    return `virtual_server 10.${high}.${low}.1 80 {
    delay_loop 6
    lb_algo rr
    lb_kind NAT
    protocol TCP
${servers.join("")}}
`;
  }).join("");
}

/** Interfaces eth0 to eth`links - 1`, each with `ids` virtual routers. */
function sequenceText(links: number, ids: number): string {
  const body = [
    "vrrp_instance VI_$link_$id {",
    "interface eth$link",
    "virtual_router_id $id",
    "priority 100",
    "virtual_ipaddress {",
    "10.$link.$id.1/32",
    "}",
    "}",
  ];
  const text = body
    .join(" \\\n")
    .replace(/\$(\w+?)(?=[_. \n])/g, (_, name: string) => `\${${name}}`);
  return `$INSTANCE=${text}\n~SEQ(link, 0, ${links - 1}) ~SEQ(id, 1, ${ids}) $INSTANCE\n`;
}

async function measure(contender: Contender, load: ConfigLoad): Promise<Measured> {
  if (load.isOursOnly && !contender.isOurs) return {};
  const lab = await createLab("config");
  try {
    const host = await lab.addHost("router", { address: "192.0.2.1/24" });
    const others = Array.from({ length: load.links - 1 }, (_, i) => i + 1);
    const batch = others.map((n) => `link add eth${n} type veth peer name peer${n}\n`);
    await host.must(["ip", "-batch", "-"], { input: batch.join("") });
    const path = join(lab.scratch, "keepalived.conf");
    writeFileSync(path, load.text, { mode: 0o644 });
    const beginUs = realtimeUs();
    const child = host.spawn([contender.command, "-t", "-f", path], { stdio: "ignore" });
    let endUs: number | undefined;
    child.once("exit", () => {
      endUs = realtimeUs();
    });
    let peakKb = 0;
    while (endUs === undefined) {
      peakKb = Math.max(peakKb, peakMemoryKb(child.pid));
      await sleep(POLL_MS);
    }
    return { "-t, ms": (endUs - beginUs) / 1000, "peak memory, MB": peakKb / 1024 };
  } finally {
    await lab.close();
  }
}

/** The largest resident size so far; 0 once the process is gone. */
function peakMemoryKb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  } catch {
    // It has just ended.
    return 0;
  }
}

export function configSeries(load: ConfigLoad, rounds: number): Series {
  return {
    benchmark: `-t of ${load.name}`,
    rounds,
    measure: (contender) => measure(contender, load),
  };
}
