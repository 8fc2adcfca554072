// What a call of keepalived-ts does from its words to its status: answer a question, check a
// configuration, or be the daemon. Knows no child's code.

import { spawnSync } from "node:child_process";
import { writeSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { dropPreload } from "@keepalived-ts/netops/process/preload";
import { parseCommandLine } from "./cli.js";
import { type DaemonOptions, usage } from "./cli-options.js";
import type { ConfigQuestion } from "./config-commands.js";
import type { Host } from "./edge/daemon.js";
import { startDaemonCopy, takeCopyMarker } from "./edge/daemonize.js";
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
      return runDaemonCommand(absolutePaths(command.options), command.warnings, host);
  }
}

/** A program of the checker's package, which does the same in a configuration's name. */
function runGenhash(words: readonly string[]): number {
  const program = fileURLToPath(import.meta.resolve("@keepalived-ts/checker/genhash/main"));
  const { status } = spawnSync(process.execPath, [program, ...words], { stdio: "inherit" });
  return status ?? exitRefused;
}

async function runDaemonCommand(
  options: DaemonOptions,
  warnings: readonly string[],
  host: Host,
): Promise<number> {
  if (options.umask !== undefined) process.umask(options.umask);
  const isCopy = takeCopyMarker();
  // It has done its work by now, and what is started from here on is not ours.
  dropPreload();
  if (!isCopy) for (const warning of warnings) print(`${warning}\n`, 0);
  const question = configQuestion(options);
  if (question !== undefined) {
    const { answerConfigQuestion } = await import("./config-commands.js");
    return answerConfigQuestion(question, options, host);
  }
  if (!options.dontFork && !isCopy) return startDaemonCopy();
  // Only the daemon itself needs the addon and the log; questions are answered without them.
  const { Daemon } = await import("./edge/daemon.js");
  return new Daemon(options, host, isCopy).run(warnings);
}

/** The daemon goes to / in the background, and a reload must find the same files again. */
function absolutePaths(options: DaemonOptions): DaemonOptions {
  const files = Object.entries(options.pidFiles).map(([name, path]) => [name, resolve(path)]);
  return {
    ...options,
    configFile: resolve(options.configFile),
    pidFiles: Object.fromEntries(files),
    logFile: options.logFile === undefined ? undefined : resolve(options.logFile),
  };
}

/** What is asked about the configuration instead of running with it. */
function configQuestion(options: DaemonOptions): ConfigQuestion | undefined {
  if (options.cluster) return "cluster";
  if (options.dumpConfig !== undefined) return "dump";
  if (options.configTest !== undefined) return "test";
  return options.format === undefined ? undefined : "format";
}
