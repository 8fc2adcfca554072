// What a process does, by /proc/PID/stat (proc(5)). Judges nothing.

import { readFileSync } from "node:fs";
import type { ChildSight } from "../core/event.js";

/** USER_HZ, the clock ticks a second in /proc, is 100 wherever Node runs on Linux. */
const tickUs = 10_000;

const states: Readonly<Record<string, ChildSight["state"]>> = {
  R: "running",
  S: "sleeping",
  T: "stopped",
};

/** Undefined when the process is gone. */
export function processSight(pid: number): ChildSight | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // Fields from the third on; the name before them may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = ""] = fields;
  if (state === "Z" || state === "X") return undefined;
  const ticks = Number(fields[14 - 3]) + Number(fields[15 - 3]);
  return { state: states[state] ?? "held", cpuUs: ticks * tickUs };
}
