// Values below /proc/sys/net/{ipv4,ipv6}/conf/<interface>: read, written, and put back. A file here
// is memory of the kernel and no disk, a write takes some microseconds; still it is a system call
// on a path, and `forwarding` or `disable_ipv6` take a lock that all of the network configuration
// shares. So this is for the PARENT or a process of its own; the VRRP process sets per interface
// what it can through netlink (netlink/link-socket). Decides no values.
//
// All calls are synchronous: /proc/sys/net shows the namespace of the thread that asks, and Node's
// other threads may be in another one than the main thread (process/control).

import { closeSync, constants, openSync, readdirSync, readSync, writeSync } from "node:fs";
import { assert } from "@keepalived-ts/shared-config/base/assert";

export interface InterfaceSysctl {
  readonly family: "ipv4" | "ipv6";
  /** Of any name, with dots too; `all` and `default` are the kernel's own. */
  readonly interface: string;
  /** "rp_filter", "disable_ipv6", ... */
  readonly name: string;
}

export type SysctlReading =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly errno: string };

export interface SysctlFailure {
  readonly sysctl: InterfaceSysctl;
  readonly value: number;
  readonly errno: string;
}

/** What was there before, and what we have put in its place. */
export interface SysctlMemory {
  readonly sysctl: InterfaceSysctl;
  readonly formerValue: number;
  readonly ourValue: number;
}

/** More than any number has. */
const valueBytes = 32;

/** The names that settings of a family exist for, those of the kernel's own among them. */
export function sysctlInterfaces(family: InterfaceSysctl["family"]): readonly string[] {
  try {
    return readdirSync(`/proc/sys/net/${family}/conf`);
  } catch {
    // No /proc, or no IPv6.
    return [];
  }
}

/** The path of its file, or undefined if the names cannot be an interface's and a setting's. */
export function sysctlPath(sysctl: InterfaceSysctl): string | undefined {
  const { family, interface: interfaceName, name } = sysctl;
  // dev_valid_name() in net/core/dev.c
  const isInterface = /^[^/:\s\0]{1,15}$/.test(interfaceName) && !/^\.\.?$/.test(interfaceName);
  if (!isInterface || !/^[a-z0-9_]+$/.test(name)) return undefined;
  return `/proc/sys/net/${family}/conf/${interfaceName}/${name}`;
}

/** ENOENT: the interface is gone, or the kernel has no such setting. */
export function readSysctl(sysctl: InterfaceSysctl): SysctlReading {
  const path = sysctlPath(sysctl);
  if (path === undefined) return { ok: false, errno: "EINVAL" };
  const bytes = Buffer.alloc(valueBytes);
  const result = withFile(path, constants.O_RDONLY, (fd) => readSync(fd, bytes, 0, valueBytes, 0));
  if (typeof result === "string") return { ok: false, errno: result };
  const text = bytes.toString("latin1", 0, result).trim();
  if (!/^-?\d{1,10}$/.test(text)) return { ok: false, errno: "EBADMSG" };
  return { ok: true, value: Number(text) };
}

/** Null, or the errno name. EROFS: /proc/sys is read-only, as in a container. */
export function writeSysctl(sysctl: InterfaceSysctl, value: number): string | null {
  assert(Number.isInteger(value), "a setting of the kernel is a whole number");
  const path = sysctlPath(sysctl);
  if (path === undefined) return "EINVAL";
  const result = withFile(path, constants.O_WRONLY, (fd) => writeSync(fd, `${value}\n`));
  return typeof result === "string" ? result : null;
}

/** One sentence for a log. */
export function sysctlFailureText(failure: SysctlFailure): string {
  const { sysctl, value, errno } = failure;
  const path = `/proc/sys/net/${sysctl.family}/conf/${sysctl.interface}/${sysctl.name}`;
  const advice = hints[errno];
  return `Cannot write ${value} to ${path}: ${errno}${advice === undefined ? "" : `, ${advice}`}`;
}

/** Sets values and remembers the former ones, to put them back. */
export class SysctlGuard {
  readonly #memories = new Map<string, SysctlMemory>();

  /** What {@link restore} would put back; plain values, fit to outlive this process elsewhere. */
  get memories(): readonly SysctlMemory[] {
    return [...this.#memories.values()];
  }

  /** Takes over what a former guard remembered. */
  adopt(memories: readonly SysctlMemory[]): void {
    for (const memory of memories) this.#memories.set(keyOf(memory.sysctl), memory);
  }

  /** What {@link restore} would put back there, or what is there. */
  formerValue(sysctl: InterfaceSysctl): SysctlReading {
    const memory = this.#memories.get(keyOf(sysctl));
    return memory === undefined ? readSysctl(sysctl) : { ok: true, value: memory.formerValue };
  }

  /** Null, or the errno name. A value that is there already is not written, nor put back. */
  set(sysctl: InterfaceSysctl, value: number): string | null {
    const reading = readSysctl(sysctl);
    if (!reading.ok) return reading.errno;
    if (reading.value === value) return null;
    const errno = writeSysctl(sysctl, value);
    if (errno !== null) return errno;
    const formerValue = this.#memories.get(keyOf(sysctl))?.formerValue ?? reading.value;
    this.#memories.set(keyOf(sysctl), { sysctl, formerValue, ourValue: value });
    return null;
  }

  /** Forgets what was set on an interface that is gone: one of that name would be a new one. */
  forgetInterface(name: string): void {
    for (const [key, { sysctl }] of this.#memories) {
      if (sysctl.interface === name) this.#memories.delete(key);
    }
  }

  /**
   * Puts the former values back, in the reverse order, and tells of those that it could not write.
   * What has gone is no failure, and what somebody else has set since stays as it is, as does
   * what is in `kept`.
   */
  restore(kept: readonly InterfaceSysctl[] = []): readonly SysctlFailure[] {
    const failures: SysctlFailure[] = [];
    const keptKeys = new Set(kept.map(keyOf));
    for (const [key, memory] of [...this.#memories].reverse()) {
      if (keptKeys.has(key)) continue;
      const errno = this.#putBack(memory);
      if (errno === null) this.#memories.delete(key);
      else failures.push({ sysctl: memory.sysctl, value: memory.formerValue, errno });
    }
    return failures;
  }

  #putBack({ sysctl, formerValue, ourValue }: SysctlMemory): string | null {
    const reading = readSysctl(sysctl);
    if (!reading.ok) return isGone(reading.errno) ? null : reading.errno;
    if (reading.value !== ourValue) return null;
    const errno = writeSysctl(sysctl, formerValue);
    return errno !== null && isGone(errno) ? null : errno;
  }
}

const hints: Readonly<Record<string, string>> = {
  EROFS: "/proc/sys is read-only here; set it on the host or make it writable for this container",
  EACCES: "needs root in the user namespace that owns the network namespace",
  EPERM: "needs root in the user namespace that owns the network namespace",
  ENOENT: "there is no such interface, or the kernel has no such setting",
};

function keyOf({ family, interface: interfaceName, name }: InterfaceSysctl): string {
  return `${family} ${interfaceName} ${name}`;
}

/** ENXIO and ENODEV: it went between opening and writing. */
function isGone(errno: string): boolean {
  return errno === "ENOENT" || errno === "ENXIO" || errno === "ENODEV";
}

/** What `use` gives, or the errno name. */
function withFile(path: string, flags: number, use: (fd: number) => number): number | string {
  try {
    const fd = openSync(path, flags);
    try {
      return use(fd);
    } finally {
      closeSync(fd);
    }
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && typeof thrown.code === "string") {
      return thrown.code;
    }
    throw thrown;
  }
}
