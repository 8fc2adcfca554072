// Runs notify scripts as core/script-queue orders. Each start blocks for the 3 to 4 ms of a fork,
// so there is one in a turn of the event loop: a thousand of them must not hold up the children's
// messages. Decides nothing.

import { type RunningScript, runScript } from "@keepalived-ts/netops/process/script";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import {
  createScriptQueue,
  handleScriptQueue,
  isQuiet,
  nextScriptQueueDeadline,
  type ScriptQueue,
  type ScriptQueueAction,
  type ScriptQueueEvent,
} from "../core/script-queue.js";
import { monotonicNowUs } from "../edge/clock.js";

type Start = Extract<ScriptQueueAction, { type: "start" }>;

/** For the scripts of a stop, all together. */
const drainMs = 5_000;

export class ScriptRunner {
  readonly #queue: ScriptQueue = createScriptQueue();
  readonly #log: (record: LogRecord) => void;
  readonly #running: Map<number, RunningScript> = new Map();
  #starts: Start[] = [];
  #isStarting = false;
  #timer: NodeJS.Timeout | undefined;
  #drained: (() => void) | undefined;

  constructor(log: (record: LogRecord) => void) {
    this.#log = log;
  }

  configure({ isOrdered, waitUs }: Pick<ScriptQueue, "isOrdered" | "waitUs">): void {
    this.#queue.isOrdered = isOrdered;
    this.#queue.waitUs = waitUs;
  }

  dispatch(event: ScriptQueueEvent): void {
    for (const action of handleScriptQueue(this.#queue, event, monotonicNowUs())) {
      if (action.type === "start") this.#starts.push(action);
      else if (action.type === "kill") this.#running.get(action.run)?.signal("SIGKILL");
      else this.#log(action.record);
    }
    this.#startLater();
    this.#arm();
    if (isQuiet(this.#queue)) this.#drained?.();
  }

  /** Nothing runs and nothing waits. */
  get isQuiet(): boolean {
    return isQuiet(this.#queue);
  }

  /** Resolves when all have ended, or the time for them has. What runs then is told to end. */
  async drain(): Promise<void> {
    if (!isQuiet(this.#queue)) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, drainMs);
        this.#drained = (): void => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    clearTimeout(this.#timer);
    this.#starts = [];
    for (const script of this.#running.values()) script.signal("SIGTERM");
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const deadline = nextScriptQueueDeadline(this.#queue);
    if (deadline === undefined) return;
    const delayMs = Math.max(0, Math.ceil((deadline - monotonicNowUs()) / 1000));
    this.#timer = setTimeout(() => this.dispatch({ type: "deadlineReached" }), delayMs);
  }

  #startLater(): void {
    if (this.#isStarting || this.#starts.length === 0) return;
    this.#isStarting = true;
    setImmediate(() => {
      this.#isStarting = false;
      const start = this.#starts.shift();
      if (start !== undefined) this.#start(start);
      this.#startLater();
    });
  }

  #start({ run, script }: Start): void {
    const running = runScript(script, {
      ended: (status, failure) => {
        this.#running.delete(run);
        this.dispatch({ type: "ended", run, status, failure });
      },
    });
    this.#running.set(run, running);
  }
}
