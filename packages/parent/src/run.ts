// What a call of keepalived-ts does from its words to its status: answer a question, check a
// configuration, or be the daemon. Knows no child's code.

import { spawnSync } from "node:child_process";
import { writeSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { dropPreload } from "@keepalived-ts/netops/process/preload";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { parseCommandLine } from "./cli.js";
import { type DaemonOptions, usage } from "./cli-options.js";
import type { ConfigQuestion } from "./config-commands.js";
import type { Host } from "./edge/daemon.js";
import { startDaemonCopy, takeCopyMarker } from "./edge/daemonize.js";
import { type HeirMarker, takeHeirMarker } from "./edge/heir-marker.js";
import { print, versionText } from "./edge/terminal.js";

const exitRefused = 1;

/** Does what `words` (the command line without the program's name) ask; returns the exit status. */
export async function runCommand(words: readonly string[], host: Host): Promise<number> {
  const command = parseCommandLine(words);
  switch (command.kind) {
    case "help":
      return print(usage(), 0);
    case "version":
      return print(`${versionText()}\n`, 0);
    case "signalNumber":
      writeSync(1, `${command.signal}\n`);
      return 0;
    case "genhash":
      return runGenhash(command.words);
    case "refused":
      return print(`${command.text}\nTry 'keepalived-ts --help' for the options\n`, exitRefused);
    case "run":
      return runDaemonCommand(command.options, command.warnings, host);
  }
}

/** A program of the checker's package, which does the same in a configuration's name. */
function runGenhash(words: readonly string[]): number {
  const program = fileURLToPath(import.meta.resolve("@keepalived-ts/checker/genhash/main"));
  const { status } = spawnSync(process.execPath, [program, ...words], { stdio: "inherit" });
  return status ?? exitRefused;
}

async function runDaemonCommand(
  given: DaemonOptions,
  warnings: readonly string[],
  host: Host,
): Promise<number> {
  if (given.umask !== undefined) process.umask(given.umask);
  const isCopy = takeCopyMarker();
  const marker = takeHeirMarker();
  // It has done its work by now, and what is started from here on is not ours.
  dropPreload();
  if (!isCopy) for (const warning of warnings) print(`${warning}\n`, 0);
  if (marker !== undefined) return runHeir(marker, given, warnings, host);
  const startFolder = process.cwd();
  const options = absolutePaths(given, startFolder);
  const question = configQuestion(options);
  if (question !== undefined) {
    const { answerConfigQuestion } = await import("./config-commands.js");
    return answerConfigQuestion(question, options, host);
  }
  if (!options.dontFork && !isCopy) return startDaemonCopy();
  // Only the daemon itself needs the addon and the log; questions are answered without them.
  const { Daemon } = await import("./edge/daemon.js");
  const descent = { isCopy, startFolder, heir: undefined };
  return new Daemon(options, host, descent).run(warnings);
}

/** This process was another release of the daemon a moment ago, or is asked whether it could be. */
async function runHeir(
  { purpose, inheritance, origin }: HeirMarker,
  given: DaemonOptions,
  warnings: readonly string[],
  host: Host,
): Promise<number> {
  const { readInheritance } = await import("./edge/inheritance.js");
  const left = readInheritance(inheritance);
  if (left instanceof KeepalivedError) return print(`${left.message}\n`, exitRefused);
  const { startFolder } = left;
  const options = absolutePaths(given, startFolder);
  if (purpose === "check") {
    const { tryConfig } = await import("./config-commands.js");
    return tryConfig(options, host);
  }
  const { Daemon } = await import("./edge/daemon.js");
  const descent = { isCopy: false, startFolder, heir: { left, origin } };
  return new Daemon(options, host, descent).run(warnings);
}

/** The daemon goes to / in the background, and a reload must find the same files again. */
function absolutePaths(options: DaemonOptions, folder: string): DaemonOptions {
  const absolute = (path: string): string => resolve(folder, path);
  const files = Object.entries(options.pidFiles).map(([name, path]) => [name, absolute(path)]);
  return {
    ...options,
    configFile: absolute(options.configFile),
    pidFiles: Object.fromEntries(files),
    logFile: options.logFile === undefined ? undefined : absolute(options.logFile),
  };
}

/** What is asked about the configuration instead of running with it. */
function configQuestion(options: DaemonOptions): ConfigQuestion | undefined {
  if (options.cluster) return "cluster";
  if (options.dumpConfig !== undefined) return "dump";
  if (options.configTest !== undefined) return "test";
  return options.format === undefined ? undefined : "format";
}
