// Decides which namespaces and folders belong to which test process, and removes what a process has
// left that ended without tidying up. The owner's pid and start time are part of each name, so that
// nothing of a living process, and nothing of anybody else, is ever touched.

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { outputNow } from "./command.js";
import { sleep } from "./wait.js";

const PREFIX = "kalab";
const NAME_PATTERN: RegExp = /^kalab-(\d+)-(\d+)-/;
const NAMESPACE_FOLDER = "/run/netns";
/** Not /tmp: the daemons under test get an empty one of their own. */
const SCRATCH_FOLDER = "/var/tmp/keepalived-ts-lab";
/** A process killed by SIGKILL is gone within milliseconds; this is 2 s. */
const KILL_ROUNDS_MAX = 400;
const KILL_ROUND_MS = 5;

/** Start time of a process in clock ticks since boot (proc(5), field 22 of stat), or null. */
function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

let labCount = 0;

/** A name no other laboratory has; what belongs to it starts with it. */
export function claimLabId(label: string): string {
  if (!/^[a-z0-9-]{1,40}$/.test(label)) {
    throw new KeepalivedError("LAB_NAME", `Cannot name a lab "${label}": want a-z, 0-9 and -`);
  }
  labCount += 1;
  return `${PREFIX}-${process.pid}-${startTicks(process.pid) ?? "0"}-${labCount}-${label}`;
}

export function createScratch(labId: string): string {
  const folder = join(SCRATCH_FOLDER, labId);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The folder is made by its first user.
    return [];
  }
}

function isOrphan(name: string): boolean {
  const match = NAME_PATTERN.exec(name);
  if (match === null) return false;
  return startTicks(Number(match[1])) !== match[2];
}

function namespaceExists(namespace: string): boolean {
  return entries(NAMESPACE_FOLDER).includes(namespace);
}

/** Kills every process in the namespace; true when none was left to kill. */
function killProcesses(namespace: string): boolean {
  const pids = outputNow(["ip", "netns", "pids", namespace]).split("\n").filter(Boolean);
  for (const pid of pids) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return pids.length === 0;
}

/** Ends everything that runs in the namespaces and removes them. */
export async function removeNamespaces(namespaces: readonly string[]): Promise<void> {
  for (const namespace of namespaces.filter(namespaceExists)) {
    for (let round = 0; round < KILL_ROUNDS_MAX; round += 1) {
      if (killProcesses(namespace)) break;
      await sleep(KILL_ROUND_MS);
    }
    outputNow(["ip", "netns", "delete", namespace]);
  }
}

/** The same without waiting, for the end of the process. */
export function removeLabNow(labId: string): void {
  for (const namespace of entries(NAMESPACE_FOLDER).filter((name) => name.startsWith(labId))) {
    killProcesses(namespace);
    outputNow(["ip", "netns", "delete", namespace]);
  }
  removeScratch(labId);
}

export function removeScratch(labId: string): void {
  rmSync(join(SCRATCH_FOLDER, labId), { recursive: true, force: true });
}

/** Removes whatever belongs to owners that are dead. Called before each new laboratory. */
export async function removeLeftovers(): Promise<void> {
  await removeNamespaces(entries(NAMESPACE_FOLDER).filter(isOrphan));
  for (const name of entries(SCRATCH_FOLDER).filter(isOrphan)) removeScratch(name);
}
