// What a process sets about itself: scheduler, processors, memory lock, network namespace,
// parent-death signal, limits, its end. Decides no values. All throw KeepalivedError whose code is
// the errno's name and whose message says what is missing. Specification: sched(7), mlockall(2),
// setns(2), prctl(2), _exit(2)

import { closeSync, openSync, readdirSync } from "node:fs";
import { KeepalivedError } from "@keepalived-ts/shared-config/base/error";
import { checkResult, errnoName } from "../errno.js";
import { native } from "../native.js";

// include/uapi/linux/sched.h
const policies = { OTHER: 0, FIFO: 1, RR: 2 } as const;
const resetOnFork = 0x40000000;

export type SchedulingPolicy = keyof typeof policies;

// include/uapi/asm-generic/resource.h
const resources = {
  CPU: 0,
  FSIZE: 1,
  DATA: 2,
  STACK: 3,
  CORE: 4,
  RSS: 5,
  NPROC: 6,
  NOFILE: 7,
  MEMLOCK: 8,
  AS: 9,
  LOCKS: 10,
  SIGPENDING: 11,
  MSGQUEUE: 12,
  NICE: 13,
  RTPRIO: 14,
  RTTIME: 15,
} as const;

export type ResourceName = keyof typeof resources;

export interface SchedulerSettings {
  readonly policy: SchedulingPolicy;
  /** 1 to 99; 0 with OTHER. */
  readonly priority: number;
  /** "self" (the default) = this thread, which runs all our code; "all" = V8's threads too. */
  readonly threads?: "self" | "all" | undefined;
}

// include/uapi/asm-generic/mman.h
export const MCL_CURRENT = 1 as const;
export const MCL_FUTURE = 2 as const;
export const MCL_ONFAULT = 4 as const;

const maskBytes = 1024;

/**
 * Threads and processes made later start as OTHER, so that no script inherits real-time priority.
 */
export function setScheduler(settings: SchedulerSettings): void {
  const { policy, priority } = settings;
  const flags = policy === "OTHER" ? 0 : resetOnFork;
  forThreads(settings.threads ?? "self", (thread) =>
    checkThread(
      native.setScheduler(thread, policies[policy] | flags, priority),
      `set scheduling policy ${policy} with priority ${priority}`,
      (errno) => schedulerHint(errno, priority),
    ),
  );
}

/** Binds every thread of the process, and those made later, to these processors. */
export function setAffinity(cpus: readonly number[]): void {
  const mask = new Uint8Array(maskBytes);
  for (const cpu of cpus) {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= maskBytes * 8) {
      throw new KeepalivedError(
        "ERR_INVALID_ARGUMENT",
        `Cannot use processor ${cpu}: must be from 0 to ${maskBytes * 8 - 1}`,
      );
    }
    mask[cpu >> 3] = (mask[cpu >> 3] ?? 0) | (1 << (cpu & 7));
  }
  forThreads("all", (thread) =>
    checkThread(
      native.setAffinity(thread, mask),
      `bind the process to processors ${cpus.join(", ")}`,
      (errno) =>
        errno === "EINVAL" ? `none of them is usable here, these are: ${usable()}` : undefined,
    ),
  );
}

/** The processors that this thread may run on. */
export function getAffinity(): readonly number[] {
  const mask = new Uint8Array(maskBytes);
  checkResult(native.getAffinity(0, mask), "read the processors of this process");
  const cpus: number[] = [];
  for (let cpu = 0; cpu < maskBytes * 8; cpu++) {
    if (((mask[cpu >> 3] ?? 0) & (1 << (cpu & 7))) !== 0) cpus.push(cpu);
  }
  return cpus;
}

/**
 * mlockall(flags) of MCL_…. A trap: V8 gives pages back by madvise(MADV_DONTNEED), which the kernel
 * refuses on locked pages, and then V8 aborts. Safe only in a process that does unlockMemory()
 * before it exits and whose madvise is made to cope; see the README.
 */
export function lockMemory(flags: number): void {
  checkResult(native.lockMemory(flags), "lock the process in memory", (errno) =>
    errno === "EPERM" || errno === "ENOMEM"
      ? "needs CAP_IPC_LOCK or a larger RLIMIT_MEMLOCK (ulimit -l)"
      : undefined,
  );
}

export function unlockMemory(): void {
  checkResult(native.unlockMemory(), "unlock the process's memory");
}

