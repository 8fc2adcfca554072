// Going into the background: the process that was started waits in the foreground while a detached
// copy of itself starts, and ends with the copy's verdict. So `keepalived && echo up` tells the
// truth, and diagnostics reach the terminal.

import { fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { withPreload } from "@keepalived-ts/netops/process/preload";

/** Set in the copy's environment only. */
const copyMarker = "KEEPALIVED_TS_DAEMON";
const readyWord = "ready";

/** Starts the copy; resolves with the status to end with once the copy is ready or has failed. */
export function startDaemonCopy(): Promise<number> {
  const copy = fork(process.argv[1] ?? "", process.argv.slice(2), {
    detached: true,
    execArgv: process.execArgv,
    env: withPreload({ ...process.env, [copyMarker]: "1" }),
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => void copy.kill(signal));
  }
  return new Promise((resolve) => {
    copy.on("message", (word) => {
      if (word !== readyWord) return;
      copy.disconnect();
      copy.unref();
      resolve(0);
    });
    copy.on("error", () => resolve(1));
    copy.on("exit", (exitCode, signal) => {
      // As a shell has it for a command that a signal ended.
      resolve(exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/**
 * Whether this process is the copy; it then forgets the marker, so that its children do not see
 * it.
 */
export function takeCopyMarker(): boolean {
  const isCopy = process.env[copyMarker] === "1" && process.send !== undefined;
  delete process.env[copyMarker];
  return isCopy;
}

/** In the copy: lets go of the terminal and of the process that waits there. */
export function reportCopyReady(): void {
  // It may have been killed meanwhile; disconnect() without a channel is an error nobody catches.
  process.send?.(readyWord, () => {
    if (process.connected) process.disconnect();
  });
  process.chdir("/");
  // open(2) takes the lowest free descriptor, so /dev/null becomes stderr.
  closeSync(2);
  openSync("/dev/null", "w");
}
