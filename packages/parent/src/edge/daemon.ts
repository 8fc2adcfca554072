// The daemon from its first log line to its status: preflight, then the loop until no child is
// left. Nothing is changed on the host before the configuration and the privileges are known to be
// good.

import { dirname } from "node:path";
import { exitAtOnce } from "@keepalived-ts/netops/process/control";
import { createLog, type Log, type LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import type { DaemonOptions } from "../cli-options.js";
import { type ChildKind, childKinds } from "../core/event.js";
import { runParentScript } from "../notify/parent-script.js";
import { monotonicNowUs } from "./clock.js";
import { ConfigReader } from "./config-reader.js";
import type { LoadedConfig, ReadRequest } from "./config-source.js";
import { allowCoreFiles, setCorePattern } from "./core-dump.js";
import { reportCopyReady } from "./daemonize.js";
import type { Inheritance } from "./inheritance.js";
import { lineText } from "./log-line.js";
import { createLogSink, type LogSink, parentIdent } from "./log-sink.js";
import { journalSocket, logSurroundings, logWays, syslogSocket } from "./log-ways.js";
import { ParentLoop } from "./loop.js";
import { runFolder } from "./pid-paths.js";
import {
  claimPidFile,
  processName,
  releaseFolder,
  releasePidFile,
  runningOwner,
} from "./pidfile.js";
import { effectiveCapabilities, missingPrivileges } from "./preflight.js";
import { type OrderWatch, watchOrders } from "./signals.js";
import { createNotifier } from "./systemd.js";
import { print, versionText } from "./terminal.js";

/** What the daemon takes from its surroundings; tests put others in place. */
export interface Host {
  readonly modules: Readonly<Record<ChildKind, string>>;
  /** What starts this daemon, without the words of its command line. */
  readonly program: readonly string[];
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

/** How this process came to be. */
export interface Descent {
  /** The detached copy of one that waits in the foreground. */
  readonly isCopy: boolean;
  /** Relative names on the command line begin here. */
  readonly startFolder: string;
  /** It was another release of this daemon before. */
  readonly heir: { readonly left: Inheritance; readonly origin: number } | undefined;
}

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #host: Host;
  readonly #descent: Descent;
  /** What is logged is seen on standard error too, or where that leads. */
  readonly #isShownOnStderr: boolean;
  readonly #sink: LogSink;
  readonly #log: Log;
  readonly #reader: ConfigReader;
  #orders: OrderWatch | undefined;
  #putBackCorePattern: (() => void) | undefined;
  /** Of all idents. */
  #suffix = "";
  /** Errors of a start that may yet fail: who started the daemon must see them, not syslog only. */
  #early: string[] | undefined = [];
  #earlyLeftOut = 0;

  constructor(options: DaemonOptions, host: Host, descent: Descent) {
    this.#options = options;
    this.#host = host;
    this.#descent = descent;
    const { sink, isOnStderr } = openLog(options);
    this.#isShownOnStderr = isOnStderr;
    this.#sink = {
      ...sink,
      write: (record, from) => {
        this.#noteEarly(record);
        sink.write(record, { ...from, ident: from.ident + this.#suffix });
      },
    };
    const source = { ident: parentIdent, pid: process.pid };
    this.#log = createLog((record) => this.#sink.write(record, source));
    this.#reader = new ConfigReader(options, host, this.#log, descent.heir?.origin);
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
    const loop = this.#createLoop();
    // From here on a signal is an order, not the end of the process.
    const { ignoreInterrupt } = this.#options;
    const orders = watchOrders(ignoreInterrupt, (order) => loop.handleOrder(order));
    this.#orders = orders;
    try {
      return await this.#preflight(loop);
    } finally {
      orders.close();
    }
  }

  /** What the configuration and the command line say of this process, before all else. */
  async #preflight(loop: ParentLoop): Promise<number> {
    const { config: read, exitCode } = await this.#reader.readFirst();
    // It was sound when it was tried; whatever became of it since, what is in force goes on.
    const config = read ?? this.#descent.heir?.left.estate.config;
    if (config === undefined) return exitCode;
    if (read === undefined) this.#log.error("The running configuration stays in force");
    const { parent } = this.#reader.pidPaths;
    const owner = runningOwner(parent);
    if (owner !== undefined) return this.#refuseSecond(owner);
    this.#nameIdents();
    const warn = (text: string): void => this.#log.warn(text);
    if (this.#options.leavesCore) allowCoreFiles(warn);
    const { corePattern } = this.#options;
    if (corePattern !== undefined) this.#putBackCorePattern = setCorePattern(corePattern, warn);
    try {
      return await this.#runAs(parent, config, loop);
    } finally {
      this.#putBackCorePattern?.();
    }
  }

  /** Everything that can go wrong before anything is changed, then the run. */
  async #runAs(pidFile: string, config: Config, loop: ParentLoop): Promise<number> {
    const missing = this.#missingPrivileges(config);
    if (missing !== undefined) return this.#fail(missing, exitMissingPermission);
    // A stop that comes meanwhile is not held up.
    const orphan = await Promise.race([this.#orphanThatStays(), loop.ended.then(() => undefined)]);
    if (orphan !== undefined) {
      const text = `Cannot start: child process ${orphan} of an earlier daemon does not end`;
      return this.#fail(text, exitFatal);
    }
    const claim = claimPidFile(pidFile, process.pid);
    if (!claim.ok && "owner" in claim) return this.#refuseSecond(claim.owner);
    if (!claim.ok) return this.#fail(claim.failure, exitFatal);
    try {
      const { heir } = this.#descent;
      if (heir === undefined) await this.#runScript("startup_script", config, loop.ended);
      else loop.inherit(heir.left);
      loop.configure(config);
      if (heir?.left.estate.isStopOwed) loop.handleOrder("stop");
      const status = await loop.ended;
      await this.#runScript("shutdown_script", loop.config ?? config, new Promise(() => undefined));
      return status;
    } finally {
      this.#releasePidFile();
    }
  }

  #nameIdents(): void {
    const { identSuffix } = this.#reader;
    if (identSuffix !== "") this.#log.info(`Changing syslog ident to ${parentIdent}${identSuffix}`);
    this.#suffix = identSuffix;
  }

  #releasePidFile(): void {
    const paths = this.#reader.pidPaths;
    releasePidFile(paths.parent, process.pid);
    for (const path of Object.values(paths)) releaseFolder(dirname(path), runFolder);
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
      notifier: createNotifier(process.env),
      modules: this.#host.modules,
      reload: ({ global: running }) => {
        this.#sink.reopen();
        return this.#reader.readAgain(running);
      },
      readForPlan: () => this.#reader.readForPlan(),
      asForReload: (config) => this.#reader.asForReload(config),
      adopt: (config) => this.#reader.adopt(config),
      started: () => {
        this.#early = undefined;
        if (this.#descent.isCopy) reportCopyReady();
      },
      pidFile: (kind) => this.#reader.pidPaths[kind],
      childArguments: (kind) => this.#reader.childArguments(kind),
      program: this.#host.program,
      startFolder: this.#descent.startFolder,
      origin: () => this.#reader.originDescriptor,
      leave: async () => {
        this.#putBackCorePattern?.();
        await this.#sink.close();
      },
      shielded: (start) => (this.#orders === undefined ? start() : this.#orders.shielded(start)),
    });
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
      const { vrrp, checker } = this.#reader.pidPaths;
      const orphan = [vrrp, checker].map(runningOwner).find((pid) => pid !== undefined);
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
    else this.#earlyLeftOut += 1;
  }

  #tellEarly(): void {
    const lines = this.#early ?? [];
    if (lines.length === 0 || this.#isShownOnStderr) return;
    const leftOut = this.#earlyLeftOut === 0 ? [] : [`${this.#earlyLeftOut} more are in the log`];
    print(`${[...lines, ...leftOut].join("\n")}\n`, 0);
  }

  /** A mistake of ours. The children see the pipe close, and end in good order by themselves. */
  #endOnBug(): void {
    process.on("uncaughtException", (error) => {
      const text = `Cannot go on because of a program error: ${error.stack ?? error.message}`;
      for (const line of text.split("\n")) this.#log.error(line);
      this.#tellEarly();
      this.#releasePidFile();
      const end = (): never => process.exit(exitProgramError);
      this.#closeLog(exitProgramError).then(end, end);
    });
  }
}

function openLog(options: DaemonOptions): { sink: LogSink; isOnStderr: boolean } {
  const surroundings = logSurroundings(process.env["JOURNAL_STREAM"]);
  // keepalived's --log-console acts in the foreground only.
  const toConsole = options.logToConsole && options.dontFork;
  const wanted = { toConsole, toSyslog: options.logToSyslog, journal: options.journal };
  const ways = logWays(wanted, surroundings);
  const sink = createLogSink({
    ...{ toConsole: ways.toConsole, toSyslog: ways.toSyslog, syslogPath: syslogSocket },
    journalPath: ways.toJournal ? journalSocket : undefined,
    asJson: options.logAsJson,
    facility: options.facility,
    detail: options.logDetail,
    file: options.logFile,
  });
  return { sink, isOnStderr: ways.toConsole || (ways.toJournal && surroundings.isStderrJournal) };
}
