// Runs keepalived daemons, Debian's and ours, on hosts of the laboratory, each as if it were alone
// on a machine: own /run and /tmp, no syslog, a console that swallows what it is given.

import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Host, killGroup } from "./host.js";
import { waitFor, within } from "./wait.js";

export const PROJECT_ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));
export const DEBIAN_KEEPALIVED = "/usr/sbin/keepalived";
export const KEEPALIVED_TS: string = join(PROJECT_ROOT, "packages/parent/bin/keepalived-ts");
const STOP_LIMIT_MS = 30_000;
/** Before it has said this, a keepalived that gets a signal dies of it. */
const STARTED = /Startup complete/;

// `ip netns exec` has made a mount namespace already, with slave propagation, so nothing done here
// is seen outside. A console that is slow (a serial port takes 3 ms a line) would falsify all
// timing, for glibc's syslog() writes there when /dev/log is missing. $0 is the project's root:
// when that lies below /tmp it has to stay visible although /tmp is emptied.
const PRIVATE_MOUNTS = `set -e
scratch=$1; shift
fresh="$scratch/tmp.$$"
mkdir -p "$fresh"
mount -t tmpfs lab "$fresh"
case "$0" in
  /tmp/*) mkdir -p "$fresh/\${0#/tmp/}"; mount --bind "$0" "$fresh/\${0#/tmp/}" ;;
esac
mount --rbind "$fresh" /tmp
mount -t tmpfs lab /run
[ ! -e /dev/console ] || mount --bind /dev/null /dev/console
[ ! -S /dev/log ] || mount --bind /dev/null /dev/log
exec "$@"`;

/** How a daemon ended. */
export interface Exit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  /** comm, as ps shows it. */
  readonly name: string;
  /** One letter of proc(5); Z is dead but not yet collected by its parent. */
  readonly state: string;
}

function processFacts(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const nameEnd = stat.lastIndexOf(")");
    const fields = stat.slice(nameEnd + 2).split(" ");
    const name = stat.slice(stat.indexOf("(") + 1, nameEnd);
    return { pid, parentPid: Number(fields[1]), name, state: fields[0] ?? "?" };
  } catch {
    // It ended while we were looking.
    return null;
  }
}

/** Whether a process is there and not merely waiting to be collected. */
export function isRunning(pid: number): boolean {
  const facts = processFacts(pid);
  return facts !== null && facts.state !== "Z";
}

/** The process and everything below it, the root first. */
export function processTree(root: number): readonly ProcessFacts[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const all = pids.map((pid) => processFacts(Number(pid))).filter((facts) => facts !== null);
  const tree = all.filter((facts) => facts.pid === root);
  for (const node of tree) tree.push(...all.filter((facts) => facts.parentPid === node.pid));
  return tree;
}

/** A running daemon. */
export class Daemon {
  readonly host: Host;
  readonly pid: number;
  readonly logPath: string;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #exit: Exit | null = null;

  constructor(host: Host, child: ChildProcess, logPath: string) {
    this.host = host;
    this.pid = child.pid ?? -1;
    this.logPath = logPath;
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.on("exit", (status, signal) => {
        this.#exit = { status, signal };
        resolve(this.#exit);
      });
    });
  }

  get exit(): Exit | null {
    return this.#exit;
  }

  /** Everything it has written so far. */
  log(): string {
    return readFileSync(this.logPath, "utf8");
  }

  /** Waits until its log matches, and gives the match. */
  async waitForLog(pattern: RegExp, limitMs?: number): Promise<RegExpExecArray> {
    const what = `${pattern} in the log of keepalived on ${this.host.name}`;
    return await waitFor(what, () => pattern.exec(this.log()), limitMs);
  }

  processes(): readonly ProcessFacts[] {
    return processTree(this.pid);
  }

  /** A path as the daemon sees it, once it has its private mounts (that is, has begun to log). */
  path(inside: string): string {
    return `/proc/${this.pid}/root${inside}`;
  }

  /** The pid in one of its pid files, or null while there is none. */
  pidIn(file: string): number | null {
    try {
      return Number(readFileSync(this.path(file), "utf8").trim()) || null;
    } catch {
      return null;
    }
  }

  signal(signal: NodeJS.Signals | number): void {
    if (this.#exit === null) process.kill(this.pid, signal);
  }

  /** SIGTERM, then waits for the end. */
  async stop(): Promise<Exit> {
    this.signal("SIGTERM");
    return await within(`the end of keepalived on ${this.host.name}`, this.exited, STOP_LIMIT_MS);
  }

  /** SIGKILL to the parent and all its children at one blow, so that none can say farewell. */
  async kill(): Promise<Exit> {
    const children = this.processes().slice(1);
    killGroup(this.#child, "SIGKILL");
    for (const { pid } of children.filter((facts) => isRunning(facts.pid))) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // The blow to the group reached it first.
      }
    }
    return await within(`the end of keepalived on ${this.host.name}`, this.exited, STOP_LIMIT_MS);
  }
}

