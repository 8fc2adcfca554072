// Pid files: claimed by one process, written whole or not at all, readable by everybody, removed by
// their owner only. A file that names a dead process, or one that is no keepalived, is stale.

import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { errorText } from "@keepalived-ts/shared-config/base/error";

/** TASK_COMM_LEN of linux/sched.h cuts a name after 15 characters; ours is shorter. */
export const processName = "keepalived";

/** Each is lost to another daemon that removes a stale file in the same moment. */
const attemptsMost = 10;

/** The pid of a running keepalived that `path` names, or undefined. */
export function runningOwner(path: string): number | undefined {
  const pid = readPid(path);
  if (pid === undefined || pid === process.pid || !isKeepalived(pid)) return undefined;
  return pid;
}

export type Claim =
  | { readonly ok: true }
  /** Another keepalived, which runs, has it. */
  | { readonly ok: false; readonly owner: number }
  | { readonly ok: false; readonly failure: string };

/** Makes `path` ours, unless a keepalived that runs has it. */
export function claimPidFile(path: string, pid: number): Claim {
  const temporary = `${path}.${process.pid}`;
  const kind = kindOf(path);
  if (kind === "device") return { ok: true };
  if (kind === "other") {
    return { ok: false, failure: `Cannot write pid file "${path}": it is there and is no file` };
  }
  try {
    makeFolder(dirname(path));
    // Made anew: in a folder that others can write to, a link of this name would be followed.
    remove(temporary);
    writeFileSync(temporary, `${pid}\n`, { mode: 0o644, flag: "wx" });
    chmodSync(temporary, 0o644);
    for (let attempt = 1; attempt <= attemptsMost; attempt++) {
      // link(2) fails if the file is there: of two daemons that start at once one must lose.
      if (tryLink(temporary, path)) return { ok: true };
      const owner = runningOwner(path) ?? removeStale(path);
      if (owner !== undefined) return { ok: false, owner };
    }
    return { ok: false, failure: `Cannot write pid file "${path}": others do at the same time` };
  } catch (thrown) {
    return { ok: false, failure: `Cannot write pid file "${path}": ${errorText(thrown)}` };
  } finally {
    remove(temporary);
  }
}

/**
 * Removes a stale file, unless another daemon has put its own in the place since it was looked at:
 * then it stays, and its owner is returned. rename(2) is what only one of two can do.
 */
function removeStale(path: string): number | undefined {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (thrown) {
    if (hasCode(thrown, "ENOENT")) return undefined;
    throw thrown;
  }
  const owner = runningOwner(aside);
  if (owner !== undefined) tryLink(aside, path);
  remove(aside);
  return owner;
}

/**
 * Replaces `path`, whoever had it: for the children's, which are the parent's. Returns a failure.
 */
export function writePidFile(path: string, pid: number): string | undefined {
  if (kindOf(path) === "file") remove(path);
  const claim = claimPidFile(path, pid);
  return !claim.ok && "failure" in claim ? claim.failure : undefined;
}

/** Removes `path` if it names `pid`: a newer daemon's file is left alone. */
export function releasePidFile(path: string, pid: number): void {
  if (readPid(path) === pid) remove(path);
}

/** Removes the folders that pid files were made in, as far as nobody else's are there. */
export function releaseFolder(path: string, upTo: string): void {
  for (let folder = path; folder.startsWith(upTo); folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}

/** Rejected: mkdir's option `recursive`, with which Node 20 spins for ever under /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o755 });
  // Whatever the umask: others read the files.
  chmodSync(path, 0o755);
}

/**
 * `-p /dev/null` is how keepalived is told to write no pid file. Whatever else is no file is not
 * ours to replace: it may be a folder that was named by mistake.
 */
function kindOf(path: string): "none" | "file" | "device" | "other" {
  const stats = tryStat(path);
  if (stats === undefined) return "none";
  if (stats.isCharacterDevice()) return "device";
  return stats.isFile() || stats.isSymbolicLink() ? "file" : "other";
}

/** What cannot be looked at cannot be written either, and that will say why. */
function tryStat(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function readPid(path: string): number | undefined {
  // To read a named pipe would be to wait for its writer.
  if (kindOf(path) !== "file") return undefined;
  const text = readText(path);
  if (text === undefined || !/^\s*[1-9][0-9]{0,9}\s*$/.test(text)) return undefined;
  return Number(text);
}

/** Alive is not enough: after a reboot or in a container the number may be anybody's. */
function isKeepalived(pid: number): boolean {
  // process_name changes the one, not the other.
  const comm = readText(`/proc/${pid}/comm`)?.trim() ?? "";
  const command = basename(readText(`/proc/${pid}/cmdline`)?.split("\0")[0] ?? "");
  const isOurs = [comm, command].some(
    (name) => name === processName || name.startsWith(`${processName}_`),
  );
  return isOurs && !isZombie(pid);
}

function isZombie(pid: number): boolean {
  return /^State:\s+Z/m.test(readText(`/proc/${pid}/status`) ?? "");
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, { encoding: "latin1", flag: "r" });
  } catch {
    return undefined;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, "EEXIST")) return false;
    throw thrown;
  }
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}

/**
 * False when it was not there, or is in a folder that became read-only: a stale file is harmless.
 */
function remove(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
