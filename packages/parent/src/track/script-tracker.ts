// Runs one vrrp_script as core/script-watch.ts orders, and brings back how it ended.

import { type RunningScript, runScript } from "@keepalived-ts/netops/process/script";
import type { LogRecord } from "@keepalived-ts/shared-config/base/log";
import type { TrackedScriptConfig } from "@keepalived-ts/shared-config/schema/config";
import {
  createScriptWatch,
  handleScript,
  nextScriptDeadline,
  type ScriptEvent,
  type ScriptWatch,
} from "../core/script-watch.js";
import { monotonicNowUs } from "../edge/clock.js";

export interface ScriptTrackerHandlers {
  changed(isGood: boolean): void;
  log(record: LogRecord): void;
}

export class ScriptTracker {
  readonly #handlers: ScriptTrackerHandlers;
  readonly #watch: ScriptWatch;
  #running: RunningScript | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isFailureTold = false;

  /** `former` is the tracker of the same name before a reload, which ends by this. */
  constructor(
    config: TrackedScriptConfig,
    handlers: ScriptTrackerHandlers,
    former?: ScriptTracker,
  ) {
    this.#handlers = handlers;
    this.#watch = createScriptWatch(config, monotonicNowUs(), former?.watch);
    former?.close();
  }

  get watch(): ScriptWatch {
    return this.#watch;
  }

  start(): void {
    const { result } = this.#watch;
    if (result !== "unknown") this.#handlers.changed(result === "good");
    this.#arm();
  }

  /** What runs is told to end, and its result counts no more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#running?.signal("SIGTERM");
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const delayMs = (nextScriptDeadline(this.#watch) - monotonicNowUs()) / 1000;
    this.#timer = setTimeout(
      () => this.#dispatch({ type: "deadlineReached" }),
      Math.max(0, Math.ceil(delayMs)),
    );
  }

  #dispatch(event: ScriptEvent): void {
    if (this.#isClosed) return;
    for (const action of handleScript(this.#watch, event, monotonicNowUs())) {
      if (action.type === "run") this.#run();
      else if (action.type === "signal") this.#running?.signal(action.signal);
      else if (action.type === "report") this.#handlers.changed(action.isGood);
      else this.#handlers.log(action.record);
    }
    this.#arm();
  }

  #run(): void {
    const { name, script } = this.#watch.config;
    this.#running = runScript(script, {
      ended: (status, failure) => {
        this.#running = undefined;
        if (failure !== undefined && !this.#isFailureTold) {
          const text = `Cannot run vrrp_script ${name} (${script.argv[0]}): ${failure}`;
          this.#handlers.log({ level: "error", text });
        }
        this.#isFailureTold = failure !== undefined;
        this.#dispatch({ type: "ended", status });
      },
    });
  }
}
