// Starts a script as keepalived does: in a process group of its own, as its user, without what the
// environment could do to it, its streams on /dev/null. Blocks the caller for the 3 to 4 ms that a
// fork of Node takes, so it is nothing for the VRRP process. Decides nothing about its result.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { errorText } from "@keepalived-ts/shared-config/base/error";

export interface ScriptCommand {
  readonly argv: readonly string[];
  /** The file to run, which is told that it is `argv[0]`; absent = that one, found in the PATH. */
  readonly path?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** The user's supplementary groups too; by default a script has none. */
  readonly hasSupplementaryGroups?: boolean | undefined;
}

export interface ScriptHandlers {
  /** `status` is null when a signal ended it; `failure` says why it could not be started. */
  ended(status: number | null, failure?: string): void;
}

export interface RunningScript {
  readonly pid: number | undefined;
  /** To the script and all that it has started. */
  signal(signal: NodeJS.Signals): void;
}

const shell = "/bin/sh";

/** For supplementary groups: Node clears them when it changes the user (setpriv(1), util-linux). */
const setpriv = "setpriv";

/**
 * keepalived core/notify.c: the first three make a script load or read what its author did not
 * mean. The others are for the daemon itself, not for what it starts.
 */
const withheld: readonly string[] = [
  "IFS",
  "LD_PRELOAD",
  "LD_LIBRARY_PATH",
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
  "NOTIFY_SOCKET",
  "WATCHDOG_PID",
  "WATCHDOG_USEC",
];

/** Calls `ended` exactly once, never before it has returned. */
export function runScript(command: ScriptCommand, handlers: ScriptHandlers): RunningScript {
  const script = new Script(command, handlers);
  script.start();
  return script;
}

class Script implements RunningScript {
  readonly #command: ScriptCommand;
  readonly #handlers: ScriptHandlers;
  #child: ChildProcess | undefined;
  #isOver = false;

  constructor(command: ScriptCommand, handlers: ScriptHandlers) {
    this.#command = command;
    this.#handlers = handlers;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { argv, path, hasSupplementaryGroups } = this.#command;
    const [name = "", ...words] = argv;
    const file = path ?? name;
    if (hasSupplementaryGroups) this.#spawn(setpriv, [...this.#groupWords(), file, ...words], {});
    else this.#spawn(file, words, { ...this.#identity(), argv0: name });
  }

  #spawn(file: string, words: readonly string[], more: SpawnOptions): void {
    try {
      const child = spawn(file, words, {
        detached: true,
        stdio: "ignore",
        env: environment(),
        cwd: "/",
        ...more,
      });
      this.#child = child;
      child.once("error", (error) => this.#fail(error));
      child.once("exit", (status) => this.#end(status));
    } catch (thrown) {
      // Out of memory or descriptors, or words that no program can be given.
      setImmediate(() => this.#fail(thrown));
    }
  }

  signal(signal: NodeJS.Signals): void {
    const pid = this.#isOver ? undefined : this.pid;
    // Never 0 or 1: that would be our own group, or everybody.
    if (pid === undefined || pid <= 1) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has just ended, and its end will be told.
    }
  }

  #identity(): SpawnOptions {
    const { uid, gid } = this.#command;
    return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
  }

  #groupWords(): string[] {
    const { uid, gid } = this.#command;
    return [`--reuid=${uid ?? 0}`, `--regid=${gid ?? 0}`, "--init-groups", "--"];
  }

  #fail(thrown: unknown): void {
    const { argv, path } = this.#command;
    const [name = "", ...words] = argv;
    const isShellScript = thrown instanceof Error && "code" in thrown && thrown.code === "ENOEXEC";
    // A text without `#!` is for the shell, as execvp(3) has it.
    if (isShellScript && this.#child?.spawnfile !== shell) {
      this.#spawn(shell, [path ?? name, ...words], this.#identity());
    } else this.#end(null, errorText(thrown));
  }

  #end(status: number | null, failure?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handlers.ended(status, failure);
  }
}

function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !withheld.includes(name));
  return Object.fromEntries(entries);
}
