// For tests: moves this process into a network namespace of its own, which ends with the process
// and holds nothing but `lo`. Nothing is mounted and nothing is left behind.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readlinkSync } from "node:fs";
import { enterNetworkNamespace } from "../process/control.js";

/** Commands run later, as by `ip()`, are in the namespace too. `lo` is up. */
export async function enterPrivateNamespace(): Promise<void> {
  const holder = spawn("unshare", ["--net", "sh", "-c", "echo ready; cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  enterNetworkNamespace(`/proc/${holder.pid}/ns/net`);
  holder.stdin.end();
  await once(holder, "exit");
  ip("link set lo up");
}

/** The inode that names the network namespace of this process's main thread. */
export function currentNamespace(): string {
  return readlinkSync("/proc/self/ns/net");
}

/** Runs ip(8) with space-separated words and returns its output. */
export function ip(words: string): string {
  return execFileSync("ip", words.split(" "), { encoding: "utf8" });
}

/** An interface's index. */
export function interfaceIndex(name: string): number {
  return Number.parseInt(ip(`-o link show ${name}`), 10);
}
