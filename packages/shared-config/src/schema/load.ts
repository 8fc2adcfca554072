// The door of this package: a path in, a typed configuration and diagnostics out. Never throws for
// what stands in the files, and returns a configuration only when nothing fatal was found.

import { hostname } from "node:os";
import { type Diagnostic, Diagnostics } from "../text/diagnostic.js";
import { fileLoader } from "../text/file-loader.js";
import type { Limits } from "../text/limits.js";
import type { Loader } from "../text/loader.js";
import { readStatements } from "../text/read.js";
import type { Config } from "./config.js";
import { type ConfigDraft, emptyDraft } from "./draft.js";
import type { HostFacts } from "./host.js";
import { bindStatements } from "./keyword.js";
import { LaterList } from "./later.js";
import { linkConfig } from "./link.js";
import type { LinkContext } from "./link-context.js";
import { lintConfig } from "./lint.js";
import { expectsBlock, topKeywords } from "./top.js";

export interface LoadOptions {
  readonly path: string;
  /** Where text comes from; the host's file system by default. */
  readonly loader?: Loader;
  /** What `@id` lines are compared with (`-i`); the host's name up to the first dot by default. */
  readonly configId?: string | undefined;
  /** Name of this host, for router_id and the configId. */
  readonly hostName?: string;
  /** What is known of the host; what is absent is not checked. */
  readonly host?: HostFacts | undefined;
  /**
   * For a `start` (the default) a keyword that must not be ignored and is not acted on yet is
   * fatal; for a `test` of the text it is a warning.
   */
  readonly purpose?: "start" | "test";
  /** What only we complain of (hints) counts as a warning. */
  readonly isStrict?: boolean;
  /** All include checks are on from the start (-e). */
  readonly includeCheck?: boolean | undefined;
  /** Where `${_RANDOM}` starts unless the file says random_seed; 0 by default. */
  readonly randomSeed?: number | undefined;
  /** What `${_ENV NAME}` stands for; without it no such name is known. */
  readonly environment?: ((name: string) => string | undefined) | undefined;
  /** Bounds of what sequences and definitions may make; for tests. */
  readonly limits?: Partial<Limits> | undefined;
}

export interface LoadResult {
  /** Absent when a diagnostic is fatal. */
  readonly config: Config | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a tool gets that goes on to look at the configuration. */
export interface LoadedPlaces {
  /** Absent when a diagnostic is fatal. */
  readonly config: Config | undefined;
  /** Where everything stands in the text; absent when no text could be read. */
  readonly draft: ConfigDraft | undefined;
  /** Open for more: comments of the files silence hints in it. */
  readonly diagnostics: Diagnostics;
}

/** Loads the configuration at `path` with all that it includes. */
export function loadConfig(options: LoadOptions): LoadResult {
  const { config, diagnostics } = loadPlaces(options);
  const list = diagnostics.list();
  return { config, diagnostics: options.isStrict ? strictly(list) : list };
}

/** As loadConfig(), and keeps what is known of the text; hints stay hints. */
export function loadPlaces(options: LoadOptions): LoadedPlaces {
  const hostName = options.hostName ?? hostname();
  const { host = {}, purpose = "start" } = options;
  const diagnostics = new Diagnostics();
  const statements = readStatements(options.path, {
    loader: options.loader ?? fileLoader,
    configId: options.configId ?? hostName.split(".", 1)[0] ?? hostName,
    diagnostics,
    expectsBlock,
    includeCheck: options.includeCheck,
    random: { seed: options.randomSeed ?? 0 },
    environment: options.environment,
    limits: options.limits,
  });
  if (statements === undefined) return { config: undefined, draft: undefined, diagnostics };
  const root = emptyDraft(Object.keys(topKeywords));
  const later = new LaterList();
  const shared = { diagnostics, host, later, root };
  bindStatements(
    { ...shared, path: "", owner: "the configuration", draft: root },
    statements,
    topKeywords,
  );
  const context: LinkContext = {
    ...shared,
    global: root.global,
    hostName,
    drafts: { services: new Map(), servers: new Map(), checks: new Map() },
    told: new Set(),
    report: (span, report) => diagnostics.report(span, report),
  };
  const config = linkConfig(context);
  const isSound = !diagnostics.hasFatal;
  later.report(diagnostics, purpose);
  reportNothing(options.path, config, diagnostics);
  if (isSound) lintConfig(context, config);
  return { config: diagnostics.hasFatal ? undefined : config, draft: root, diagnostics };
}

function reportNothing(path: string, config: Config, diagnostics: Diagnostics): void {
  // After an error, what is missing may be what was dropped.
  if (config.vrrp !== undefined || config.checker !== undefined || diagnostics.errorCount > 0) {
    return;
  }
  diagnostics.reportFile(path, {
    severity: "hint",
    code: "NOTHING_TO_DO",
    message: "Cannot find a vrrp_instance or a virtual_server: there is nothing to do",
  });
}

/** Hints as warnings. */
export function strictly(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.map((each) =>
    each.severity === "hint" ? { ...each, severity: "warning" } : each,
  );
}
