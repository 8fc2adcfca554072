// -t --cluster FILE...: whether the routers of a cluster fit together. Loads each file as its own
// router would, but for what only that router's host could tell, says what is wrong in each and
// between them, and shows who is MASTER after which failure.

import { existsSync, writeFileSync } from "node:fs";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import { clusterFaults, clusterOf } from "@keepalived-ts/shared-config/schema/cluster";
import type { Cluster } from "@keepalived-ts/shared-config/schema/cluster-failures";
import type { ClusterNode } from "@keepalived-ts/shared-config/schema/cluster-match";
import { jsonTable, textTable } from "@keepalived-ts/shared-config/schema/cluster-table";
import {
  configExitCode,
  exitTestCannotRun,
  exitTestFoundErrors,
} from "@keepalived-ts/shared-config/schema/exit-code";
import { loadPlaces, strictly } from "@keepalived-ts/shared-config/schema/load";
import type { Diagnostic } from "@keepalived-ts/shared-config/text/diagnostic";
import { renderDiagnostics } from "@keepalived-ts/shared-config/text/render";
import { jsonDiagnostic } from "@keepalived-ts/shared-config/text/render-json";
import type { DaemonOptions } from "./cli-options.js";
import { print, write } from "./edge/terminal.js";

const exitRefused = 1;

/** A file that was read, and what is to be said of it by itself. */
interface Loaded {
  /** As on the command line. */
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when something in it is fatal. */
  readonly node: ClusterNode | undefined;
}

interface Comparison {
  readonly status: number;
  readonly loaded: readonly Loaded[];
  readonly faults: readonly Diagnostic[];
  /** Absent when a file could not be loaded. */
  readonly cluster: Cluster | undefined;
}

/** Answers on stdout and stderr; returns the exit status. */
export function compareCluster(options: DaemonOptions): number {
  const { clusterFiles: names, format } = options;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const text = `Cannot compare "${twice}" with itself: name its routers as FILE@CONFIG-ID`;
    return print(`${text}\n`, exitRefused);
  }
  if (names.length < 2) {
    return print("Cannot compare fewer than two files: name them after --cluster\n", exitRefused);
  }
  const comparison = compare(names, options);
  return format === "json" ? answerJson(comparison, options) : answerText(comparison, options);
}

function compare(names: readonly string[], options: DaemonOptions): Comparison {
  const loaded = names.map((name) => load(name, options));
  const nodes = loaded.flatMap(({ node }) => node ?? []);
  const isWhole = nodes.length === loaded.length;
  const cluster = isWhole ? clusterOf(nodes) : undefined;
  const faults = cluster === undefined ? [] : clusterFaults(nodes, cluster);
  const codes = loaded.map(({ diagnostics }) => configExitCode(diagnostics, "test"));
  const isClean = faults.length === 0 && codes.every((code) => code === 0);
  const status = codes.includes(exitTestCannotRun)
    ? exitTestCannotRun
    : isClean
      ? 0
      : exitTestFoundErrors;
  return { status, loaded, faults, cluster };
}

function load(name: string, { configId, strictConfig }: DaemonOptions): Loaded {
  const { path, id = configId } = splitName(name);
  // Other routers' hosts cannot be asked.
  const { config, draft, diagnostics } = loadPlaces({ path, configId: id, purpose: "test" });
  const list = diagnostics.list();
  const isLoaded = config !== undefined && draft !== undefined;
  return {
    name,
    diagnostics: strictConfig ? strictly(list) : list,
    node: isLoaded ? { name, config, draft, diagnostics } : undefined,
  };
}

/** FILE or FILE@ID; a file whose name has an @ is found all the same. */
function splitName(name: string): { readonly path: string; readonly id?: string } {
  const at = name.lastIndexOf("@");
  if (at <= 0 || name.includes("/", at) || existsSync(name)) return { path: name };
  return { path: name.slice(0, at), id: name.slice(at + 1) };
}

/** What is wrong where -t says it; the table, which is the answer, on stdout. */
function answerText(
  { status, loaded, faults, cluster }: Comparison,
  options: DaemonOptions,
): number {
  const own = loaded.map(({ name, diagnostics }) => section(name, diagnostics)).join("");
  const between = section("between the routers", faults);
  const broken = loaded.filter(({ node }) => node === undefined).map(({ name }) => name);
  const refusal =
    cluster === undefined ? `Cannot compare the routers: see ${broken.join(", ")}\n` : "";
  tell(own + between + refusal, options);
  return cluster === undefined ? status : write(textTable(cluster), status);
}

function section(title: string, diagnostics: readonly Diagnostic[]): string {
  return diagnostics.length === 0 ? "" : `--- ${title}\n${renderDiagnostics(diagnostics)}`;
}

function answerJson(
  { status, loaded, faults, cluster }: Comparison,
  options: DaemonOptions,
): number {
  const report = {
    version: 1,
    exitCode: status,
    nodes: loaded.map(({ name, node, diagnostics }) => ({
      name,
      isLoaded: node !== undefined,
      diagnostics: diagnostics.map(jsonDiagnostic),
    })),
    faults: faults.map(jsonDiagnostic),
    table: cluster === undefined ? [] : jsonTable(cluster),
  };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (options.configTest) return tell(text, options, status);
  return write(text, status);
}

/** To the file of -t, else to stderr. */
function tell(text: string, { configTest: file = "" }: DaemonOptions, status = 0): number {
  if (file === "") return print(text, status);
  try {
    writeFileSync(file, text);
    return status;
  } catch (thrown) {
    return print(`Cannot write "${file}": ${errorText(thrown)}\n${text}`, status);
  }
}
