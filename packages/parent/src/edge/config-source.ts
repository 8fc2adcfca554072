// Reads the configuration from disk through shared-config's loader and tells it about this host.

import { readFileSync } from "node:fs";
import type { LogLevel } from "@keepalived-ts/shared-config/base/log";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import type { Diagnostic } from "@keepalived-ts/shared-config/text/diagnostic";
import { fileLoader } from "@keepalived-ts/shared-config/text/file-loader";

export interface LoadedConfig {
  readonly config: Config | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is to be read, and for what. */
export interface ReadRequest {
  readonly path: string;
  readonly configId: string | undefined;
  readonly purpose: "start" | "test";
  readonly isStrict: boolean;
}

/** Reads and checks the whole configuration; never throws for what a user wrote. */
export function readConfig(request: ReadRequest): LoadedConfig {
  return loadConfig({ ...request, loader: fileLoader, host: { linkExists: linkExists() } });
}

export function severityLevel(diagnostic: Diagnostic): LogLevel {
  switch (diagnostic.severity) {
    case "fatal":
    case "error":
      return "error";
    case "warning":
      return "warn";
    case "hint":
      return "info";
  }
}

/**
 * Of an interface that cannot be looked for, a missing /proc or descriptor, the VRRP process finds
 * out by itself; that must not end a daemon that reloads.
 *
 * /proc/net follows the network namespace of the process; /sys/class/net shows the namespace in
 * which /sys was mounted, which need not be ours (unshare -n, nsenter -n).
 */
function linkExists(): (name: string) => boolean {
  const text = readDevices();
  if (text === undefined) return () => true;
  const names = new Set(text.split("\n").map((line) => line.split(":")[0]?.trim() ?? ""));
  return (name) => names.has(name);
}

function readDevices(): string | undefined {
  try {
    return readFileSync("/proc/self/net/dev", "latin1");
  } catch {
    return undefined;
  }
}
