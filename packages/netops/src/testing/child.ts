// For tests: runs a piece of JavaScript in a Node process of its own, for what ends or changes the
// process.

import { spawnSync } from "node:child_process";

export interface ChildResult {
  /** As the shell tells it: the exit status, or 128 + the signal's number. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `code`, an ES module that finds this package at `@netops`, by the same Node. */
export function runChild(code: string): ChildResult {
  const base = new URL("../", import.meta.url).href;
  const source = code.replaceAll("@netops/", base);
  const script = '"$0" --input-type=module --expose-gc -e "$1"; exit $?';
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, process.execPath, source], {
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  return { status: status ?? -1, stdout, stderr };
}
