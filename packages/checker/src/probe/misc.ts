// MISC_CHECK: a script says whether the server is well. Exit status 0 does; with misc_dynamic 2 to
// 255 do too and set the weight to two less. One that takes too long is ended, with what it has
// started, and has failed.

import { type RunningScript, runScript } from "@keepalived-ts/netops/process/script";
import { usPerMs } from "@keepalived-ts/shared-config/base/units";
import type { MiscCheckConfig } from "@keepalived-ts/shared-config/schema/config";
import type { ProbeResult } from "../core/event.js";
import { timerLimitMs } from "./attempt.js";
import type { Finished, RunningProbe } from "./probe.js";

/** From SIGTERM to SIGKILL; keepalived's. */
const graceMs = 2_000;

/** A script cannot be started because of this host's state: fork(2), execve(2). */
const localErrors = /\b(EAGAIN|ENOMEM|EMFILE|ENFILE)\b/;

export function startMiscProbe(check: MiscCheckConfig, finished: Finished): RunningProbe {
  const run = new Run(check, finished);
  return { cancel: () => run.cancel() };
}

class Run {
  readonly #script: RunningScript;
  readonly #finished: Finished;
  #timer: NodeJS.Timeout;
  #isLate = false;
  #isCancelled = false;

  constructor(check: MiscCheckConfig, finished: Finished) {
    this.#finished = finished;
    const delayMs = Math.min(Math.max(Math.ceil(check.timeoutUs / usPerMs), 1), timerLimitMs);
    this.#timer = setTimeout(() => this.#terminate(), delayMs);
    this.#script = runScript(check.script, {
      ended: (status, failure) => this.#end(judge(check, status, failure)),
    });
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#terminate();
  }

  #terminate(): void {
    clearTimeout(this.#timer);
    this.#isLate = true;
    this.#script.signal("SIGTERM");
    this.#timer = setTimeout(() => this.#script.signal("SIGKILL"), graceMs);
  }

  #end(result: ProbeResult): void {
    clearTimeout(this.#timer);
    if (this.#isCancelled) return;
    this.#finished(this.#isLate ? { outcome: "failed", reason: "misc_timeout" } : result);
  }
}

function judge(
  { isDynamic }: MiscCheckConfig,
  status: number | null,
  failure: string | undefined,
): ProbeResult {
  if (failure !== undefined) {
    return { outcome: localErrors.test(failure) ? "notRun" : "failed", reason: failure };
  }
  if (status === 0) return { outcome: "passed" };
  if (status !== null && isDynamic && status >= 2) return { outcome: "passed", weight: status - 2 };
  return { outcome: "failed", reason: status === null ? "ended by a signal" : `exit ${status}` };
}
