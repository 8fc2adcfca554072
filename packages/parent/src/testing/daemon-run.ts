// Starts the daemon with fake children as a process of its own and watches it: what it prints, its
// pid files, its end. Waits for facts with a bound, never for a time. For the tests of this
// package.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** Far beyond what a loaded machine needs; a test that gets here has failed. */
const patienceMs = 20_000;
const pollMs = 10;

export const vrrpText = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  virtual_ipaddress {
    192.0.2.7/24
  }
}
`;
export const checkerText = `virtual_server 192.0.2.7 80 {
  lb_algo wlc
  lb_kind NAT
  protocol TCP
  real_server 192.0.2.20 80 {
    TCP_CHECK {
    }
  }
}
`;

export interface RunOptions {
  readonly config?: string;
  readonly mode?: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A folder of its own for one test, removed at its end. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "keepalived-ts-parent-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export class DaemonRun {
  readonly folder: string;
  readonly process: ChildProcess;
  readonly ended: Promise<number | string>;
  #printed = "";

  /** Runs in the foreground, logs to the console, keeps its files in `folder`. */
  constructor(context: TestContext, folder: string, options: RunOptions = {}) {
    this.folder = folder;
    if (options.config !== undefined) this.writeConfig(options.config);
    const main = fileURLToPath(new URL("./fake-daemon/main.js", import.meta.url));
    const args = options.args ?? ["-nlDG"];
    const words = ["--title=keepalived", main, ...fileArguments(folder), ...args];
    this.process = spawn(process.execPath, words, {
      env: {
        ...process.env,
        FAKE_CHILD: options.mode ?? "good",
        TMPDIR: folder,
        ...options.environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on("data", (chunk) => {
        this.#printed += String(chunk);
      });
    }
    this.ended = new Promise((resolve) => {
      this.process.on("close", (code, signal) => resolve(code ?? signal ?? ""));
    });
    context.after(() => this.process.kill("SIGKILL"));
  }

  get printed(): string {
    return this.#printed;
  }

  writeConfig(text: string): void {
    writeFileSync(join(this.folder, "keepalived.conf"), text);
  }

  /** Waits until `pattern` was printed `times` times; fails with all that was printed. */
  async prints(pattern: RegExp, times = 1): Promise<void> {
    const all = new RegExp(pattern.source, "g");
    await this.waitFor(`${pattern} ${times} times`, () => {
      return (this.#printed.match(all)?.length ?? 0) >= times;
    });
  }

  async waitFor(what: string, holds: () => boolean): Promise<void> {
    const endAt = Date.now() + patienceMs;
    while (!holds()) {
      if (Date.now() > endAt) throw new Error(`Waited in vain for ${what} in:\n${this.#printed}`);
      await new Promise((wake) => setTimeout(wake, pollMs));
    }
  }

  /** Waits for the file `name` of this daemon, and returns what stands in it. */
  async file(name: string): Promise<string> {
    const path = join(this.folder, name);
    await this.waitFor(name, () => existsSync(path) && readFileSync(path).length > 0);
    return readFileSync(path, "utf8");
  }

  /** The pid in the pid file `name`, or undefined. */
  pid(name: "keepalived" | "vrrp" | "checkers"): number | undefined {
    const path = join(this.folder, `${name}.pid`);
    return existsSync(path) ? Number(readFileSync(path, "latin1")) : undefined;
  }

  signal(name: NodeJS.Signals | number): void {
    process.kill(this.process.pid ?? Number.NaN, name);
  }
}

/** The options that keep all files in `folder`. */
export function fileArguments(folder: string): string[] {
  const file = (name: string): string => join(folder, name);
  return [
    `--use-file=${file("keepalived.conf")}`,
    `-p${file("keepalived.pid")}`,
    "-r",
    file("vrrp.pid"),
    "--checkers_pid",
    file("checkers.pid"),
  ];
}

/** Whether a process of that number runs (a zombie does not). */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}
