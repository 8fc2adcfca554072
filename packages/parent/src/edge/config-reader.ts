// The configuration as the daemon reads it, at the start and again: says what is wrong with it,
// brings this process in line with it, and keeps what a reload cannot change (network namespaces,
// names of files and idents).

import { closeSync, constants, openSync, writeFileSync } from "node:fs";
import { enterNetworkNamespace } from "@keepalived-ts/netops/process/control";
import { nameProcess } from "@keepalived-ts/netops/process/own-settings";
import { assert } from "@keepalived-ts/shared-config/base/assert";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { Log } from "@keepalived-ts/shared-config/base/log";
import type { Config, GlobalConfig } from "@keepalived-ts/shared-config/schema/config";
import {
  emptyCheckerConfig,
  emptyVrrpConfig,
} from "@keepalived-ts/shared-config/schema/config-empty";
import { globalDefaults } from "@keepalived-ts/shared-config/schema/config-global-defaults";
import { configExitCode } from "@keepalived-ts/shared-config/schema/exit-code";
import { printConfig } from "@keepalived-ts/shared-config/schema/print-config";
import { schemaViolations } from "@keepalived-ts/shared-config/schema/validate";
import { renderDiagnostic, renderDiagnostics } from "@keepalived-ts/shared-config/text/render";
import type { DaemonOptions } from "../cli-options.js";
import type { ChildKind } from "../core/event.js";
import { stateText } from "../data/state-data.js";
import { saveConfigCopy } from "./config-save.js";
import { type LoadedConfig, type ReadRequest, severityLevel } from "./config-source.js";
import type { Host } from "./daemon.js";
import { keptKeywords } from "./kept-keywords.js";
import {
  NamespaceOrigin,
  namespacePath,
  readInNamespace,
  withNamespace,
} from "./network-namespace.js";
import { identSuffix, type PidPaths, pidPaths } from "./pid-paths.js";
import { ReloadMark } from "./reload-mark.js";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
/** keepalived's lib/scheduler.h */
const exitFatal = 1;

export interface Reading {
  readonly config: Config | undefined;
  /** Without a configuration: the status to end with. */
  readonly exitCode: number;
}

export class ConfigReader {
  readonly #options: DaemonOptions;
  readonly #host: Host;
  readonly #log: Log;
  /** What the first configuration said. */
  #global: GlobalConfig = globalDefaults;
  #origin: NamespaceOrigin | undefined;
  readonly #inheritedOrigin: number | undefined;

  constructor(options: DaemonOptions, host: Host, log: Log, origin?: number) {
    this.#options = options;
    this.#host = host;
    this.#log = log;
    this.#inheritedOrigin = origin;
  }

