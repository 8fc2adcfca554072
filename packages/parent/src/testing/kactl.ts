// A daemon with fake children and an open control socket, and kactl as a user would call it. For
// the tests of this package.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { checkerText, DaemonRun, temporaryFolder, vrrpText } from "./daemon-run.js";

const kactlPath: string = fileURLToPath(new URL("../kactl/main.js", import.meta.url));

/** `globals` are the lines of global_defs. */
export async function startControlled(
  t: TestContext,
  mode = "good",
  globals: readonly string[] = [],
): Promise<DaemonRun> {
  const config = `global_defs {\n${globals.join("\n")}\n}\n${vrrpText}${checkerText}`;
  const run = new DaemonRun(t, temporaryFolder(t), { config, mode });
  await run.prints(/Startup complete/);
  await run.waitFor("the socket", () => existsSync(join(run.folder, "keepalived.sock")));
  return run;
}

export interface Answered {
  readonly status: number | null;
  readonly text: string;
}

/** Waits for its end. */
export function kactl(run: Pick<DaemonRun, "folder">, ...words: string[]): Answered {
  const socket = ["--socket", join(run.folder, "keepalived.sock")];
  const { status, stdout, stderr } = spawnSync(process.execPath, [kactlPath, ...socket, ...words], {
    encoding: "utf8",
  });
  return { status, text: stdout + stderr };
}
