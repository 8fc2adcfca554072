// Reads the configuration from disk through shared-config's loader and tells it about this host.

import type { LogLevel } from "@keepalived-ts/shared-config/base/log";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { loadConfig } from "@keepalived-ts/shared-config/schema/load";
import type { Diagnostic } from "@keepalived-ts/shared-config/text/diagnostic";
import { fileLoader } from "@keepalived-ts/shared-config/text/file-loader";
import { hostFacts } from "./host-facts.js";
import { runningOwner } from "./pidfile.js";

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
  /** -e: a file to include that is missing is an error. */
  readonly includeCheck?: boolean;
  /** Interfaces are taken to exist: only to learn where to look for them. */
  readonly assumesLinks?: boolean;
  /** Names the daemon that may have set addresses of the configuration; absent = it is asking. */
  readonly pidFile?: string;
}

/** Reads and checks the whole configuration; never throws for what a user wrote. */
export function readConfig(request: ReadRequest): LoadedConfig {
  const { pidFile, assumesLinks, ...options } = request;
  const facts = hostFacts();
  const host = assumesLinks ? { ...facts, linkExists: () => true } : facts;
  const isDaemonRunning = pidFile && ((): boolean => runningOwner(pidFile) !== undefined);
  return loadConfig({
    ...options,
    loader: fileLoader,
    host: isDaemonRunning ? { ...host, isDaemonRunning } : host,
  });
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
