// Reads a file with a key: how much of it there is, and whether others than its owner could read it
// too. What it holds is told to nobody but the asker.

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { SecretFacts } from "@keepalived-ts/shared-config/schema/host";

/** A key has at most 64 bytes; in hexadecimal, with a line feed, this is plenty. */
const secretBytesMax = 512;
const groupAndOthersRead = 0o044;

export function readSecret(path: string): SecretFacts {
  let descriptor: number | undefined;
  try {
    // O_NONBLOCK opens even a FIFO at once; fstat then refuses it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { found: false, detail: "it is not a regular file" };
    if (stat.size > secretBytesMax) {
      return { found: false, detail: `it has more than ${secretBytesMax} bytes` };
    }
    const isExposed = (stat.mode & groupAndOthersRead) !== 0;
    return { found: true, bytes: readFileSync(descriptor), isExposed };
  } catch (thrown) {
    return { found: false, detail: errnoText(thrown) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The reason without the path, which stands in a block of secrets. */
function errnoText(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  return code === "ENOENT" || code === "ENOTDIR" ? "it is not there" : `it gives ${code}`;
}
