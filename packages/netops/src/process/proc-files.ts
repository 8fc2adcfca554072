// What /proc says of processes: who there is, their names and command lines. For the PARENT's
// process tracker only. /proc is no disk, but the kernel takes the memory lock of the process whose
// command line is read: one that is stuck in the kernel with it can hold up the reader. So the
// VRRP process never does this. Everything read is bounded, whatever a process has made of itself.

import { closeSync, opendirSync, openSync, readSync } from "node:fs";

export interface ProcessNames {
  /** At most 15 bytes, as the process has set it. */
  readonly comm: string;
  /** The first {@link commandLineBytesMost} bytes as words; none for the kernel's threads. */
  readonly commandLine: readonly string[];
}

export const commandLineBytesMost = 4_096;
const commBytesMost = 64;

const slab: Buffer = Buffer.alloc(commandLineBytesMost);

/** Calls `visit` for each process, in the kernel's order. */
export function eachProcess(visit: (pid: number) => void): void {
  const folder = opendirSync("/proc", { bufferSize: 256 });
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
      if (/^[1-9]\d{0,9}$/.test(entry.name)) visit(Number(entry.name));
    }
  } finally {
    folder.closeSync();
  }
}

/** Undefined if there is no such process, or no longer. */
export function readComm(pid: number): string | undefined {
  const text = readBounded(`/proc/${pid}/comm`, commBytesMost);
  return text?.replace(/\n$/, "");
}

/** Undefined if there is no such process, or no longer. */
export function readProcessNames(pid: number): ProcessNames | undefined {
  const comm = readComm(pid);
  const text = readBounded(`/proc/${pid}/cmdline`, commandLineBytesMost);
  if (comm === undefined || text === undefined) return undefined;
  // A NUL behind each word; a process that has written over its own words may have none.
  const words = text.replace(/\0+$/, "");
  return { comm, commandLine: words === "" ? [] : words.split("\0") };
}

/** Any error means that the process is gone or not ours to see: ENOENT, ESRCH, EACCES. */
function readBounded(path: string, bytesMost: number): string | undefined {
  try {
    const fd = openSync(path, "r");
    try {
      let length = 0;
      while (length < bytesMost) {
        const count = readSync(fd, slab, length, bytesMost - length, null);
        if (count === 0) break;
        length += count;
      }
      return slab.toString("utf8", 0, length);
    } finally {
      closeSync(fd);
    }
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown) return undefined;
    throw thrown;
  }
}
