// The daemon from its first log line to its status: preflight, then the loop until no child is
// left. Nothing is changed on the host before the configuration and the privileges are known to be
// good.

import { exitAtOnce } from "@keepalived-ts/netops/process/control";
import { createLog, type Log, type LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { configExitCode } from "@keepalived-ts/shared-config/schema/exit-code";
import { schemaViolations } from "@keepalived-ts/shared-config/schema/validate";
import { renderDiagnostic } from "@keepalived-ts/shared-config/text/render";
import type { DaemonOptions } from "../cli-options.js";
import { type ChildKind, childKinds } from "../core/event.js";
import { runParentScript } from "../notify/parent-script.js";
import { monotonicNowUs } from "./clock.js";
import { type LoadedConfig, type ReadRequest, severityLevel } from "./config-source.js";
import { reportCopyReady } from "./daemonize.js";
import { lineText } from "./log-line.js";
import { createLogSink, type LogSink } from "./log-sink.js";
import { ParentLoop, parentIdent } from "./loop.js";
import { claimPidFile, processName, releasePidFile, runningOwner } from "./pidfile.js";
import { effectiveCapabilities, missingPrivileges } from "./preflight.js";
import { watchOrders } from "./signals.js";
import { createNotifier } from "./systemd.js";
import { print, versionText } from "./terminal.js";

/** What the daemon takes from its surroundings; tests put others in place. */
export interface Host {
  readonly modules: Readonly<Record<ChildKind, string>>;
  readConfig(request: ReadRequest): LoadedConfig;
}

/** keepalived's lib/scheduler.h */
const exitFatal = 1;
const exitMissingPermission = 4;
const exitProgramError = 70;
/** How long children of a parent that was killed may take to clean up before we give up. */
const orphanWaitUs = 5 * usPerSecond;
const orphanPollMs = 20;
const earlyLinesMax = 200;

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #host: Host;
  readonly #isCopy: boolean;
  readonly #sink: LogSink;
  readonly #log: Log;
  /** Errors of a start that may yet fail: who started the daemon must see them, not syslog only. */
  #early: string[] | undefined = [];
  /** What a reload has brought. */
  #config: Config | undefined;

  constructor(options: DaemonOptions, host: Host, isCopy: boolean) {
    this.#options = options;
    this.#host = host;
    this.#isCopy = isCopy;
    const sink = createLogSink({
      // keepalived's --log-console acts in the foreground only.
      toConsole: options.logToConsole && options.dontFork,
      toSyslog: options.logToSyslog,
      facility: options.facility,
      detail: options.logDetail,
      syslogPath: "/dev/log",
    });
    this.#sink = {
      ...sink,
      write: (record, from) => {
        this.#noteEarly(record);
        sink.write(record, from);
      },
    };
    const source = { ident: parentIdent, pid: process.pid };
    this.#log = createLog((record) => this.#sink.write(record, source));
  }

  async run(warnings: readonly string[]): Promise<number> {
    // Node 24 and later name the main thread after themselves, whatever --title says.
    process.title = processName;
    this.#log.info(`Starting ${versionText()}`);
    this.#log.detail(`Command line: ${process.argv.slice(2).join(" ")}`);
    for (const warning of warnings) this.#log.warn(warning);
    this.#endOnBug();
    const status = await this.#start();
    this.#log.info(`Stopped ${versionText()}`);
    this.#tellEarly();
    await this.#closeLog(status);
    return status;
  }

  /** Does not return while a thread waits for a reader: process.exit() would wait with it. */
  async #closeLog(exitCode: number): Promise<void> {
    const isWritten = await this.#sink.close();
    if (!isWritten) exitAtOnce(exitCode);
  }

  async #start(): Promise<number> {
    const owner = runningOwner(this.#options.parentPidFile);
    if (owner !== undefined) return this.#refuseSecond(owner);
    const loop = this.#createLoop();
    // From here on a signal is an order, not the end of the process.
    const signals = watchOrders(this.#options.ignoreInterrupt, (order) => loop.handleOrder(order));
    try {
      return await this.#preflight(loop);
    } finally {
      signals.close();
    }
  }

  /** Everything that can go wrong before anything is changed. */
  async #preflight(loop: ParentLoop): Promise<number> {
    const { config, exitCode } = this.#readConfig();
    if (config === undefined) return exitCode;
    const missing = this.#missingPrivileges(config);
    if (missing !== undefined) return this.#fail(missing, exitMissingPermission);
    // A stop that comes meanwhile is not held up.
    const orphan = await Promise.race([this.#orphanThatStays(), loop.ended.then(() => undefined)]);
    if (orphan !== undefined) {
      const text = `Cannot start: child process ${orphan} of an earlier daemon does not end`;
      return this.#fail(text, exitFatal);
    }
    const claim = claimPidFile(this.#options.parentPidFile, process.pid);
    if (!claim.ok && "owner" in claim) return this.#refuseSecond(claim.owner);
    if (!claim.ok) return this.#fail(claim.failure, exitFatal);
    try {
      await this.#runScript("startup_script", config, loop.ended);
      loop.configure(config);
      const status = await loop.ended;
      await this.#runScript(
        "shutdown_script",
        this.#config ?? config,
        new Promise(() => undefined),
      );
      return status;
    } finally {
      releasePidFile(this.#options.parentPidFile, process.pid);
    }
  }

  /** Until the stop that `givenUp` tells of. */
  async #runScript(
    keyword: "startup_script" | "shutdown_script",
    { global }: Config,
    givenUp: Promise<unknown>,
  ): Promise<void> {
    const isStart = keyword === "startup_script";
    const script = isStart ? global.startupScript : global.shutdownScript;
    if (script === undefined) return;
    const timeoutUs = isStart ? global.startupScriptTimeoutUs : global.shutdownScriptTimeoutUs;
    const log = (record: LogRecord): void =>
      this.#sink.write(record, { ident: parentIdent, pid: process.pid });
    await runParentScript({ keyword, script, timeoutUs }, log, givenUp);
  }

  #createLoop(): ParentLoop {
    return new ParentLoop(this.#options, {
      sink: this.#sink,
      notifier: createNotifier(process.env["NOTIFY_SOCKET"]),
      modules: this.#host.modules,
      reload: () => {
        const { config } = this.#readConfig();
        this.#config = config ?? this.#config;
        return config;
      },
      started: () => {
        this.#early = undefined;
        if (this.#isCopy) reportCopyReady();
      },
    });
  }

  /**
   * Reads, and says what is wrong. Without a configuration `exitCode` is the status to end with.
   */
  #readConfig(): { config: Config | undefined; exitCode: number } {
    const { configFile, configId, strictConfig: isStrict } = this.#options;
    this.#log.info(`Opening file '${configFile}'.`);
    const read = this.#host.readConfig({
      ...{ path: configFile, configId, isStrict },
      purpose: "start",
    });
    const violations = read.config === undefined ? [] : schemaViolations(configFile, read.config);
    const config = violations.length === 0 ? read.config : undefined;
    const diagnostics = [...read.diagnostics, ...violations];
    for (const diagnostic of diagnostics) {
      const log = this.#log[severityLevel(diagnostic)];
      for (const line of renderDiagnostic(diagnostic).split("\n")) log(line);
    }
    if (config !== undefined) return { config, exitCode: 0 };
    return { config, exitCode: configExitCode(diagnostics) };
  }

  get #showsOnStderr(): boolean {
    return this.#options.logToConsole && this.#options.dontFork;
  }

  #missingPrivileges(config: Config): string | undefined {
    const effective = effectiveCapabilities();
    if (effective === undefined) return undefined;
    const { kinds } = this.#options;
    const wanted = childKinds.filter(
      (kind) => config[kind] !== undefined && (kinds.length === 0 || kinds.includes(kind)),
    );
    return missingPrivileges(wanted, effective);
  }

  /**
   * Children of a parent that was killed resign and clean up by themselves. They must be done
   * before new ones start, or they would remove what those have just added.
   */
  async #orphanThatStays(): Promise<number | undefined> {
    const endAt = monotonicNowUs() + orphanWaitUs;
    for (;;) {
      const files = Object.values(this.#options.childPidFiles);
      const orphan = files.map(runningOwner).find((pid) => pid !== undefined);
      if (orphan === undefined || monotonicNowUs() > endAt) return orphan;
      await new Promise((wake) => setTimeout(wake, orphanPollMs));
    }
  }

  /** keepalived ends with 0 here, and scripts rely on it. */
  #refuseSecond(owner: number): number {
    return this.#fail(`daemon is already running (pid ${owner})`, 0);
  }

  #fail(text: string, status: number): number {
    this.#log.error(text);
    return status;
  }

  #noteEarly(record: LogRecord): void {
    if (record.level !== "error" || this.#early === undefined) return;
    if (this.#early.length < earlyLinesMax) this.#early.push(lineText(record, true));
  }

  #tellEarly(): void {
    const lines = this.#early ?? [];
    if (lines.length > 0 && !this.#showsOnStderr) print(`${lines.join("\n")}\n`, 0);
  }

  /** A mistake of ours. The children see the pipe close, and end in good order by themselves. */
  #endOnBug(): void {
    process.on("uncaughtException", (error) => {
      const text = `Cannot go on because of a program error: ${error.stack ?? error.message}`;
      for (const line of text.split("\n")) this.#log.error(line);
      this.#tellEarly();
      releasePidFile(this.#options.parentPidFile, process.pid);
      const end = (): never => process.exit(exitProgramError);
      this.#closeLog(exitProgramError).then(end, end);
    });
  }
}
