// Tries every realistic configuration once, in namespaces, and returns what came of each.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { realisticFolder } from "./realistic-files.js";
import { makeHost } from "./realistic-host.js";

export interface Outcome {
  readonly name: string;
  /** Of `keepalived -t`. */
  readonly theirStatus: number;
  readonly theirWords: string;
  /** Of `keepalived-ts -t`. */
  readonly ourStatus: number;
  readonly ourWords: string;
  readonly config: Config | undefined;
  /** "" if the configuration comes back from its own print. */
  readonly lostInPrint: string;
  /** Whether the formatted text loads to the same. */
  readonly isFormatSafe: boolean;
  /** What Debian's VRRP process holds; "" if it did not start. */
  readonly dump: string;
  readonly log: string;
}

const worker: string = fileURLToPath(new URL("realistic-worker.js", import.meta.url));
const answerMax = 64 * 1024 * 1024;

/** All of them, or those with these names. */
export function tryRealisticFiles(...names: readonly string[]): Outcome[] {
  const script = `${makeHost}exec "\${@:2}"`;
  const inside = [
    "bash",
    "-c",
    script,
    "bash",
    realisticFolder,
    process.execPath,
    worker,
    ...names,
  ];
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync("unshare", ["--net", "--mount", ...inside], {
    encoding: "utf8",
    env,
    maxBuffer: answerMax,
  });
  if (status !== 0) throw new Error(`The worker ended with ${status}\n${stderr}`);
  return JSON.parse(stdout);
}
