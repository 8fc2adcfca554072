// Runs inside a namespace (realistic-run.ts): what `keepalived -t` and our loader say of each
// realistic file on the same host, and what Debian's VRRP process holds when it runs it. One JSON
// document on stdout.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { hostFacts } from "@keepalived-ts/parent/edge/host-facts";
import { configExitCode } from "@keepalived-ts/shared-config/schema/exit-code";
import { type LoadResult, loadConfig } from "@keepalived-ts/shared-config/schema/load";
import { printConfig } from "@keepalived-ts/shared-config/schema/print-config";
import { memoryLoader } from "@keepalived-ts/shared-config/testing/memory-loader";
import { parseDocument } from "@keepalived-ts/shared-config/text/document";
import { fileLoader } from "@keepalived-ts/shared-config/text/file-loader";
import { formatDocument } from "@keepalived-ts/shared-config/text/format";
import type { Loader } from "@keepalived-ts/shared-config/text/loader";
import { renderDiagnostics } from "@keepalived-ts/shared-config/text/render";
import {
  installedFolder,
  namedScripts,
  type RealisticFile,
  realisticFiles,
} from "./realistic-files.js";
import { dumpVrrp } from "./realistic-host.js";
import type { Outcome } from "./realistic-run.js";

const laneCount = 4;

const names: readonly string[] = process.argv.slice(2);
const all: readonly RealisticFile[] = realisticFiles();
const files: readonly RealisticFile[] = all.filter(
  ({ name }) => names.length === 0 || names.includes(name),
);

function load({ path, configId }: RealisticFile, loader: Loader): LoadResult {
  return loadConfig({ path, configId, loader, host: hostFacts(), purpose: "test" });
}

/** What of the configuration does not come back from its own print; "" if all does. */
function lostInPrint(file: RealisticFile, { config }: LoadResult): string {
  if (config === undefined) return "";
  const text = printConfig(config);
  const again = load(file, memoryLoader({ [file.path]: text }));
  if (isDeepStrictEqual(again.config, config)) return "";
  const configs = [config, again.config].map((each) => JSON.stringify(each));
  return [text, renderDiagnostics(again.diagnostics), ...configs].join("\n");
}

/** The files of the disk in canonical form. */
const formattedLoader: Loader = {
  ...fileLoader,
  read: (path) => {
    const read = fileLoader.read(path);
    return read.ok ? { ...read, text: formatDocument(parseDocument(read.text)) } : read;
  },
};

async function main(): Promise<void> {
  for (const path of namedScripts(all)) writeFileSync(path, "#!/bin/sh\n", { mode: 0o755 });
  const folder = mkdtempSync(join(installedFolder, "dumps-"));
  const run = files.filter(({ isRun }) => isRun);
  const lanes = Array.from({ length: laneCount }, () => dumpAll(folder, run));
  await Promise.all(lanes);
  const outcomes = files.map((file): Outcome => {
    const read = (suffix: string): string => {
      const path = join(folder, `${file.name}.${suffix}`);
      return existsSync(path) ? readFileSync(path, "utf8") : "";
    };
    return { ...judge(file), dump: read("data"), log: read("log") };
  });
  process.stdout.write(JSON.stringify(outcomes));
}

/** Takes one file after the other from the list that all lanes share. */
async function dumpAll(folder: string, waiting: RealisticFile[]): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const own = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
    const argv = [
      ...own,
      "bash",
      "-c",
      dumpVrrp,
      "bash",
      folder,
      file.path,
      file.configId,
      file.name,
    ];
    const lane = spawn("timeout", ["20", "unshare", ...argv], { stdio: "ignore" });
    await once(lane, "exit");
  }
}

function judge(file: RealisticFile): Omit<Outcome, "dump" | "log"> {
  const { name, path, configId } = file;
  const theirs = spawnSync("timeout", ["20", "keepalived", "-t", "-i", configId, "-f", path], {
    encoding: "utf8",
  });
  const result = load(file, fileLoader);
  const formatted = load(file, formattedLoader);
  return {
    name,
    theirStatus: theirs.status ?? -1,
    theirWords: theirs.stdout + theirs.stderr,
    ourStatus: configExitCode(result.diagnostics, "test"),
    ourWords: renderDiagnostics(result.diagnostics),
    config: result.config,
    lostInPrint: lostInPrint(file, result),
    isFormatSafe: isDeepStrictEqual(formatted.config, result.config),
  };
}

await main();
