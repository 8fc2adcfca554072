// Reads a file with a key for the configuration loader, and looks at who else can. Says nothing of
// what it holds, and never waits for it.

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { SecretFacts } from "@keepalived-ts/shared-config/schema/host";

/** A key of 64 bytes in hexadecimal digits needs 132. */
const bytesMax = 1024;
const groupAndOthersRead = 0o044;

/** The file at `path`, which is absolute: a service has no folder of its own to start from. */
export function readSecret(path: string): SecretFacts {
  if (!path.startsWith("/")) return { found: false, detail: "has no absolute path" };
  let descriptor: number | undefined;
  try {
    // O_NONBLOCK opens even a FIFO at once; fstat then refuses it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { found: false, detail: "is not a regular file" };
    const buffer = Buffer.alloc(bytesMax + 1);
    const length = readSync(descriptor, buffer);
    if (length > bytesMax) return { found: false, detail: "is too large for a key" };
    const isExposed = (stat.mode & groupAndOthersRead) !== 0;
    return { found: true, bytes: buffer.subarray(0, length), isExposed };
  } catch (thrown) {
    // Not the text of the error, which has the path.
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "error";
    return { found: false, detail: code === "ENOENT" ? "is not there" : `gives ${code}` };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
