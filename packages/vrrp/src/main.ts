// The entry of the forked VRRP process. Binds the process's own signals, title and IPC channel to
// VrrpProcess, and decides what becomes of signals and of our own mistakes. Spawns nothing, reads
// no file, resolves no name.

import { setParentDeathSignal } from "@keepalived-ts/netops/process/control";
import { dropPreload } from "@keepalived-ts/netops/process/preload";
import {
  ignoreSignals,
  realTimeSignals,
  watchSignals,
} from "@keepalived-ts/netops/process/signals";
import { errorText } from "@keepalived-ts/shared-config/base/error";
import { sayAlive } from "@keepalived-ts/shared-config/ipc/alive";
import type { Channel, IpcPeer } from "@keepalived-ts/shared-config/ipc/channel";
import { openChannel } from "@keepalived-ts/shared-config/ipc/channel";
import type { FromVrrp, ToVrrp } from "@keepalived-ts/shared-config/ipc/messages";
import { toVrrpSchema } from "@keepalived-ts/shared-config/ipc/to-vrrp-schema";
import { time } from "./edge/kernel.js";
import { Reporter } from "./edge/reporter.js";
import { VrrpProcess } from "./edge/vrrp-process.js";

/** signal(7) */
const sighup = 1;
const sigint = 2;
const sigusr1 = 10;
const sigusr2 = 12;
const sigterm = 15;
/** keepalived's exit codes (lib/scheduler.h); a parent restarts a child that ends with 70. */
const exitConfig = 2;
const exitProgramError = 70;
const lastWordsMs = 100;

function main(): void {
  if (process.send === undefined) {
    process.stderr.write("Cannot run by itself: the VRRP process is started by keepalived-ts\n");
    process.exitCode = exitConfig;
    return;
  }
  // The command line of ps; the process's name is that of the configuration.
  process.title = "keepalived_vrrp";
  dropPreload();
  const parentPid = process.ppid;
  const reporter = new Reporter((message) => channel.send(message), time);
  const logsAddresses = process.argv.includes("--address-monitoring");
  const vrrp = new VrrpProcess(reporter, (code) => process.exit(code), logsAddresses);
  const channel: Channel<FromVrrp> = openChannel<FromVrrp, ToVrrp>(
    ipcPeer(reporter),
    toVrrpSchema,
    {
      message: (message) => vrrp.handle(message),
      invalid: (error) => reporter.log({ level: "error", text: error.message, data: error.data }),
      disconnected: () => vrrp.handleOrphaned(),
    },
  );
  handleSignals(() => {
    if (process.ppid !== parentPid) vrrp.handleOrphaned();
  });
  sayAlive(process);
  process.on("uncaughtException", (error) => endByMistake(reporter, error));
}

/** The process's own end of the pipe, with word of every message that has been written. */
function ipcPeer(reporter: Reporter): IpcPeer {
  return {
    get connected(): boolean {
      return process.connected;
    },
    send: (message, callback) =>
      process.send?.(message, undefined, undefined, (error) => {
        callback?.(error);
        reporter.noteWritten();
      }) ?? false,
    on: (event: "message" | "disconnect", listener: (message: unknown) => void) =>
      process.on(event, listener),
  };
}

/**
 * The parent commands by IPC. What a terminal or an administrator sends to the whole group must not
 * take the addresses away before the parent has decided; SIGTERM is also how the kernel tells that
 * the parent is gone, should the pipe not have told already.
 */
function handleSignals(handleTerminated: () => void): void {
  ignoreSignals([sighup, sigint, sigusr1, sigusr2, ...realTimeSignals]);
  watchSignals([sigterm], handleTerminated);
  setParentDeathSignal(sigterm);
}

/**
 * A bug of ours, found by an assert or thrown by mistake. The addresses stay: the parent starts a
 * successor that goes on as MASTER, and that is less harm than a failover.
 */
function endByMistake(reporter: Reporter, error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : errorText(error);
  reporter.log({ level: "error", text: `VRRP process ends by a program error: ${stack}` });
  const end = (): never => process.exit(exitProgramError);
  setTimeout(end, lastWordsMs);
  void reporter.flushed().then(end);
}

main();
