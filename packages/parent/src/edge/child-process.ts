// Starts a child process and holds its pipe. Reports what it says and its end, in that order: a
// message sent just before an exit must not arrive after it. Decides nothing about restarts.

import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import { withPreload } from "@keepalived-ts/netops/process/preload";
import type { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { type ChannelHandlers, openChannel } from "@keepalived-ts/shared-config/ipc/channel";
import type * as z from "zod/mini";

/** After its end is seen, a child's pipe is read to its end, but no longer than this. */
const lateMessagesMs = 200;

/**
 * SIGUSR1 opens Node's debugger until a child ignores it, some 100 ms after its start: `killall
 * -USR1 keepalived` would let every local user in. On an address of class E (RFC 1112 section 4)
 * it cannot be opened, or at least not be reached.
 */
const unreachableDebugger = "--inspect-port=240.0.0.1:1024";

export interface ChildSpec<Incoming> {
  /** File of the module to run. */
  readonly module: string;
  readonly execArgv: readonly string[];
  readonly args: readonly string[];
  readonly schema: z.ZodMiniType<Incoming>;
}

export interface ChildExit {
  readonly pid: number | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface ChildHandlers<Incoming> {
  message(message: Incoming): void;
  invalid(error: KeepalivedError): void;
  disconnected(): void;
  /** A line that the child wrote to stderr: a crash report, mostly. */
  printed(line: string): void;
  exited(exit: ChildExit): void;
}

export interface ChildHandle<Outgoing> {
  readonly pid: number | null;
  send(message: Outgoing): void;
  kill(): void;
}

export function startChild<Outgoing, Incoming>(
  spec: ChildSpec<Incoming>,
  handlers: ChildHandlers<Incoming>,
): ChildHandle<Outgoing> {
  const child = tryFork(spec);
  if (child instanceof Error) return failedStart(child, handlers);
  const channel = openChannel<Outgoing, Incoming>(child, spec.schema, channelHandlers(handlers));
  watchPrinted(child, handlers);
  watchExit(child, handlers);
  return {
    pid: child.pid ?? null,
    send: (message) => void channel.send(message),
    kill: () => {
      // Of a child that never was, Node makes kill(0): all of our own process group.
      if (child.pid !== undefined) child.kill("SIGKILL");
    },
  };
}

/** Of what the kernel refuses, Node emits some errors and throws others (ENOMEM, E2BIG). */
function tryFork({ module, execArgv, args }: ChildSpec<unknown>): ChildProcess | Error {
  try {
    return fork(module, args, {
      execArgv: [unreachableDebugger, ...execArgv],
      env: childEnvironment(),
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
  } catch (thrown) {
    if (thrown instanceof Error && "errno" in thrown) return thrown;
    throw thrown;
  }
}

/** A child that never was: its end is told in a later turn of the event loop, as that of others. */
function failedStart<Outgoing>(
  error: Error,
  handlers: ChildHandlers<never>,
): ChildHandle<Outgoing> {
  setImmediate(() => {
    handlers.printed(cannotRun(error));
    handlers.exited({ pid: null, exitCode: null, signal: null });
  });
  return { pid: null, send: () => undefined, kill: () => undefined };
}

function cannotRun(error: Error): string {
  return `Cannot run child process: ${error.message}`;
}

function channelHandlers<Incoming>(handlers: ChildHandlers<Incoming>): ChannelHandlers<Incoming> {
  return {
    message: (message) => handlers.message(message),
    invalid: (error) => handlers.invalid(error),
    disconnected: () => handlers.disconnected(),
  };
}

/** What belongs to the parent's own supervisor must not reach a child. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { NOTIFY_SOCKET: _socket, WATCHDOG_USEC: _usec, WATCHDOG_PID: _pid, ...rest } = process.env;
  return withPreload(rest);
}

function watchPrinted<Incoming>(child: ChildProcess, handlers: ChildHandlers<Incoming>): void {
  // Undefined, whatever its type says, when no descriptor was left (EMFILE, ENFILE).
  if (!child.stderr) return;
  const lines = createInterface({ input: child.stderr, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on("line", (line) => handlers.printed(line));
}

function watchExit<Incoming>(child: ChildProcess, handlers: ChildHandlers<Incoming>): void {
  let isReported = false;
  const report = (exitCode: number | null, signal: string | null): void => {
    if (isReported) return;
    isReported = true;
    handlers.exited({ pid: child.pid ?? null, exitCode, signal });
  };
  child.on("exit", (exitCode, signal) => {
    if (!child.connected) return report(exitCode, signal);
    // After a turn that took long the timer comes before what can be read: that gets its turn.
    const timer = setTimeout(
      () => setImmediate(() => setImmediate(() => report(exitCode, signal))),
      lateMessagesMs,
    );
    child.once("disconnect", () => {
      clearTimeout(timer);
      report(exitCode, signal);
    });
  });
  // Also emitted when a signal cannot be sent; only a child that never was has no pid.
  child.on("error", (error) => {
    handlers.printed(cannotRun(error));
    if (child.pid === undefined) report(null, null);
  });
}
