// startup_script and shutdown_script: what is run before the first child starts and after the last
// has ended. Waited for, but not longer than it may take; whatever comes of it, the daemon goes on.

import { type RunningScript, runScript } from "@keepalived-ts/netops/process/script";
import type { LogLevel, LogRecord } from "@keepalived-ts/shared-config/base/log";
import { usPerMs, usPerSecond } from "@keepalived-ts/shared-config/base/units";
import type { ScriptConfig } from "@keepalived-ts/shared-config/schema/config";

interface ParentScript {
  /** The keyword. */
  readonly keyword: "startup_script" | "shutdown_script";
  readonly script: ScriptConfig;
  readonly timeoutUs: number;
}

/** Between SIGTERM and SIGKILL. */
const graceMs = 1_000;

/** Resolves when it has ended, has been killed, or when `given` up by its caller. */
export async function runParentScript(
  { keyword, script, timeoutUs }: ParentScript,
  log: (record: LogRecord) => void,
  givenUp: Promise<unknown>,
): Promise<void> {
  const tell = (level: LogLevel, text: string): void => {
    log({ level, text: `${keyword} ${script.argv[0]} ${text}` });
  };
  const title = keyword.replace("_", " ");
  log({ level: "info", text: `Running ${title} ${script.argv[0]}` });
  let running: RunningScript | undefined;
  const ended = new Promise<void>((resolve) => {
    running = runScript(script, {
      ended: (status, failure) => {
        if (failure !== undefined) tell("error", `cannot be run: ${failure}`);
        else if (status === null) tell("warn", "was ended by a signal");
        else if (status !== 0) tell("warn", `exited with status ${status}`);
        resolve();
      },
    });
  });
  const outcome = await first(ended, timeoutUs / usPerMs, givenUp);
  if (outcome === "ended") return;
  if (outcome === "late") tell("error", `has not ended within ${timeoutUs / usPerSecond} s`);
  running?.signal("SIGTERM");
  const last = await first(ended, graceMs, new Promise(() => undefined));
  if (last !== "ended") running?.signal("SIGKILL");
}

async function first(
  ended: Promise<void>,
  limitMs: number,
  givenUp: Promise<unknown>,
): Promise<"ended" | "late" | "given up"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), limitMs);
  });
  try {
    return await Promise.race([
      ended.then(() => "ended" as const),
      late,
      givenUp.then(() => "given up" as const),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
