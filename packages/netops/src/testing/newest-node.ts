// For tests: the newest long-term Node, as an npm package in test/node-latest. It is not a
// dependency of the workspace, where npm would put its `node` before the user's in every script's
// PATH.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";

const folder: string = fileURLToPath(new URL("../../../../test/node-latest", import.meta.url));

/** The path of its executable; installed, as locked, when this is the first use. */
export function newestNode(): string {
  const executable = `${folder}/node_modules/node-linux-${process.arch}/bin/node`;
  if (existsSync(executable)) return executable;
  const args = ["ci", "--prefix", folder, "--no-bin-links", "--no-audit", "--no-fund"];
  const { stderr } = spawnSync("npm", args, { encoding: "utf8" });
  if (existsSync(executable)) return executable;
  throw new KeepalivedError("NODE_UNAVAILABLE", `Cannot install ${executable}: ${stderr}`);
}
