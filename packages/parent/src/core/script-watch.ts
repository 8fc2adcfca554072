// One vrrp_script: when it runs, when it has taken too long, what its results come to. keepalived's
// vrrp/vrrp_track.c and vrrp_scheduler.c (vrrp_script_thread). Starts nothing itself.

import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { TrackedScriptConfig } from "@keepalived-ts/shared-config/schema/config";

/** What a script is said to be once it has run. */
export type ScriptResult = "unknown" | "good" | "bad";

export interface ScriptWatch {
  config: TrackedScriptConfig;
  result: ScriptResult;
  /** Results in a row that speak against `result`. */
  contrary: number;
  /** The status of the last run; null before the first, and for a run that a signal ended. */
  lastStatus: number | null;
  isRunning: boolean;
  hasTimedOut: boolean;
  /** When the next run is due; runs are counted from start to start. */
  runAt: number;
  /** When the present run is told to end, by which signal next; null when none is under way. */
  endAt: number | null;
  nextSignal: "SIGTERM" | "SIGKILL";
}

export type ScriptEvent =
  | { readonly type: "deadlineReached" }
  /** `status` is null when a signal ended it or it could not be started. */
  | { readonly type: "ended"; readonly status: number | null };

export type ScriptAction =
  | { readonly type: "run" }
  | { readonly type: "signal"; readonly signal: "SIGTERM" | "SIGKILL" }
  | { readonly type: "report"; readonly isGood: boolean }
  | { readonly type: "log"; readonly record: LogRecord };

/** What a script gets between SIGTERM and SIGKILL. */
const graceUs = 2 * usPerSecond;

/** A script that runs at once. `former` is the watch of the same name before a reload. */
export function createScriptWatch(
  config: TrackedScriptConfig,
  now: number,
  former?: ScriptWatch,
): ScriptWatch {
  const isSame = former !== undefined && sameRun(former.config, config);
  return {
    config,
    // After a reload the old result counts until there is a new one.
    result: former?.result ?? (config.initFail ? "bad" : "unknown"),
    contrary: 0,
    lastStatus: isSame ? former.lastStatus : null,
    isRunning: false,
    hasTimedOut: false,
    runAt: isSame ? Math.min(former.runAt, now + config.intervalUs) : now,
    endAt: null,
    nextSignal: "SIGTERM",
  };
}

/** Whether a run of `a` is as good as one of `b`. */
export function sameRun(a: TrackedScriptConfig, b: TrackedScriptConfig): boolean {
  return JSON.stringify(a.script) === JSON.stringify(b.script);
}

export function handleScript(watch: ScriptWatch, event: ScriptEvent, now: number): ScriptAction[] {
  return event.type === "ended" ? ended(watch, event.status) : due(watch, now);
}

export function nextScriptDeadline(watch: ScriptWatch): number {
  return watch.endAt === null ? watch.runAt : Math.min(watch.endAt, watch.runAt);
}

function due(watch: ScriptWatch, now: number): ScriptAction[] {
  const actions: ScriptAction[] = [];
  if (watch.endAt !== null && watch.endAt <= now) {
    actions.push({ type: "signal", signal: watch.nextSignal });
    watch.hasTimedOut = true;
    watch.endAt = watch.nextSignal === "SIGTERM" ? now + graceUs : null;
    watch.nextSignal = "SIGKILL";
  }
  if (watch.runAt > now) return actions;
  watch.runAt = Math.max(watch.runAt + watch.config.intervalUs, now + 1);
  // One that still runs is not doubled.
  if (watch.isRunning) return actions;
  watch.isRunning = true;
  watch.hasTimedOut = false;
  watch.nextSignal = "SIGTERM";
  watch.endAt = now + watch.config.timeoutUs;
  return [...actions, { type: "run" }];
}

function ended(watch: ScriptWatch, status: number | null): ScriptAction[] {
  watch.isRunning = false;
  watch.endAt = null;
  const actions = statusLog(watch, status);
  const isGood = status === 0 && !watch.hasTimedOut;
  watch.lastStatus = status;
  const wanted: ScriptResult = isGood ? "good" : "bad";
  if (watch.result === wanted) {
    watch.contrary = 0;
    return actions;
  }
  watch.contrary += 1;
  // The first result counts at once, whatever rise and fall say.
  const needed = isGood ? watch.config.rise : watch.config.fall;
  if (watch.result !== "unknown" && watch.contrary < needed) return actions;
  watch.result = wanted;
  watch.contrary = 0;
  const verdict = isGood ? "succeeded" : watch.hasTimedOut ? "timed_out" : "failed";
  const text = `VRRP_Script(${watch.config.name}) ${verdict}`;
  return [
    ...actions,
    { type: "log", record: { level: isGood ? "info" : "warn", text } },
    { type: "report", isGood },
  ];
}

/** keepalived tells of every change of the status. */
function statusLog(watch: ScriptWatch, status: number | null): ScriptAction[] {
  if (status === null || status === watch.lastStatus || watch.hasTimedOut) return [];
  if (watch.lastStatus === null && status === 0) return [];
  const text = `Script \`${watch.config.name}\` now returning ${status}`;
  return [{ type: "log", record: { level: "info", text } }];
}