  /** Of the network namespace that the daemon was started in. */
  get originDescriptor(): number {
    assert(this.#origin !== undefined, "the configuration was read once");
    return this.#origin.descriptor;
  }

  get pidPaths(): PidPaths {
    return pidPaths(this.#options, this.#global);
  }

  get identSuffix(): string {
    return identSuffix(this.#global);
  }

  /** Where the checker does IPVS, if that is not where it is itself; what VRRP is to log. */
  childArguments(kind: ChildKind): readonly string[] {
    if (kind === "vrrp") return this.#options.logsAddresses ? ["--address-monitoring"] : [];
    const path = this.#origin?.ipvsPath(this.#global);
    return path === undefined ? [] : [path];
  }

  /** Moves this process to where everything is to happen. */
  async readFirst(): Promise<Reading> {
    const { namespace } = this.#options;
    const enter = async (name: string): Promise<void> => {
      enterNetworkNamespace(namespacePath(name));
    };
    this.#origin = new NamespaceOrigin(this.#inheritedOrigin);
    this.#sayOpening();
    try {
      const read = await readInNamespace(this.#host, this.#request(), namespace, enter);
      const reading = this.#accept(read);
      if (reading.config !== undefined) this.#global = reading.config.global;
      return reading;
    } catch (thrown) {
      if (!(thrown instanceof KeepalivedError)) throw thrown;
      this.#log.error(thrown.message);
      return { config: undefined, exitCode: exitFatal };
    }
  }

  /** For a reload; `running` says how it is to be done. */
  readAgain({ reloadFile, reloadCheckConfig }: GlobalConfig): Config | undefined {
    const mark = reloadFile === undefined ? undefined : new ReloadMark(reloadFile, this.#log);
    this.#sayOpening();
    const read = this.#host.readConfig(this.#request());
    mark?.remove();
    const { config } = this.#accept(withNamespace(read, this.#options.namespace));
    if (reloadCheckConfig !== undefined && !this.#isSound(read, reloadCheckConfig))
      return undefined;
    for (const keyword of config === undefined ? [] : keptKeywords(this.#global, config.global)) {
      this.#log.warn(`Cannot change ${keyword} by a reload: restart for that`);
    }
    return config;
  }

  /** What a reload would read; text = what is wrong with it. Changes and logs nothing. */
  readForPlan(): Config | string {
    const read = withNamespace(this.#host.readConfig(this.#request()), this.#options.namespace);
    const config = this.#withOptions(read.config);
    return config ?? renderDiagnostics(read.diagnostics);
  }

  /** A configuration that somebody else has read, as a reload would take it. */
  asForReload(config: Config): Config {
    const taken = withNamespace({ config, diagnostics: [] }, this.#options.namespace);
    return this.#withOptions(taken.config) ?? config;
  }

  /** Whether a test (-t) would end with 0; what it says goes to `logPath` too. */
  #isSound({ diagnostics }: LoadedConfig, logPath: string): boolean {
    if (configExitCode(diagnostics, "test") === 0) return true;
    this.#log.error("Cannot reload: the configuration has errors (reload_check_config)");
    try {
      appendText(logPath, renderDiagnostics(diagnostics));
    } catch (thrown) {
      this.#log.warn(`Cannot write "${logPath}" (reload_check_config): ${errorText(thrown)}`);
    }
    return false;
  }

  #sayOpening(): void {
    this.#log.info(`Opening file '${this.#options.configFile}'.`);
  }

  #request(): ReadRequest {
    const { configFile: path, configId, strictConfig: isStrict, includeCheck } = this.#options;
    return { path, configId, isStrict, includeCheck, purpose: "start" };
  }

  #accept(read: LoadedConfig): Reading {
    const { configFile } = this.#options;
    const violations = read.config === undefined ? [] : schemaViolations(configFile, read.config);
    const config = violations.length === 0 ? this.#withOptions(read.config) : undefined;
    const diagnostics = [...read.diagnostics, ...violations];
    for (const diagnostic of diagnostics) {
      const log = this.#log[severityLevel(diagnostic)];
      for (const line of renderDiagnostic(diagnostic).split("\n")) log(line);
    }
    if (config === undefined) return { config, exitCode: configExitCode(diagnostics) };
    this.adopt(config);
    if (this.#options.logsConfig) this.#logConfig(config);
    const folder = config.global.configSaveDirectory;
    const text = folder === undefined ? "" : printConfig(config);
    const failure = folder && saveConfigCopy(folder, text, Date.now());
    if (failure) this.#log.warn(failure);
    return { config, exitCode: 0 };
  }

  /** -x and -A outdo the configuration, which keepalived then does not listen to. */
  #withOptions(config: Config | undefined): Config | undefined {
    const { enablesSnmp, snmpSocket, startsAll } = this.#options;
    if (config === undefined) return undefined;
    const all = {
      enableSnmpVrrp: true,
      enableSnmpChecker: true,
      enableSnmpRfcv2: true,
      enableSnmpRfcv3: true,
    };
    const global = {
      ...config.global,
      ...(enablesSnmp ? all : {}),
      ...(snmpSocket === undefined ? {} : { snmpSocket }),
    };
    if (!startsAll) return { ...config, global };
    const ipvs = { ...emptyCheckerConfig.ipvs, lvsBackend: global.lvsBackend };
    const { vrrp = emptyVrrpConfig, checker = { ...emptyCheckerConfig, ipvs } } = config;
    return { ...config, global, vrrp, checker };
  }

  /** As in the data file of SIGUSR1, without secrets, and with no state yet. */
  #logConfig(config: Config): void {
    const nothing = {
      instances: new Map(),
      trackers: new Map(),
      runningScripts: new Set<string>(),
    };
    const text = stateText({ config, ...nothing, wallUs: () => 0 });
    for (const line of text.trimEnd().split("\n")) this.#log.info(line);
  }

  /** What the configuration says of this process itself. */
  adopt({ global }: Config): void {
    if (this.#options.umask === undefined) process.umask(global.umask);
    try {
      nameProcess(global.processName);
    } catch (thrown) {
      this.#log.warn(`Cannot set process_name ${global.processName}: ${errorText(thrown)}`);
    }
  }
}

/** Follows no link; a device may stand there. */
function appendText(path: string, text: string): void {
  const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  const descriptor = openSync(path, flags, 0o600);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}