let runCount = 0;

/** Starts any program with the private mounts of a daemon. */
export function startDaemon(
  host: Host,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Daemon {
  runCount += 1;
  const logPath = join(host.scratch, `${host.name}-${runCount}.log`);
  const log = openSync(logPath, "a");
  const prefix = ["sh", "-c", PRIVATE_MOUNTS, PROJECT_ROOT.replace(/\/$/, ""), host.scratch];
  const child = host.spawn([...prefix, ...argv], { stdio: ["ignore", log, log], env });
  closeSync(log);
  return new Daemon(host, child, logPath);
}

function writeConfig(host: Host, text: string): string {
  runCount += 1;
  const path = join(host.scratch, `${host.name}-${runCount}.conf`);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

// -n stay in the foreground, -l log to the terminal (here a file), -G not to syslog, -D in detail.
const FLAGS = ["-n", "-l", "-G", "-D"];

/** Debian's keepalived with this configuration. */
export function runDebianKeepalived(
  host: Host,
  confText: string,
  args: readonly string[] = FLAGS,
): Daemon {
  return startDaemon(host, [DEBIAN_KEEPALIVED, ...args, "-f", writeConfig(host, confText)]);
}

/** The daemon of this project with this configuration. */
export function runKeepalivedTs(
  host: Host,
  confText: string,
  args: readonly string[] = FLAGS,
): Daemon {
  return startDaemon(host, [KEEPALIVED_TS, ...args, "-f", writeConfig(host, confText)]);
}

export type DaemonRunner = typeof runDebianKeepalived;

/**
 * Counters of an instance in keepalived's own words, for instance `Received` of `Advertisements`.
 */
export type Statistics = ReadonlyMap<string, number>;

/** Asks for statistics by SIGUSR2 and reads the file: keys are "INSTANCE/Section/Counter". */
export async function readStatistics(daemon: Daemon): Promise<Statistics> {
  const path = daemon.path("/tmp/keepalived.stats");
  await daemon.waitForLog(STARTED);
  rmSync(path, { force: true });
  daemon.signal("SIGUSR2");
  return parseStatistics(await waitFor("statistics", () => statisticsText(path)));
}

function statisticsText(path: string): string | null {
  try {
    const text = readFileSync(path, "utf8");
    // The last section of the file; until it is there the file is being written.
    return /Priority Zero:\n\s+Received: \d+\n\s+Sent: \d+\n$/.test(text) ? text : null;
  } catch {
    return null;
  }
}

export function parseStatistics(text: string): Statistics {
  const result = new Map<string, number>();
  let instance = "";
  let section = "";
  for (const line of text.split("\n")) {
    const title = /^VRRP Instance: (.*)$/.exec(line);
    const counter = /^\s+(.+): (\d+)$/.exec(line);
    const heading = /^\s+(.+):$/.exec(line);
    if (title !== null) instance = title[1] ?? "";
    else if (heading !== null) section = heading[1] ?? "";
    else if (counter !== null) {
      const inSection = line.startsWith("    ") ? `${section}/` : "";
      result.set(`${instance}/${inSection}${counter[1]}`, Number(counter[2]));
    }
  }
  return result;
}
