// How many TCP probes a second one core carries, and for how long: a checker bound to one processor
// with twelve thousand real servers at delay_loop 1, without a kernel load balancer. Debian's
// keepalived cannot run without one, so it has no figures here; `scripts/bench checks` has both.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, PROJECT_ROOT } from "../lab/daemon.js";
import { createLab } from "../lab/lab.js";
import { sleep, waitFor } from "../lab/wait.js";
import type { Contender, Measured, Series } from "./contenders.js";

const SERVERS = 12_000;
const PER_SERVICE = 100;
const PORT = 8080;
const START_LIMIT_MS = 60_000;
/** Until every server was asked at least twice. */
const SETTLE_MS = 5_000;

function configText(): string {
  const services = Array.from({ length: SERVERS / PER_SERVICE }, (_, service) => {
    const servers = Array.from({ length: PER_SERVICE }, (__, server) => {
      const number = service * PER_SERVICE + server;
      const address = `127.1.${number >> 8}.${number & 255}`;
      return `  real_server ${address} ${PORT} {\n    TCP_CHECK {\n    }\n  }`;
    });
    return `virtual_server 192.0.2.${service + 1} 80 {
  delay_loop 1
  warmup 1
  lb_algo rr
  lb_kind NAT
  protocol TCP
${servers.join("\n")}
}`;
  });
  const globals = "global_defs {\n  lvs_backend none\n  checker_cpu_affinity 0\n}";
  return `${globals}\n${services.join("\n")}\n`;
}

interface Histogram {
  readonly count: number;
  readonly sumS: number;
  /** Upper bound in seconds to the probes that took no longer. */
  readonly buckets: ReadonlyMap<number, number>;
}

async function durations(daemon: Daemon): Promise<Histogram> {
  const socket = daemon.path("/run/keepalived.sock");
  const argv = ["curl", "-s", "--unix-socket", socket, "http://localhost/metrics"];
  const text = await daemon.host.must(argv);
  const value = (name: string): number =>
    Number(
      new RegExp(`^keepalived_check_duration_seconds_${name}\\{[^}]*\\} (.*)$`, "m").exec(
        text,
      )?.[1],
    );
  const bucket = /^keepalived_check_duration_seconds_bucket\{.*le="([^"]+)"\} (\d+)$/gm;
  const buckets = new Map([...text.matchAll(bucket)].map(([, le, n]) => [Number(le), Number(n)]));
  return { count: value("count"), sumS: value("sum"), buckets };
}

/** The bound of the bucket that the quantile falls into, in milliseconds. */
function quantileMs(before: Histogram, after: Histogram, quantile: number): number {
  const wanted = (after.count - before.count) * quantile;
  for (const [bound, count] of after.buckets) {
    if (count - (before.buckets.get(bound) ?? 0) >= wanted) return bound * 1_000;
  }
  return Number.NaN;
}

function cpuMsOf(pid: number): number {
  const folder = `/proc/${pid}/task`;
  const times = readdirSync(folder).map((thread) =>
    Number(readFileSync(`${folder}/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

function residentMb(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) / 1024;
}

async function measure({ isOurs, run }: Contender, windowMs: number): Promise<Measured> {
  if (!isOurs) return {};
  const lab = await createLab("probes");
  try {
    const host = await lab.addHost("balancer");
    await host.ip("link", "set", "lo", "up");
    await host.ip("address", "add", "127.1.0.0/16", "dev", "lo");
    const acceptor = join(lab.scratch, "acceptor");
    const source = join(PROJECT_ROOT, "test/lab/native/acceptor.c");
    execFileSync("cc", ["-O1", "-o", acceptor, source]);
    host.spawn([acceptor, `${PORT}`], { stdio: "ignore" });
    const daemon = run(host, configText());
    await daemon.waitForLog(/Startup complete/, START_LIMIT_MS);
    const pid = await waitFor("the checker", () => daemon.pidIn("/run/checkers.pid"));
    await sleep(SETTLE_MS);
    const [before, cpuBefore, memoryBefore] = [
      await durations(daemon),
      cpuMsOf(pid),
      residentMb(pid),
    ];
    const from = performance.now();
    await sleep(windowMs);
    const [after, cpuAfter] = [await durations(daemon), cpuMsOf(pid)];
    const elapsedMs = performance.now() - from;
    const probes = after.count - before.count;
    return {
      "probes a second": (probes / elapsedMs) * 1_000,
      "CPU of the checker, %": ((cpuAfter - cpuBefore) / elapsedMs) * 100,
      "CPU a probe, us": ((cpuAfter - cpuBefore) / probes) * 1_000,
      "latency, mean, ms": ((after.sumS - before.sumS) / probes) * 1_000,
      "latency, median at most, ms": quantileMs(before, after, 0.5),
      "latency, 99 % at most, ms": quantileMs(before, after, 0.99),
      "latency, 99.99 % at most, ms": quantileMs(before, after, 0.9999),
      "resident at first, MB": memoryBefore,
      "resident at last, MB": residentMb(pid),
    };
  } finally {
    await lab.close();
  }
}

export function probesSeries(rounds: number, windowMs: number): Series {
  return {
    benchmark: `${SERVERS} TCP checks at delay_loop 1 on one core`,
    rounds,
    measure: (contender) => measure(contender, windowMs),
  };
}
