// The processes that this one has started and that have not ended, whoever knows of them: proc(5),
// /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN, which Debian has).

import { readdirSync, readFileSync } from "node:fs";

const pollMs = 10;
const patienceMs = 500;
/** After SIGKILL; a process that hangs in the kernel is left behind. */
const lastMs = 200;

export function ownChildren(): number[] {
  try {
    return readdirSync("/proc/self/task").flatMap((thread) => childrenOf(thread));
  } catch {
    return [];
  }
}

/** Resolves when there are none; those that take long are killed. */
export async function childlessness(): Promise<void> {
  if (await haveEnded(patienceMs)) return;
  for (const pid of ownChildren()) kill(pid);
  await haveEnded(lastMs);
}

function childrenOf(thread: string): number[] {
  try {
    const text = readFileSync(`/proc/self/task/${thread}/children`, "latin1").trim();
    return text === "" ? [] : text.split(" ").map(Number);
  } catch {
    // A thread that has just ended.
    return [];
  }
}

async function haveEnded(limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; ownChildren().length > 0; waitedMs += pollMs) {
    if (waitedMs >= limitMs) return false;
    await new Promise((wake) => setTimeout(wake, pollMs));
  }
  return true;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
    return;
  }
}
