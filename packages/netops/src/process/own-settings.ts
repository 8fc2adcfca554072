// Brings the process that calls into line with its part of global_defs: name, nice value, real-time
// priority and its limit, processors, memory lock; at the start and at every reload. What a reload
// takes away goes back to what the process was started with. Decides how a setting is made, not
// which; what the kernel refuses is said and the process runs on. Specification: sched(7),
// getrlimit(2), proc(5)

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { type AutoPriorityRule, nextAutoPriority } from "./auto-priority.js";
import {
  getAffinity,
  lockMemory,
  MCL_CURRENT,
  MCL_FUTURE,
  MCL_ONFAULT,
  setAffinity,
  setResourceLimit,
  setScheduler,
  unlockMemory,
} from "./control.js";
import { isPreloaded } from "./preload.js";
import { ignoreSignals, type SignalWatch, watchSignals } from "./signals.js";

/** What global_defs says of one process; absent = as it was started. */
export interface OwnSettings {
  readonly name: string;
  readonly nicePriority?: number | undefined;
  readonly realTimePriority?: number | undefined;
  readonly realTimeLimitUs: number;
  readonly noSwap: boolean;
  readonly cpuAffinity?: readonly number[] | undefined;
  /** Rise to a real-time priority when timers run late. */
  readonly autoPriority?: AutoPriorityRule | undefined;
}

/** Takes what there is to say; the caller writes it somewhere. */
export type SayRecord = (record: LogRecord) => void;

/** signal(7) */
const sigxcpu = 24;

export class OwnProcess {
  /** First part of the keywords: vrrp or checker. */
  readonly #kind: string;
  readonly #say: SayRecord;
  readonly #inherited: { readonly nice: number; readonly cpus: readonly number[] };
  #settings: OwnSettings | undefined;
  /** SCHED_RR priority in force; 0 = none. */
  #realTimePriority = 0;
  #limitWatch: SignalWatch | undefined;

  constructor(kind: string, say: SayRecord) {
    this.#kind = kind;
    this.#say = say;
    this.#inherited = { nice: getPriority(), cpus: getAffinity() };
  }

  apply(settings: OwnSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    if (before?.name !== settings.name) {
      this.#try("process_name", settings.name, () => nameProcess(settings.name));
    }
    if (before?.nicePriority !== settings.nicePriority) {
      const nice = settings.nicePriority ?? this.#inherited.nice;
      this.#try("priority", nice, () => setNice(nice));
    }
    if (String(before?.cpuAffinity ?? "") !== String(settings.cpuAffinity ?? "")) {
      const cpus = settings.cpuAffinity ?? this.#inherited.cpus;
      this.#try("cpu_affinity", cpus.join(" "), () => setAffinity(cpus));
    }
    this.#applyRealTime(before, settings);
    if ((before?.noSwap ?? false) !== settings.noSwap) {
      this.#try("no_swap", "", () => (settings.noSwap ? lockAll() : unlockMemory()));
    }
  }

  /** A timer ran this late. */
  noteLateness(lateUs: number): void {
    const { autoPriority, realTimePriority } = this.#settings ?? {};
    if (autoPriority === undefined || realTimePriority !== undefined) return;
    const next = nextAutoPriority(autoPriority, this.#realTimePriority, lateUs);
    if (next === undefined) return;
    this.#setRealTime(next);
    if (this.#realTimePriority !== next) return;
    const late = (lateUs / 1e6).toFixed(3);
    const text = `Real-time priority raised to ${next}: a timer was ${late} s late`;
    this.#say({ level: "info", text });
  }

  /** A priority that was risen to stays: what made the timers late may come back. */
  #applyRealTime(before: OwnSettings | undefined, settings: OwnSettings): void {
    const isRisen = before?.realTimePriority === undefined && settings.autoPriority !== undefined;
    const risen = isRisen ? this.#realTimePriority : 0;
    const wanted = settings.realTimePriority ?? risen;
    const isSame = before?.realTimeLimitUs === settings.realTimeLimitUs;
    if (wanted !== this.#realTimePriority || (wanted > 0 && !isSame)) this.#setRealTime(wanted);
  }

  #setRealTime(priority: number): void {
    const keyword = this.#settings?.realTimePriority === undefined ? "auto" : "rt_priority";
    const isDone = this.#try(keyword, priority, () => {
      if (priority > 0) this.#limitRealTime();
      // All threads: the collector's must not be starved by what this one may outrank.
      if (priority > 0) setScheduler({ policy: "RR", priority, threads: "all" });
      else setScheduler({ policy: "OTHER", priority: 0, threads: "all" });
    });
    if (isDone) this.#realTimePriority = priority;
  }

  /**
   * keepalived is killed at this limit, 10 ms by default. An interpreter needs more at times, to
   * configure a thousand instances say: at the limit it gives up its real-time priority (the addon
   * does, in the signal's handler) until its event loop turns again. So the machine is as safe.
   */
  #limitRealTime(): void {
    const limitUs = this.#settings?.realTimeLimitUs ?? Number.POSITIVE_INFINITY;
    // What the watch leaves behind when the process ends: its end must not be its death.
    if (this.#limitWatch === undefined) ignoreSignals([sigxcpu]);
    this.#limitWatch ??= watchSignals([sigxcpu], () => this.#regainRealTime());
    setResourceLimit("RTTIME", limitUs, Number.POSITIVE_INFINITY);
  }

  #regainRealTime(): void {
    if (this.#realTimePriority > 0) this.#setRealTime(this.#realTimePriority);
  }

  #try(keyword: string, value: string | number, set: () => void): boolean {
    try {
      set();
      return true;
    } catch (thrown) {
      const name = keyword === "auto" ? "max_auto_priority" : `${this.#kind}_${keyword}`;
      const text = `Cannot set ${`${name} ${value}`.trim()}: ${errorText(thrown)}`;
      this.#say({ level: "warn", text });
      return false;
    }
  }
}

/** What ps -o comm and killall know it by; the command line stays what it is. */
export function nameProcess(name: string): void {
  writeFileSync("/proc/self/comm", name);
}

/**
 * Pages are locked as they are used: what a process like ours reserves is many times that. Without
 * the privilege a limit that is large enough at first would end the process when it grows.
 */
function lockAll(): void {
  if (!isPreloaded()) {
    const text = "its library build/preload.so was not loaded, without it V8 would abort";
    throw new KeepalivedError("PRELOAD_MISSING", text);
  }
  if (!mayLockAll()) {
    const text = "needs CAP_IPC_LOCK (systemd: AmbientCapabilities=, LimitMEMLOCK=infinity)";
    throw new KeepalivedError("EPERM", text);
  }
  lockMemory(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

/** linux/capability.h: CAP_IPC_LOCK is 14. */
function mayLockAll(): boolean {
  const status = readFileSync("/proc/self/status", "latin1");
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  const isCapable = ((BigInt(`0x${effective}`) >> 14n) & 1n) === 1n;
  const limits = readFileSync("/proc/self/limits", "latin1");
  return isCapable || /^Max locked memory\s+unlimited/m.test(limits);
}

/** Linux has a nice value a thread; new threads get that of the one that makes them. */
function setNice(nice: number): void {
  for (const thread of readdirSync("/proc/self/task").map(Number)) {
    try {
      setPriority(thread, nice);
    } catch (thrown) {
      if (existsSync(`/proc/self/task/${thread}`)) throw thrown;
    }
  }
}