/**
 * Moves this thread into the namespace bound at `path` (/run/netns/NAME, /proc/PID/ns/net). Sockets
 * opened from now on and processes started from now on belong to it; threads that exist already
 * (file system, name resolution) stay where they are.
 */
export function enterNetworkNamespace(path: string): void {
  const action = `enter network namespace ${JSON.stringify(path)}`;
  checkResult(native.enterNetworkNamespace(path), action, (errno) => {
    if (errno === "ENOENT") return "there is no such namespace: make it by `ip netns add`";
    if (errno === "EPERM") return "needs CAP_SYS_ADMIN: run as root or grant the capability";
    if (errno === "EINVAL") return "this file is not a network namespace";
    return undefined;
  });
}

/** Runs `task` in that namespace, and goes back: a socket stays in the one it was opened in. */
export function inNetworkNamespace<T>(path: string, task: () => T): T {
  const home = openSync("/proc/thread-self/ns/net", "r");
  try {
    enterNetworkNamespace(path);
    return task();
  } finally {
    enterNetworkNamespace(`/proc/self/fd/${home}`);
    closeSync(home);
  }
}

/**
 * The signal that this process gets when the thread that started it ends; 0 = none. A parent that
 * has ended before the call is not noticed: compare process.ppid afterwards.
 */
export function setParentDeathSignal(signal: number): void {
  checkResult(native.setParentDeathSignal(signal), `set parent-death signal ${signal}`);
}

/** Infinity = no limit. */
export function setResourceLimit(name: ResourceName, soft: number, hard: number): void {
  const action = `set resource limit ${name} to ${soft} (hard: ${hard})`;
  checkResult(native.setResourceLimit(resources[name], soft, hard), action, (errno) => {
    if (errno === "EPERM") return "raising a hard limit needs CAP_SYS_RESOURCE";
    if (errno === "EINVAL") return "the soft limit must not exceed the hard one";
    return undefined;
  });
}

/**
 * Ends the process now. process.exit() waits for the thread pool first, for ever if one of its
 * threads hangs in a system call (a write to a terminal that is stopped).
 */
export function exitAtOnce(exitCode: number): never {
  return native.exitAtOnce(exitCode);
}

/**
 * Becomes another program: same pid, same children, nothing else kept but the descriptors of `kept`
 * and the first three. Signals that this process catches are ignored from here on, SIGTERM and
 * SIGINT excepted. Returns never; throws when the kernel refuses, and everything is as before then.
 * The first word is the program's path. Specification: execve(2)
 */
export function replaceProcess(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  kept: readonly number[],
): never {
  const assignments = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const result = native.replaceProcess(
    terminated(words),
    terminated(assignments),
    // Node has these closed on exec too.
    Int32Array.from([0, 1, 2, ...kept]),
  );
  checkResult(result, `become ${JSON.stringify(words[0])}`, (errno) =>
    errno === "ENOENT"
      ? "it, or the interpreter that its first line names, is not there"
      : undefined,
  );
  throw new KeepalivedError("ERR_INVALID_ARGUMENT", "Cannot become another program");
}

function terminated(strings: readonly string[]): Uint8Array {
  const wrong = strings.find((each) => each.includes("\0"));
  if (wrong === undefined) return Buffer.from(strings.map((each) => `${each}\0`).join(""));
  const text = `Cannot pass on ${JSON.stringify(wrong.slice(0, 100))}: it has a NUL`;
  throw new KeepalivedError("ERR_INVALID_ARGUMENT", text);
}

/** Runs `set` for this thread, or for every thread. */
function forThreads(which: "self" | "all", set: (thread: number) => void): void {
  const threads = which === "self" ? [0] : readdirSync("/proc/self/task").map(Number);
  threads.forEach(set);
}

function checkThread(
  result: number,
  action: string,
  hint: (errno: string) => string | undefined,
): void {
  // A thread that ended since the listing needs nothing.
  if (errnoName(result) !== "ESRCH") checkResult(result, action, hint);
}

function schedulerHint(errno: string, priority: number): string | undefined {
  if (errno === "EPERM") {
    return `needs CAP_SYS_NICE or RLIMIT_RTPRIO of at least ${priority}: run as root or grant it`;
  }
  if (errno === "EINVAL") return "RR and FIFO need a priority from 1 to 99, OTHER needs 0";
  return undefined;
}

function usable(): string {
  return getAffinity().join(", ");
}
