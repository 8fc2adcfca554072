// Starts a script as keepalived does: in a process group of its own, as its user, without what the
// environment could do to it, its streams on /dev/null. Blocks the caller for the 3 to 4 ms that a
// fork of Node takes, so it is nothing for the VRRP process. Decides nothing about its result.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { errorText } from "@keepalived-ts/shared-config/base/error";

export interface ScriptCommand {
  readonly argv: readonly string[];
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
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

/** keepalived core/notify.c: these make a script load or read what its author did not mean. */
const withheld: readonly string[] = ["IFS", "LD_PRELOAD", "LD_LIBRARY_PATH"];

/** Calls `ended` exactly once, never before it has returned. */
export function runScript(command: ScriptCommand, handlers: ScriptHandlers): RunningScript {
  const script = new Script(command, handlers);
  script.start(command.argv);
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

  start(argv: readonly string[]): void {
    const [file = "", ...words] = argv;
    try {
      const child = spawn(file, words, this.#options());
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

  #options(): SpawnOptions {
    const { uid, gid } = this.#command;
    return {
      detached: true,
      stdio: "ignore",
      env: environment(),
      cwd: "/",
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    };
  }

  #fail(thrown: unknown): void {
    const { argv } = this.#command;
    const isShellScript = thrown instanceof Error && "code" in thrown && thrown.code === "ENOEXEC";
    // A text without `#!` is for the shell, as execvp(3) has it.
    if (isShellScript && this.#child?.spawnfile !== shell) this.start([shell, ...argv]);
    else this.#end(null, errorText(thrown));
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
