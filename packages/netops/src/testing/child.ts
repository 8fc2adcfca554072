// For tests: runs a piece of JavaScript in a Node process of its own, for what ends or changes the
// process.

import { spawnSync } from "node:child_process";

export interface ChildResult {
  /** As the shell tells it: the exit status, or 128 + the signal's number. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildSurroundings {
  readonly environment?: NodeJS.ProcessEnv;
  /** A command that runs the words after it, as setpriv does. */
  readonly prefix?: readonly string[];
}

/** Runs `code`, an ES module that finds this package at `@netops`, by the same Node. */
export function runChild(code: string, surroundings: ChildSurroundings = {}): ChildResult {
  const base = new URL("../", import.meta.url).href;
  const source = code.replaceAll("@netops/", base);
  const { prefix = [], environment = {} } = surroundings;
  const words = [...prefix, process.execPath, "--input-type=module", "--expose-gc", "-e", source];
  const { status, stdout, stderr } = spawnSync("sh", ["-c", '"$@"; exit $?', "sh", ...words], {
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...environment },
  });
  return { status: status ?? -1, stdout, stderr };
}
