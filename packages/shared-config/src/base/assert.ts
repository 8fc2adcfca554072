// Checks for our own mistakes. They stay on in production: a violated one ends the process, and the
// parent starts a new one. Never use them for what a user, a peer or the kernel may do.

import { KeepalivedError } from "./error.js";

/** Throws `ASSERTION_FAILED` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new KeepalivedError("ASSERTION_FAILED", message);
}

/** Marks the end of a switch over a union; the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new KeepalivedError("UNREACHABLE", `Reached a case that has no handler: ${String(value)}`);
}
