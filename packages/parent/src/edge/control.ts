// What the parent offers to whoever asks: its view of everything at one moment, the events, and the
// orders that a client may give. Binds the control API to the loop; decides nothing.

import { createLog } from "@keepalived-ts/shared-config/base/log";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { FromChecker, FromVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import type { ApiView, PlanOutcome, ReloadOutcome, UpgradeOutcome } from "../control/api.js";
import { EventLog, type StateEvent } from "../control/event-log.js";
import type { DrainOrder } from "../core/event.js";
import type { Supervisor } from "../core/supervisor-state.js";
import type { StateView } from "../data/state-data.js";
import { monotonicNowUs } from "./clock.js";
import { ControlServer, controlSocketPath } from "./control-server.js";
import type { DaemonRecord } from "./daemon-facts.js";
import type { FailoverOutcome } from "./failover-query.js";
import type { IpvsCounts, IpvsQuery } from "./ipvs-query.js";
import { type LogSink, parentIdent } from "./log-sink.js";
import {
  noAnswer,
  type StatusAnswer,
  type StatusOutcome,
  type StatusQuery,
} from "./status-query.js";
import { versionText } from "./terminal.js";

export interface ControlSources {
  readonly sink: LogSink;
  readonly query: StatusQuery;
  readonly ipvs: IpvsQuery;
  readonly record: DaemonRecord;
  readonly supervisor: Supervisor;
  parentPidFile(): string;
  runningScripts(): ReadonlySet<string>;
  reload(confirmWithinUs?: number): ReloadOutcome;
  confirm(): boolean;
  upgrade(): Promise<UpgradeOutcome>;
  plan(config: Config | undefined): Promise<PlanOutcome>;
  confirmUntilUs(): number | undefined;
  failover(instance: string): Promise<FailoverOutcome>;
  setMaintenance(isOn: boolean): void;
  drain(order: DrainOrder): void;
}

export class Control {
  readonly #sources: ControlSources;
  readonly events: EventLog = new EventLog();
  readonly #version = versionText();
  #server: ControlServer | undefined;

  constructor(sources: ControlSources) {
    this.#sources = sources;
  }

  /** From now on clients are answered; a second call changes nothing. */
  open(): void {
    const path = controlSocketPath(this.#sources.parentPidFile());
    if (this.#server !== undefined || path === undefined) return;
    const { sink, reload, confirm, upgrade, plan, failover, setMaintenance, drain } = this.#sources;
    const source = { ident: parentIdent, pid: process.pid };
    this.#server = new ControlServer(path, {
      log: createLog((record) => sink.write(record, source)),
      reload,
      confirm,
      upgrade,
      plan,
      failover,
      setMaintenance,
      drain: (order) => {
        const text = `${order.isOn ? "drained" : "no longer drained"} of ${order.virtualServer}`;
        this.note("server", order.realServer, text);
        drain(order);
      },
      showLog: (level) => {
        sink.show(level);
        this.note("config", "log", `level ${level}`);
      },
      events: this.events,
      view: (hasTraffic) => this.view(hasTraffic),
    });
    this.letIn(this.#sources.supervisor.config?.global.controlGroupId);
    this.#server.open();
  }

  /** `control_group` */
  letIn(groupId: number | undefined): void {
    this.#server?.letIn(groupId);
  }

  close(): void {
    this.#server?.close();
  }

  note(kind: StateEvent["kind"], name: string, text: string): void {
    this.events.add({ kind, name, text, atUs: Date.now() * usPerMs });
  }

  noteVrrp(message: FromVrrp): void {
    if (message.type === "instanceState" && message.previous !== message.snapshot.state) {
      const { instance, state, effectivePriority } = message.snapshot;
      const text = `${message.previous} -> ${state}, priority ${effectivePriority}`;
      this.note("instance", instance, text);
    } else if (message.type === "instanceRemoved") {
      this.note("instance", message.instance, "removed");
    } else if (message.type === "groupState" && message.previous !== message.state) {
      this.note("group", message.group, `${message.previous} -> ${message.state}`);
    }
  }

  noteChecker(message: FromChecker): void {
    if (message.type === "realServerState" && message.notice !== null) {
      const { virtualServer, realServer, isUp } = message.snapshot;
      this.note("server", realServer, `${isUp ? "up" : "down"} of ${virtualServer}`);
    } else if (message.type === "virtualServerState" && message.notice !== null) {
      const { virtualServer, hasQuorum } = message.snapshot;
      this.note("server", virtualServer, hasQuorum ? "quorum gained" : "quorum lost");
    }
  }

  /** For data files too. */
  stateView(config: Config, { instances }: StatusAnswer): StateView {
    const offsetUs = Date.now() * usPerMs - monotonicNowUs();
    return {
      config,
      instances,
      trackers: this.#sources.supervisor.mirror.trackers,
      runningScripts: this.#sources.runningScripts(),
      wallUs: (monotonicUs) => monotonicUs + offsetUs,
    };
  }

  /** Everything that is known, once the children have answered. */
  async view(hasTraffic: boolean): Promise<ApiView | undefined> {
    const { query, ipvs, supervisor } = this.#sources;
    const hasServers = hasTraffic && supervisor.config?.checker !== undefined;
    const [outcome, counts] = await Promise.all([
      new Promise<StatusOutcome>((resolve) => query.ask(false, resolve)),
      hasServers ? ipvs.ask() : undefined,
    ]);
    return this.#apiView(outcome, counts);
  }

  #apiView(outcome: StatusOutcome, ipvs: IpvsCounts | undefined): ApiView | undefined {
    const { supervisor } = this.#sources;
    const { config, generation } = supervisor;
    if (config === undefined) return undefined;
    const answer = typeof outcome === "string" ? noAnswer : outcome;
    const isAnswered = outcome !== "silent" && !(outcome === "absent" && config.vrrp !== undefined);
    return {
      ...this.stateView(config, answer),
      supervisor,
      generation,
      version: this.#version,
      now: monotonicNowUs(),
      confirmUntilUs: this.#sources.confirmUntilUs(),
      isCurrent: isAnswered,
      isUp: isAnswered,
      unknownVirtualRouter: answer.unknownVirtualRouter,
      eventLoopDelayMaxUs: answer.eventLoopDelayMaxUs,
      advertLateness: answer.advertLateness,
      facts: this.#sources.record.facts(config),
      mirror: supervisor.mirror,
      ipvs,
    };
  }
}
