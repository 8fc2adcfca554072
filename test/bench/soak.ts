// A long run: the same daemon as master and as backup of 255 instances at 0.01 s on one machine,
// alone and beside busy loops, with real-time priority and locked memory. How often a state changed
// that should not, what became of the memory, how late adverts left (ours tells it by itself).
//
// KEEPALIVED_SOAK_MINUTES says how long each contender runs, 1 by default;
// KEEPALIVED_SOAK_THEIR_MINUTES how long the one that is not ours does.

import type { ChildProcess } from "node:child_process";
import { cpus } from "node:os";
import { startCapture } from "../lab/capture.js";
import { vrrpConfigText } from "../lab/config-text.js";
import type { Daemon } from "../lab/daemon.js";
import type { Segment } from "../lab/host.js";
import { createLab, type Lab } from "../lab/lab.js";
import { sleep, waitFor } from "../lab/wait.js";
import { gapQuantity, punctualityOf } from "./advert-gaps.js";
import type { Contender, Measured, Series } from "./contenders.js";
import { addRouter, busyLoop, cpuMs, holdsAll, instances, memoryMb, transitions } from "./load.js";

const COUNT = 255;
const INTERVAL_S = 0.01;
const SETTLE_MS = 10_000;
const START_LIMIT_MS = 60_000;
/** A capture of all of it would fill the disk: the last seconds stand for the rest. */
const SAMPLE_MS = 5_000;
const minutesOf = ({ isOurs }: Contender): number =>
  Number(
    (isOurs ? undefined : process.env["KEEPALIVED_SOAK_THEIR_MINUTES"]) ??
      process.env["KEEPALIVED_SOAK_MINUTES"] ??
      "1",
  );

interface Pair {
  readonly segment: Segment;
  readonly master: Daemon;
  readonly backup: Daemon;
}

async function startPair(lab: Lab, contender: Contender): Promise<Pair> {
  const segment = await lab.addSegment("lan0");
  const globals = ["vrrp_rt_priority 50", "vrrp_rlimit_rttime 1000000", "vrrp_no_swap"];
  const text = (role: "master" | "backup"): string => {
    const list = instances(COUNT, role, INTERVAL_S);
    return vrrpConfigText(list, globals);
  };
  const first = await addRouter(lab, "master", 1, COUNT);
  const second = await addRouter(lab, "backup", 2, COUNT);
  const master = contender.run(first, text("master"));
  await waitFor("the master's addresses", () => holdsAll(first, COUNT), START_LIMIT_MS);
  const backup = contender.run(second, text("backup"));
  await waitFor("the backup", () => /BACKUP STATE/.test(backup.log()), START_LIMIT_MS);
  return { segment, master, backup };
}

function figures({ master, backup }: Pair): Measured {
  return {
    "memory of the master as PSS, MB": memoryMb(master, "Pss"),
    "memory of the backup as PSS, MB": memoryMb(backup, "Pss"),
  };
}

/** The histogram that the daemon keeps of its adverts, since the start. */
async function printLateness(daemon: Daemon): Promise<void> {
  const socket = daemon.path("/run/keepalived.sock");
  const argv = ["curl", "-s", "--unix-socket", socket, "http://localhost/metrics"];
  const text = await daemon.host.must(argv);
  const lines = text
    .split("\n")
    .filter((line) => /^keepalived_advert_lateness|_delay_max/.test(line));
  process.stderr.write(`${lines.join("\n")}\n`);
}

function renamed(measured: Measured, suffix: string): Measured {
  return Object.fromEntries(Object.entries(measured).map(([k, v]) => [`${k} ${suffix}`, v]));
}

async function measure(contender: Contender, isHogged: boolean): Promise<Measured> {
  const lab = await createLab("soak");
  const hogs: ChildProcess[] = [];
  try {
    const pair = await startPair(lab, contender);
    await sleep(SETTLE_MS);
    const before = figures(pair);
    const changesBefore = transitions(pair.master) + transitions(pair.backup);
    for (let i = 0; isHogged && i < cpus().length; i += 1) hogs.push(busyLoop());
    const cpuBefore = { master: cpuMs(pair.master), backup: cpuMs(pair.backup) };
    const minutes = minutesOf(contender);
    const durationMs = minutes * 60_000;
    await sleep(durationMs);
    if (contender.isOurs) await printLateness(pair.master);
    const share = (daemon: Daemon, from: number): number =>
      ((cpuMs(daemon) - from) / durationMs) * 100;
    const cpu = {
      "CPU of the master, %": share(pair.master, cpuBefore.master),
      "CPU of the backup, %": share(pair.backup, cpuBefore.backup),
    };
    const capture = await startCapture(pair.segment, "ip proto 112");
    await sleep(SAMPLE_MS);
    const punctuality = punctualityOf(await capture.stop());
    return {
      minutes,
      "changes of state": transitions(pair.master) + transitions(pair.backup) - changesBefore,
      ...cpu,
      ...renamed(before, "at first"),
      ...renamed(figures(pair), "at last"),
      ...gapQuantity("in the last 5 s", punctuality),
    };
  } finally {
    for (const hog of hogs) hog.kill("SIGKILL");
    await lab.close();
  }
}

export function soakSeries(isHogged: boolean): Series {
  const beside = isHogged ? "beside busy loops" : "alone";
  return {
    benchmark: `${COUNT} instances at ${INTERVAL_S} s, master and backup, ${beside}`,
    rounds: 1,
    measure: (contender) => measure(contender, isHogged),
  };
}
