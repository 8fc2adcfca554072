// When which notify script is started. What concerns one instance is done in the order in which it
// happened: the scripts of a change start when those of the change before have ended, so that a
// BACKUP script never ends after the MASTER script that followed. One that takes too long holds
// nothing up any longer. Bounds what waits and what runs. Starts nothing itself.
//
//   posted ──▶ waiting (a list a lane) ──▶ running ──▶ ended
//                                             │ takes too long
//                                             ▼
//                                          overdue: runs on, holds up nobody

import { assert, unreachable } from "@keepalived-ts/shared-config/base/assert";
import { Deadlines } from "@keepalived-ts/shared-config/base/deadlines";
import type { LogLevel, LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { ScriptConfig } from "@keepalived-ts/shared-config/schema/config";

/** The scripts of one change: they run side by side. */
interface Batch {
  readonly title: string;
  readonly scripts: readonly ScriptConfig[];
}

/** All that is kept in order. */
interface Lane {
  readonly waiting: Batch[];
  /** Scripts that the next batch has to wait for. */
  readonly runs: Set<number>;
}

interface Run {
  readonly lane: string;
  readonly title: string;
  readonly script: ScriptConfig;
}

export interface ScriptQueue {
  /** False: as keepalived, which starts everything at once. */
  isOrdered: boolean;
  /** How long a script may hold up the next. */
  waitUs: number;
  readonly lanes: Map<string, Lane>;
  /** Lanes that may go on, in the order in which they came to it. */
  readonly ready: Set<string>;
  readonly runs: Map<number, Run>;
  /** Those that hold up nobody any more, the oldest first. */
  readonly overdue: Set<number>;
  /** By lane: when what runs there is overdue. */
  readonly deadlines: Deadlines<string>;
  waitingCount: number;
  droppedCount: number;
  lastNumber: number;
}

export type ScriptQueueEvent =
  | {
      readonly type: "posted";
      /** What it concerns, and what is kept in order. */
      readonly lane: string;
      readonly title: string;
      readonly scripts: readonly ScriptConfig[];
    }
  /** `status` is null when a signal ended it; `failure` says why it could not be started. */
  | {
      readonly type: "ended";
      readonly run: number;
      readonly status: number | null;
      readonly failure: string | undefined;
    }
  | { readonly type: "deadlineReached" }
  /** The daemon stops: there is not much time left for anybody. */
  | { readonly type: "hurried" };

export type ScriptQueueAction =
  | { readonly type: "start"; readonly run: number; readonly script: ScriptConfig }
  /** SIGKILL. */
  | { readonly type: "kill"; readonly run: number }
  | { readonly type: "log"; readonly record: LogRecord };

/** Batches that wait, of all lanes together. */
export const waitingMax = 16_384;
/** Scripts that run at the same time, without those that are overdue. */
export const runningMax = 64;
export const overdueMax = 64;
/** Once the daemon stops: for what runs then (keepalived gives a stop no more than this)... */
export const hurriedWaitUs: number = usPerSecond;
/** ... and for what comes after. */
export const lastWaitUs: number = 4 * usPerSecond;
const droppedToldEvery = 100;

export function createScriptQueue(): ScriptQueue {
  return {
    isOrdered: true,
    waitUs: 60 * usPerSecond,
    lanes: new Map(),
    ready: new Set(),
    runs: new Map(),
    overdue: new Set(),
    deadlines: new Deadlines(),
    waitingCount: 0,
    droppedCount: 0,
    lastNumber: 0,
  };
}

export function nextScriptQueueDeadline({ deadlines }: ScriptQueue): number | undefined {
  return deadlines.next();
}

/** Whether nothing waits or runs that is worth waiting for. */
export function isQuiet({ waitingCount, runs, overdue }: ScriptQueue): boolean {
  return waitingCount === 0 && runs.size === overdue.size;
}

interface Turn {
  readonly queue: ScriptQueue;
  readonly now: number;
  readonly actions: ScriptQueueAction[];
}

export function handleScriptQueue(
  queue: ScriptQueue,
  event: ScriptQueueEvent,
  now: number,
): ScriptQueueAction[] {
  const turn: Turn = { queue, now, actions: [] };
  switch (event.type) {
    case "posted":
      if (event.scripts.length > 0) post(turn, event);
      break;
    case "ended":
      end(turn, event);
      break;
    case "deadlineReached":
      handleDeadlines(turn);
      break;
    case "hurried":
      hurry(turn);
      break;
    default:
      unreachable(event);
  }
  startReady(turn);
  return turn.actions;
}

function post(turn: Turn, event: Extract<ScriptQueueEvent, { type: "posted" }>): void {
  const { queue } = turn;
  const { title, scripts } = event;
  const name = queue.isOrdered ? event.lane : `${event.lane} ${++queue.lastNumber}`;
  let lane = queue.lanes.get(name);
  if (lane === undefined) {
    lane = { waiting: [], runs: new Set() };
    queue.lanes.set(name, lane);
  }
  if (queue.waitingCount >= waitingMax) drop(turn, lane);
  lane.waiting.push({ title, scripts });
  queue.waitingCount += 1;
  if (lane.runs.size === 0) queue.ready.add(name);
}

/** The last state of everything must be told, so what goes is old. */
function drop(turn: Turn, wanted: Lane): void {
  const { queue } = turn;
  let victim = wanted;
  if (wanted.waiting.length === 0) {
    for (const lane of queue.lanes.values()) {
      if (lane.waiting.length > victim.waiting.length) victim = lane;
    }
  }
  const batch = victim.waiting.shift();
  assert(batch !== undefined, "what is counted as waiting waits in some lane");
  queue.waitingCount -= 1;
  queue.droppedCount += 1;
  if (queue.droppedCount % droppedToldEvery !== 1) return;
  const text = `Dropped the notify script of ${batch.title}: ${waitingMax} wait already`;
  log(turn, "error", `${text} (${queue.droppedCount} dropped so far)`);
}

/** In the order of time, at most `runningMax`. */
function startReady(turn: Turn): void {
  const { queue } = turn;
  for (const name of queue.ready) {
    if (queue.runs.size - queue.overdue.size >= runningMax) return;
    queue.ready.delete(name);
    startNext(turn, name);
  }
}

function startNext(turn: Turn, name: string): void {
  const { queue, now } = turn;
  const lane = queue.lanes.get(name);
  const batch = lane?.waiting.shift();
  if (lane === undefined || batch === undefined) {
    queue.lanes.delete(name);
    return;
  }
  queue.waitingCount -= 1;
  for (const script of batch.scripts) {
    const run = ++queue.lastNumber;
    queue.runs.set(run, { lane: name, title: batch.title, script });
    lane.runs.add(run);
    turn.actions.push({ type: "start", run, script });
  }
  queue.deadlines.set(name, now + queue.waitUs);
}

function end(turn: Turn, event: Extract<ScriptQueueEvent, { type: "ended" }>): void {
  const { queue } = turn;
  const run = queue.runs.get(event.run);
  if (run === undefined) return;
  queue.runs.delete(event.run);
  queue.overdue.delete(event.run);
  logEnd(turn, run, event);
  const lane = queue.lanes.get(run.lane);
  if (lane?.runs.delete(event.run) && lane.runs.size === 0) goOn(queue, run.lane);
}

/** Nothing holds the lane up any more. */
function goOn(queue: ScriptQueue, name: string): void {
  queue.deadlines.clear(name);
  queue.ready.add(name);
}

function handleDeadlines(turn: Turn): void {
  const { queue, now } = turn;
  for (;;) {
    const name = queue.deadlines.takeDue(now);
    if (name === undefined) return;
    const lane = queue.lanes.get(name);
    assert(lane !== undefined, "a lane that has a deadline is there");
    for (const run of lane.runs) becomeOverdue(turn, run);
    lane.runs.clear();
    goOn(queue, name);
  }
}

function becomeOverdue(turn: Turn, number: number): void {
  const { queue } = turn;
  const run = queue.runs.get(number);
  assert(run !== undefined, "what holds a lane up is running");
  queue.overdue.add(number);
  const what = `Notify script ${run.script.argv[0]} of ${run.title}`;
  log(turn, "warn", `${what} takes too long: what follows waits for it no longer`);
  const [oldest] = queue.overdue;
  if (queue.overdue.size <= overdueMax || oldest === undefined) return;
  queue.overdue.delete(oldest);
  const victim = queue.runs.get(oldest);
  queue.runs.delete(oldest);
  turn.actions.push({ type: "kill", run: oldest });
  const title = `notify script ${victim?.script.argv[0]} of ${victim?.title}`;
  log(turn, "error", `Killed ${title}: ${overdueMax} more do not end either`);
}

function hurry(turn: Turn): void {
  const { queue, now } = turn;
  queue.waitUs = Math.min(queue.waitUs, lastWaitUs);
  for (const [name, { runs }] of queue.lanes) {
    const at = queue.deadlines.at(name) ?? now;
    if (runs.size > 0) queue.deadlines.set(name, Math.min(at, now + hurriedWaitUs));
  }
}

function logEnd(
  turn: Turn,
  { title, script }: Run,
  { status, failure }: { status: number | null; failure: string | undefined },
): void {
  if (status === 0) return;
  const what = `notify script ${script.argv[0]} of ${title}`;
  if (failure !== undefined) log(turn, "error", `Cannot run ${what}: ${failure}`);
  else if (status === null) log(turn, "warn", `A signal ended ${what}`);
  else log(turn, "warn", `The ${what} exited with status ${status}`);
}

function log(turn: Turn, level: LogLevel, text: string): void {
  turn.actions.push({ type: "log", record: { level, text } });
}
