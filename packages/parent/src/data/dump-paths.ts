// Where data files go: TMPDIR or /tmp under keepalived's names, or where state_dump_file,
// stats_dump_file and json_dump_file say; with data_use_instance the namespace and the instance
// stand in the name. Touches no disk.

import { join, parse } from "node:path";
import type { GlobalConfig } from "@keepalived-ts/shared-config/schema/config";

export type DumpKind = "state" | "parent" | "checker" | "statistics" | "json";

const usualNames: Readonly<Record<DumpKind, string>> = {
  state: "keepalived.data",
  parent: "keepalived_parent.data",
  checker: "keepalived_check.data",
  statistics: "keepalived.stats",
  json: "keepalived.json",
};

/** What the name of a file of state_dump_file gets before its extension. */
const suffixes: Readonly<Partial<Record<DumpKind, string>>> = {
  parent: "_parent",
  checker: "_check",
};

export function dumpPath(
  kind: DumpKind,
  global: GlobalConfig,
  temporaryFolder: string = "/tmp",
): string {
  const configured = configuredPath(kind, global);
  if (configured === undefined)
    return withInstance(join(temporaryFolder, usualNames[kind]), global);
  if (configured.endsWith("/")) return withInstance(join(configured, usualNames[kind]), global);
  const { dir, name, ext } = parse(configured);
  return withInstance(join(dir, `${name}${suffixes[kind] ?? ""}${ext}`), global);
}

function configuredPath(kind: DumpKind, global: GlobalConfig): string | undefined {
  if (kind === "statistics") return global.statsDumpFile;
  return kind === "json" ? global.jsonDumpFile : global.stateDumpFile;
}

function withInstance(path: string, global: GlobalConfig): string {
  const { dataUseInstance, netNamespace, instanceName } = global;
  const words = [netNamespace, instanceName].filter((word) => word !== undefined);
  if (!dataUseInstance || words.length === 0) return path;
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}.${words.join("_")}${ext}`);
}
