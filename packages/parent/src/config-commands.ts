// Questions about the configuration that end without running: is it sound (-t), what is in force
// (--dump-config), how would it look tidy (--format), do the routers of a cluster fit together
// (--cluster). Decides where answers go and the exit status; the checks are shared-config's.

import { writeFileSync } from "node:fs";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import { dumpJson } from "@keepalived-ts/shared-config/schema/dump";
import { configExitCode } from "@keepalived-ts/shared-config/schema/exit-code";
import { printConfig } from "@keepalived-ts/shared-config/schema/print-config";
import type { Diagnostic } from "@keepalived-ts/shared-config/text/diagnostic";
import { Diagnostics } from "@keepalived-ts/shared-config/text/diagnostic";
import { parseDocument } from "@keepalived-ts/shared-config/text/document";
import { fileLoader } from "@keepalived-ts/shared-config/text/file-loader";
import { formatDocument } from "@keepalived-ts/shared-config/text/format";
import { renderDiagnostics } from "@keepalived-ts/shared-config/text/render";
import { renderDiagnosticsJson } from "@keepalived-ts/shared-config/text/render-json";
import type { DaemonOptions } from "./cli-options.js";
import { compareCluster } from "./cluster-command.js";
import type { LoadedConfig } from "./edge/config-source.js";
import type { Host } from "./edge/daemon.js";
import { namespacePath, readInNamespace } from "./edge/network-namespace.js";
import { print, write } from "./edge/terminal.js";

const exitCannotRun = 4;

export type ConfigQuestion = "cluster" | "dump" | "format" | "test";

/** Answers on stdout and stderr; returns the exit status. */
export async function answerConfigQuestion(
  question: ConfigQuestion,
  options: DaemonOptions,
  host: Host,
): Promise<number> {
  switch (question) {
    case "cluster":
      return compareCluster(options);
    case "dump":
      return await dumpConfig(options, host);
    case "format":
      return formatFile(options);
    case "test":
      return await testConfig(options, host);
  }
}

/** Without the privilege to go where the configuration belongs, it is checked where we are. */
async function read(
  options: DaemonOptions,
  host: Host,
  purpose: "start" | "test" = "test",
): Promise<LoadedConfig> {
  const { configFile: path, configId, strictConfig: isStrict, pidFiles, includeCheck } = options;
  const pidFile = pidFiles.parent ?? "/run/keepalived.pid";
  const request = { path, configId, purpose, isStrict, includeCheck, pidFile } as const;
  return await readInNamespace(host, request, options.namespace, async (name) => {
    try {
      const control = await import("@keepalived-ts/netops/process/control");
      control.enterNetworkNamespace(namespacePath(name));
    } catch (thrown) {
      print(`${errorText(thrown)}; interfaces are looked for here\n`, 0);
    }
  });
}

/** Whether a daemon could start with it: 0, or what is wrong on stderr. */
export async function tryConfig(options: DaemonOptions, host: Host): Promise<number> {
  const { config, diagnostics } = await read(options, host, "start");
  if (config !== undefined) return 0;
  return print(renderDiagnostics(diagnostics), configExitCode(diagnostics));
}

async function testConfig(options: DaemonOptions, host: Host): Promise<number> {
  const { diagnostics } = await read(options, host);
  const status = configExitCode(diagnostics, "test");
  const text = renderAs(options, diagnostics, status);
  const { configTest: file = "" } = options;
  if (file === "") return options.format === "json" ? write(text, status) : print(text, status);
  try {
    writeFileSync(file, text);
    return status;
  } catch (thrown) {
    return print(`Cannot write "${file}": ${errorText(thrown)}\n${text}`, status);
  }
}

function renderAs(
  { format }: DaemonOptions,
  diagnostics: readonly Diagnostic[],
  status: number,
): string {
  return format === "json"
    ? renderDiagnosticsJson(diagnostics, status)
    : renderDiagnostics(diagnostics);
}

/** The configuration on stdout, what is to be said of it on stderr; 0 if there is one. */
async function dumpConfig(options: DaemonOptions, host: Host): Promise<number> {
  const { config, diagnostics } = await read(options, host);
  print(renderDiagnostics(diagnostics), 0);
  if (config === undefined) return configExitCode(diagnostics, "test");
  const text =
    options.dumpConfig === "keepalived"
      ? printConfig(config)
      : dumpJson(config, { showsSecrets: options.showSecrets });
  return write(text, 0);
}

/** The file in canonical form on stdout, whether its keywords are known or not. */
function formatFile({ configFile, format }: DaemonOptions): number {
  if (format === "json") return print("Cannot use --format=json without -t\n", 1);
  const loaded = fileLoader.read(configFile);
  if (!loaded.ok) return print(`Cannot read "${configFile}": ${loaded.detail}\n`, exitCannotRun);
  const diagnostics = new Diagnostics();
  const text = formatDocument(parseDocument(loaded.text));
  print(renderDiagnostics(diagnostics.list()), 0);
  return write(Buffer.from(text, loaded.encoding), 0);
}
