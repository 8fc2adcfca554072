// The door of this package: a path in, a typed configuration and diagnostics out. Never throws for
// what stands in the files, and returns a configuration only when nothing fatal was found.

import { hostname } from "node:os";
import type { Statement } from "../text/ast.js";
import { type Diagnostic, Diagnostics } from "../text/diagnostic.js";
import { fileLoader } from "../text/file-loader.js";
import type { Limits } from "../text/limits.js";
import type { Loader } from "../text/loader.js";
import { readStatements } from "../text/read.js";
import type { Config } from "./config.js";
import { checkerConfigSchema, vrrpConfigSchema } from "./config-schema.js";
import type { ConfigDraft } from "./draft.js";
import { block } from "./forms.js";
import { globalKeywords } from "./global-defs.js";
import { bindStatements, type Keywords } from "./keyword.js";
import { expectsBlock } from "./known-keywords.js";
import { linkConfig } from "./link.js";
import { bindVirtualServer } from "./virtual-server.js";
import { bindInstance } from "./vrrp-instance.js";

export interface LoadOptions {
  readonly path: string;
  /** Where text comes from; the host's file system by default. */
  readonly loader?: Loader;
  /** What `@id` lines are compared with (`-i`); the host's name up to the first dot by default. */
  readonly configId?: string | undefined;
  /** Name of this host, for router_id and the configId. */
  readonly hostName?: string;
  /** All include checks are on from the start (-e). */
  readonly includeCheck?: boolean | undefined;
  /** Where `${_RANDOM}` starts unless the file says random_seed; 0 by default. */
  readonly randomSeed?: number | undefined;
  /** What `${_ENV NAME}` stands for; without it no such name is known. */
  readonly environment?: ((name: string) => string | undefined) | undefined;
  /** Bounds of what sequences and definitions may make; for tests. */
  readonly limits?: Partial<Limits> | undefined;
  /** Whether an interface exists; without it interfaces are not checked. */
  readonly linkExists?: ((name: string) => boolean) | undefined;
}

export interface LoadResult {
  /** Absent when a diagnostic is fatal. */
  readonly config: Config | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

const topKeywords: Keywords<ConfigDraft> = {
  global_defs: block("{ ... }", { min: 0, max: 0 }, (scope, statement) => {
    const inner = {
      ...scope,
      path: "global_defs",
      owner: "global_defs",
      draft: scope.draft.global,
    };
    bindStatements(inner, statement.block ?? [], globalKeywords);
  }),
  vrrp_instance: {
    ...block("<name> { ... }", { min: 1, max: 1 }, bindInstance),
    isMissingFatal: false,
  },
  virtual_server: block(
    "{<address> [<port>] | fwmark <mark>} { ... }",
    { min: 1, max: 2 },
    bindVirtualServer,
  ),
};

/** Loads the configuration at `path` with all that it includes. */
export function loadConfig(options: LoadOptions): LoadResult {
  const hostName = options.hostName ?? hostname();
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
  if (statements === undefined) return { config: undefined, diagnostics: diagnostics.list() };
  const draft = bindConfig(statements, diagnostics);
  const { linkExists } = options;
  const config = linkConfig(draft, hostName, { diagnostics, linkExists });
  reportNothing(options.path, config, diagnostics);
  const isValid = matchesSchema(options.path, config, diagnostics);
  return {
    config: isValid && !diagnostics.hasFatal ? config : undefined,
    diagnostics: diagnostics.list(),
  };
}

function bindConfig(statements: Iterable<Statement>, diagnostics: Diagnostics): ConfigDraft {
  const draft: ConfigDraft = { global: {}, instances: new Map(), virtualServers: [] };
  const scope = { diagnostics, path: "", owner: "the configuration", draft };
  bindStatements(scope, statements, topKeywords);
  return draft;
}

function reportNothing(path: string, config: Config, diagnostics: Diagnostics): void {
  if (config.vrrp !== undefined || config.checker !== undefined || diagnostics.hasFatal) return;
  diagnostics.reportFile(path, {
    severity: "hint",
    code: "NOTHING_TO_DO",
    message: "Cannot find a vrrp_instance or a virtual_server: there is nothing to do",
  });
}

/** The children check what they get by the same schemas; a configuration that fails is our bug. */
function matchesSchema(path: string, config: Config, diagnostics: Diagnostics): boolean {
  const results = [
    config.vrrp && vrrpConfigSchema.safeParse(config.vrrp),
    config.checker && checkerConfigSchema.safeParse(config.checker),
  ];
  for (const result of results) {
    for (const issue of result?.error?.issues ?? []) {
      diagnostics.reportFile(path, {
        severity: "fatal",
        code: "SCHEMA_MISMATCH",
        message: `Cannot accept the configuration at ${issue.path.join(".")}: ${issue.message}`,
      });
    }
  }
  return results.every((result) => result?.success !== false);
}
