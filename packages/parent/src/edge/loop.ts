// The parent at work: turns signals, messages and exits into events of the core, and the core's
// actions into deeds. Decides nothing but how a deed is done.

import { unreachable } from "@keepalived-ts/shared-config/base/assert";
import type { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { createLog, type Log, type LogRecord } from "@keepalived-ts/shared-config/base/log";
import {
  fromCheckerSchema,
  fromVrrpSchema,
} from "@keepalived-ts/shared-config/ipc/from-child-schema";
import type {
  FromChecker,
  FromVrrp,
  ToChecker,
  ToVrrp,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import type * as z from "zod/mini";
import type { DaemonOptions } from "../cli-options.js";
import type { ParentAction } from "../core/action.js";
import type { ChildKind, ParentEvent } from "../core/event.js";
import { handle, nextDeadline } from "../core/supervisor.js";
import { childTitle, createSupervisor, type Supervisor } from "../core/supervisor-state.js";
import type { DbusOrder } from "../dbus/objects.js";
import { Notifications } from "../notify/notifications.js";
import { Watchers } from "../track/watchers.js";
import { childExecArgv, idents } from "./child-kinds.js";
import { type ChildHandle, type ChildHandlers, startChild } from "./child-process.js";
import { monotonicNowUs } from "./clock.js";
import { Control } from "./control.js";
import { DaemonRecord } from "./daemon-facts.js";
import { DataDump } from "./data-dump.js";
import { FailoverQuery } from "./failover-query.js";
import type { Inheritance } from "./inheritance.js";
import { InterfaceSettings } from "./interface-settings.js";
import { IpvsQuery } from "./ipvs-query.js";
import { LocalIgmp } from "./local-igmp.js";
import { type LogSink, type LogSource, parentIdent } from "./log-sink.js";
import { isMarked, maintenanceMarkPath, mark } from "./maintenance-mark.js";
import { Monitoring } from "./monitoring.js";
import { releasePidFile, writePidFile } from "./pidfile.js";
import { Planner, type PlanningDaemon } from "./planner.js";
import { processSight } from "./process-sight.js";
import { ReloadSchedule } from "./reload-schedule.js";
import { Reloads } from "./reloads.js";
import type { SignalOrder } from "./signals.js";
import { StatusQuery } from "./status-query.js";
import type { Notifier } from "./systemd.js";
import { type UpgradableDaemon, Upgrade } from "./upgrade.js";

export interface LoopPorts extends PlanningDaemon, UpgradableDaemon {
  readonly sink: LogSink;
  readonly notifier: Notifier;
  /**
   * Reads the configuration again and says what is wrong with it; undefined = keep the present
   * one.
   */
  reload(running: Config): Config | undefined;
  /** What a configuration says of this process itself holds again. */
  adopt(config: Config): void;
  /** The daemon is up for the first time. */
  started(): void;
  pidFile(kind: ChildKind | "parent"): string;
  /** Words for the child's command line. */
  childArguments(kind: ChildKind): readonly string[];
}

/** setTimeout's limit is 2^31 - 1 ms. */
const timerMaxMs = 2 ** 31 - 1;
const invalidLoggedEvery = 100;

interface Children {
  vrrp?: ChildHandle<ToVrrp> | undefined;
  checker?: ChildHandle<ToChecker> | undefined;
}

export class ParentLoop {
  readonly #ports: LoopPorts;
  readonly #supervisor: Supervisor;
  readonly #log: Log;
  readonly #children: Children = {};
  readonly #watchers: Watchers;
  readonly #notifications: Notifications;
  readonly #monitoring: Monitoring;
  readonly #settings: InterfaceSettings;
  readonly #localIgmp: LocalIgmp;
  readonly #query: StatusQuery;
  readonly #ipvs: IpvsQuery;
  readonly #failovers: FailoverQuery;
  readonly #record = new DaemonRecord();
  readonly #control: Control;
  readonly #dump: DataDump;
  readonly #schedule: ReloadSchedule;
  readonly #reloads: Reloads;
  readonly #upgrade: Upgrade;
  readonly #planner: Planner;
  #timer: NodeJS.Timeout | undefined;
  /** The deadline that the timer stands for. */
  #armedFor: number | undefined;
  #invalidMessages = 0;
  #hasStarted = false;
  #end: (exitCode: number) => void = () => undefined;
  /** Resolves with the status of the process once no child is left. */
  readonly ended: Promise<number>;

  constructor(options: DaemonOptions, ports: LoopPorts) {
    this.#ports = ports;
    const kinds: ReadonlySet<ChildKind> =
      options.kinds.length === 0 ? new Set(["vrrp", "checker"]) : new Set(options.kinds);
    const { respawn, keeps } = options;
    this.#supervisor = createSupervisor({ kinds, respawn, keeps: new Set(keeps) });
    const source: LogSource = { ident: parentIdent, pid: process.pid };
    this.#log = createLog((record) => ports.sink.write(record, source));
    this.#settings = new InterfaceSettings((record) => ports.sink.write(record, source));
    this.#localIgmp = new LocalIgmp(this.#log);
    this.#watchers = new Watchers({
      reported: (report) => {
        this.#dispatch({ type: "trackerReported", report });
        this.#control.note("tracker", `${report.kind} ${report.name}`, `now ${report.value}`);
      },
      log: (record) => ports.sink.write(record, source),
    });
    const log = (record: LogRecord): void => ports.sink.write(record, source);
    this.#notifications = new Notifications(log, (change) => this.#monitoring.told(change));
    this.#query = new StatusQuery((clears) => this.#askStatistics(clears));
    this.#ipvs = new IpvsQuery(() => this.#askIpvs());
    this.#failovers = new FailoverQuery((instance) => this.#sendFailover(instance));
    this.#control = new Control({
      sink: ports.sink,
      query: this.#query,
      ipvs: this.#ipvs,
      record: this.#record,
      supervisor: this.#supervisor,
      parentPidFile: () => ports.pidFile("parent"),
      runningScripts: () => this.#watchers.runningScripts,
      reload: (confirmWithinUs) => this.#reloads.reload(confirmWithinUs),
      confirm: () => this.#reloads.confirm(),
      upgrade: () => this.#upgrade.start(),
      plan: (config) => this.#planner.plan(config),
      confirmUntilUs: () => this.#reloads.confirmUntilUs,
      failover: (instance) => this.#failovers.ask(instance),
      setMaintenance: (isOn) => this.#setMaintenance(isOn),
      drain: (order) => this.#dispatch({ type: "drainOrdered", ...order }),
    });
    this.#monitoring = new Monitoring({
      log,
      events: this.#control.events,
      view: (hasTraffic) => this.#control.view(hasTraffic),
      query: this.#query,
      ipvs: this.#ipvs,
      supervisor: this.#supervisor,
      reconfigure: (config) => this.#reloads.reconfigure(config),
      settled: () => this.#reloads.settled(),
      order: (order) => this.#handleDbusOrder(order),
    });
    this.#dump = new DataDump({
      log: this.#log,
      query: this.#query,
      supervisor: this.#supervisor,
      view: (config, answer) => this.#control.stateView(config, answer),
      umask: options.umask,
    });
    this.#schedule = new ReloadSchedule({
      log: this.#log,
      wallMs: Date.now,
      due: () => this.#reloads.reload(),
    });
    this.#reloads = this.#createReloads();
    this.#planner = new Planner({ log: this.#log, daemon: ports, supervisor: this.#supervisor });
    this.#upgrade = new Upgrade({
      log: this.#log,
      daemon: ports,
      supervisor: this.#supervisor,
      reloads: this.#reloads,
      watchers: this.#watchers,
      notifications: this.#notifications,
      settings: this.#settings,
      localIgmp: this.#localIgmp,
      order: (type) => this.#dispatch({ type }),
      configure: (config) => this.configure(config),
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Messages of children that fitted no row of the table. */
  get invalidMessages(): number {
    return this.#invalidMessages;
  }

  /** Before the first configuration: the work of another release goes on. */
  inherit(left: Inheritance): void {
    this.#upgrade.inherit(left);
  }

  /** What is in force, or coming into force. */
  get config(): Config | undefined {
    return this.#supervisor.config;
  }

  configure(config: Config): void {
    if (this.#supervisor.isExited) return;
    this.#reloads.begin();
    const { kinds } = this.#supervisor.options;
    const running = {
      ...config,
      vrrp: kinds.has("vrrp") ? config.vrrp : undefined,
      checker: kinds.has("checker") ? config.checker : undefined,
    };
    this.#localIgmp.configure(config.global.disableLocalIgmp);
    this.#notifications.configure(running);
    if (this.#supervisor.config === undefined && isMarked(this.#maintenanceMark())) {
      this.#log.warn("Maintenance is on since before the start");
      this.#dispatch({ type: "maintenanceOrdered", isOn: true });
    }
    // First, so that what is known at once goes with the configuration.
    this.#watchers.configure(running);
    this.#dispatch({ type: "configured", config });
    this.#monitoring.configure(config);
    this.#schedule.configure(config.global);
    this.#control.letIn(config.global.controlGroupId);
  }

  #createReloads(): Reloads {
    return new Reloads({
      log: this.#log,
      notifier: this.#ports.notifier,
      running: () => this.#supervisor.config,
      isStopping: () => this.#supervisor.exitCode !== undefined,
      read: (running) => this.#ports.reload(running),
      adopt: (config) => this.#ports.adopt(config),
      configure: (config) => this.configure(config),
      noteReload: (isAccepted) => this.#record.noteReload(isAccepted),
      noteEvent: (text) => this.#control.note("config", "keepalived.conf", text),
    });
  }

  #handleDbusOrder(order: DbusOrder): void {
    const said = (what: string): void => this.#log.info(`${what} on DBus request`);
    switch (order.type) {
      case "reload":
        this.#reloads.reload();
        return;
      case "sendGratuitousArp":
        said(`Sending garps on ${order.instance}`);
        this.#children.vrrp?.send({ type: "announce", instance: order.instance });
        return;
      case "printData":
        said("Printing VRRP data");
        this.#dump.order("data");
        return;
      case "printStatistics":
        said("Printing VRRP stats");
        this.#dump.order("statistics");
        return;
      case "printStatisticsClear":
        said("Printing and clearing VRRP stats");
        this.#dump.order("statisticsClear");
        return;
      default:
        unreachable(order);
    }
  }

  handleOrder(order: SignalOrder): void {
    if (order === "stop") this.#dispatch({ type: "stopRequested" });
    else if (order === "reload") this.#reloads.reload();
    else this.#dump.order(order);
  }

  #askStatistics(clears: boolean): boolean {
    if (this.#supervisor.children.vrrp.phase !== "running") return false;
    this.#children.vrrp?.send({ type: "reportStatistics", clears });
    return true;
  }

  #sendFailover(instance: string): boolean {
    if (this.#supervisor.children.vrrp.phase !== "running") return false;
    this.#children.vrrp?.send({ type: "failover", instance });
    return true;
  }

  #maintenanceMark(): string | undefined {
    return maintenanceMarkPath(this.#ports.pidFile("parent"));
  }

  #setMaintenance(isOn: boolean): void {
    mark(this.#maintenanceMark(), isOn);
    this.#control.note("config", "maintenance", isOn ? "on" : "off");
    this.#dispatch({ type: "maintenanceOrdered", isOn });
  }

  #askIpvs(): boolean {
    if (this.#supervisor.children.checker.phase !== "running") return false;
    this.#children.checker?.send({ type: "reportStatistics", clears: false });
    return true;
  }

  #dispatch(event: ParentEvent): void {
    for (const action of handle(this.#supervisor, event, monotonicNowUs())) this.#execute(action);
    this.#armTimer();
    this.#reloads.runOwed();
  }

  /** Messages come by the thousand, and the deadline is the same for most of them. */
  #armTimer(): void {
    // Armed even without a deadline: a daemon whose configuration needs no child must stay alive.
    const deadline = nextDeadline(this.#supervisor) ?? Number.POSITIVE_INFINITY;
    if (deadline === this.#armedFor && !this.#supervisor.isExited) return;
    clearTimeout(this.#timer);
    if (this.#supervisor.isExited) return;
    this.#armedFor = deadline;
    const delayMs = Math.ceil((deadline - monotonicNowUs()) / 1000);
    this.#timer = setTimeout(
      () => {
        this.#armedFor = undefined;
        this.#dispatch({ type: "deadlineReached" });
      },
      Math.min(Math.max(delayMs, 0), timerMaxMs),
    );
  }

  #execute(action: ParentAction): void {
    switch (action.type) {
      case "startChild":
        action.kind === "vrrp" ? this.#startVrrp() : this.#startChecker();
        return;
      case "sendToVrrp":
        this.#children.vrrp?.send(action.message);
        return;
      case "sendToChecker":
        this.#children.checker?.send(action.message);
        return;
      case "observeChild":
        this.#observe(action.kind);
        return;
      case "killChild":
        this.#children[action.kind]?.kill();
        return;
      case "reportReady":
        this.#reportReady(action.generation);
        return;
      case "reportStopping":
        this.#ports.notifier.stopping();
        this.#notifications.stopping();
        this.#monitoring.stopping();
        return;
      case "log":
        this.#ports.sink.write(action.record, { ident: parentIdent, pid: process.pid });
        return;
      case "succeed":
        void this.#upgrade.succeed();
        return;
      case "exit":
        this.#finish(action.exitCode);
        return;
      default:
        unreachable(action);
    }
  }

  #observe(kind: ChildKind): void {
    const pid = this.#children[kind]?.pid;
    const sight = pid ? processSight(pid) : undefined;
    // The answer of one that is gone is its end. Answers come in a turn of their own.
    if (sight === undefined) return;
    setImmediate(() => {
      if (this.#children[kind]?.pid === pid) this.#dispatch({ type: "childObserved", kind, sight });
    });
  }

  #finish(exitCode: number): void {
    this.#watchers.close();
    this.#settings.want([]);
    this.#localIgmp.close();
    this.#schedule.close();
    this.#reloads.close();
    this.#query.close();
    this.#ipvs.close();
    this.#control.close();
    const end = (): void => this.#end(exitCode);
    this.#notifications
      .close()
      .then(() => this.#monitoring.close())
      .then(end, end);
  }

  #reportReady(generation: number): void {
    this.#log.info(this.#hasStarted ? "Reload complete" : "Startup complete");
    this.#control.note("config", "keepalived.conf", `generation ${generation} in force`);
    this.#control.open();
    this.#ports.notifier.ready(`Running, configuration ${generation}`);
    if (!this.#hasStarted) this.#ports.started();
    this.#hasStarted = true;
    this.#reloads.settle();
  }

  #startVrrp(): void {
    const said = (message: FromVrrp): void => {
      if (message.type === "statistics") this.#query.received(message);
      else if (message.type === "settingsWanted") this.#settings.want(message.settings);
      else if (message.type === "failoverEnded") this.#failovers.received(message);
      else {
        this.#dispatch({ type: "vrrpSaid", message });
        this.#notifications.vrrpSaid(message);
        this.#control.noteVrrp(message);
        this.#monitoring.vrrpSaid(message);
      }
    };
    this.#children.vrrp = this.#start<ToVrrp, FromVrrp>("vrrp", fromVrrpSchema, said);
  }

  #startChecker(): void {
    const said = (message: FromChecker): void => {
      if (message.type === "statistics") {
        this.#ipvs.received(message);
        return;
      }
      this.#dispatch({ type: "checkerSaid", message });
      this.#notifications.checkerSaid(message);
      this.#control.noteChecker(message);
    };
    this.#children.checker = this.#start<ToChecker, FromChecker>(
      "checker",
      fromCheckerSchema,
      said,
    );
  }

  #start<Outgoing, Incoming extends FromVrrp | FromChecker>(
    kind: ChildKind,
    schema: z.ZodMiniType<Incoming>,
    said: (message: Incoming) => void,
  ): ChildHandle<Outgoing> {
    const { modules, childArguments } = this.#ports;
    const args = childArguments(kind);
    const spec = { module: modules[kind], execArgv: childExecArgv[kind], args, schema };
    const handlers = this.#childHandlers(kind, () => handle.pid, said);
    const handle: ChildHandle<Outgoing> = this.#ports.shielded(() =>
      startChild<Outgoing, Incoming>(spec, handlers),
    );
    this.#log.info(`Starting ${childTitle[kind]} child process, pid=${handle.pid}`);
    this.#control.note("child", childTitle[kind], `started, pid ${handle.pid}`);
    if (handle.pid !== null) this.#writePid(kind, handle.pid);
    return handle;
  }

  #childHandlers<Incoming extends FromVrrp | FromChecker>(
    kind: ChildKind,
    pid: () => number | null,
    said: (message: Incoming) => void,
  ): ChildHandlers<Incoming> {
    const source = (): LogSource => ({ ident: idents[kind], pid: pid() ?? 0 });
    // A child that was given up may still speak or end later; it is nobody's business then.
    const isCurrent = (): boolean => this.#children[kind]?.pid === pid();
    return {
      message: (message) => {
        if (message.type === "log") this.#ports.sink.write(message.record, source());
        else if (isCurrent()) said(message);
      },
      invalid: (error) => this.#countInvalid(kind, error),
      disconnected: () => {
        if (isCurrent()) this.#dispatch({ type: "childDisconnected", kind });
      },
      printed: (text) => this.#ports.sink.write({ level: "error", text }, source()),
      exited: (exit) => {
        if (exit.pid !== null) releasePidFile(this.#ports.pidFile(kind), exit.pid);
        const how = exit.signal ?? `status ${exit.exitCode}`;
        this.#control.note("child", childTitle[kind], `ended, pid ${exit.pid}, ${how}`);
        if (!isCurrent()) return;
        if (this.#supervisor.children[kind].phase === "running") this.#record.noteDeath(kind);
        this.#dispatch({ type: "childExited", kind, ...exit });
      },
    };
  }

  #writePid(kind: ChildKind, pid: number): void {
    const failure = writePidFile(this.#ports.pidFile(kind), pid);
    if (failure !== undefined) this.#log.warn(failure);
  }

  /** A flood of them must not become a flood in the log. */
  #countInvalid(kind: ChildKind, error: KeepalivedError): void {
    this.#invalidMessages++;
    if (this.#invalidMessages % invalidLoggedEvery !== 1) return;
    this.#log.warn(`${childTitle[kind]} child process: ${error.message}`, {
      ...error.data,
      count: this.#invalidMessages,
    });
  }
}
