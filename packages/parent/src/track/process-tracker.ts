// Watches the processes that vrrp_track_process names: reads /proc once and then what the kernel's
// process connector tells. Where there is no connector (it belongs to the initial namespaces) /proc
// is read again and again. What counts, core/process-watch decides.

import {
  type ProcessEvent,
  type ProcessEventType,
  ProcessMonitor,
} from "@keepalived-ts/netops/process/proc-events";
import { eachProcess, readProcessNames } from "@keepalived-ts/netops/process/proc-files";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { TrackedProcessConfig } from "@keepalived-ts/shared-config/schema/config";
import {
  createProcessWatch,
  handleProcess,
  nextProcessDeadline,
  type ProcessNames,
  type ProcessWatch,
  type ProcessWatchEvent,
} from "../core/process-watch.js";
import { monotonicNowUs } from "../edge/clock.js";

export interface ProcessTrackerHandlers {
  changed(name: string, isWell: boolean): void;
  log(record: LogRecord): void;
}

const pollMs = 500;
/** More than this many are not looked at; the kernel's default limit is 32,768. */
const processesMax = 131_072;
/** A monitor that failed is opened again after this. */
const againMs = 5_000;

const monitored: readonly ProcessEventType[] = ["fork", "exec", "exit", "comm"];

export class ProcessTracker {
  readonly #handlers: ProcessTrackerHandlers;
  #watch: ProcessWatch = createProcessWatch([]);
  #monitor: ProcessMonitor | undefined;
  #isOpening = false;
  #poll: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(handlers: ProcessTrackerHandlers) {
    this.#handlers = handlers;
  }

  /** Tells at once how things are. `receiveBufferBytes` is process_monitor_rcv_bufs. */
  configure(configs: readonly TrackedProcessConfig[], receiveBufferBytes?: number): void {
    this.#watch = createProcessWatch(configs, this.#watch);
    if (configs.length === 0) {
      this.#stop();
      return;
    }
    for (const [name, { isWell }] of this.#watch.watched) {
      if (isWell !== undefined) this.#handlers.changed(name, isWell);
    }
    this.#list();
    if (this.#monitor === undefined && !this.#isOpening) void this.#open(receiveBufferBytes);
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#poll);
    this.#monitor?.close();
    this.#monitor = undefined;
  }

  async #open(receiveBufferBytes: number | undefined): Promise<void> {
    this.#isOpening = true;
    clearTimeout(this.#poll);
    const handlers = {
      happened: (event: ProcessEvent) => this.#happened(event),
      overran: () => this.#list(),
      failed: (error: Error) => {
        this.#monitor = undefined;
        this.#handlers.log({ level: "warn", text: `${error.message}; reading /proc instead` });
        this.#pollAgain(receiveBufferBytes, againMs);
      },
    };
    const size = receiveBufferBytes === undefined ? {} : { receiveBufferBytes };
    try {
      const monitor = await ProcessMonitor.open(handlers, { events: monitored, ...size });
      this.#isOpening = false;
      monitor.unref();
      if (this.#isClosed || this.#watch.watched.size === 0) monitor.close();
      else this.#monitor = monitor;
      // What changed between the first look and the monitor's opening.
      this.#list();
    } catch (thrown) {
      this.#isOpening = false;
      const text = `${errorText(thrown)}; reading /proc every ${pollMs} ms instead`;
      this.#handlers.log({ level: "warn", text });
      this.#pollAgain(undefined, Number.POSITIVE_INFINITY);
    }
  }

  /** Reads /proc until the monitor is to be tried again, `retryMs` from now. */
  #pollAgain(receiveBufferBytes: number | undefined, retryMs: number): void {
    if (this.#isClosed || this.#watch.watched.size === 0) return;
    this.#poll = setTimeout(() => {
      this.#list();
      if (retryMs > pollMs) this.#pollAgain(receiveBufferBytes, retryMs - pollMs);
      else void this.#open(receiveBufferBytes);
    }, pollMs);
  }

  #happened(event: ProcessEvent): void {
    switch (event.type) {
      case "fork":
        this.#dispatch({ type: "forked", parentPid: event.parentPid, pid: event.pid });
        return;
      case "exec":
      case "comm":
        this.#dispatch({
          type: "renamed",
          pid: event.pid,
          names: readProcessNames(event.pid) ?? null,
        });
        return;
      case "exit":
        this.#dispatch({ type: "exited", pid: event.pid });
        return;
      default:
        return;
    }
  }

  #list(): void {
    const processes = new Map<number, ProcessNames>();
    try {
      eachProcess((pid) => {
        const names = processes.size < processesMax ? readProcessNames(pid) : undefined;
        if (names !== undefined) processes.set(pid, names);
      });
    } catch (thrown) {
      const text = `Cannot look for processes in /proc: ${errorText(thrown)}`;
      this.#handlers.log({ level: "error", text });
      return;
    }
    this.#dispatch({ type: "listed", processes });
  }

  #dispatch(event: ProcessWatchEvent): void {
    for (const { name, isWell, isFirst } of handleProcess(this.#watch, event, monotonicNowUs())) {
      const text = `Quorum ${isWell ? "gained" : "lost"} for tracked process ${name}`;
      if (!isFirst) this.#handlers.log({ level: "info", text });
      this.#handlers.changed(name, isWell);
    }
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const deadline = nextProcessDeadline(this.#watch);
    if (deadline === undefined || this.#isClosed) return;
    const delayMs = Math.max(0, Math.ceil((deadline - monotonicNowUs()) / 1000));
    this.#timer = setTimeout(() => this.#dispatch({ type: "deadlineReached" }), delayMs);
  }
}
