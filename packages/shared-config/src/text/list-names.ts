// Lists a directory as far as anybody wants to know: one with a million entries costs no more than
// was asked for.

import { opendirSync } from "node:fs";

/** Entries that are asked for at once. */
const entriesAtOnce = 256;

/** Up to `namesMax` names of `directory`, in its own order; none when it cannot be listed. */
export function listNames(directory: string, namesMax: number): string[] {
  const names: string[] = [];
  try {
    const open = opendirSync(directory, { bufferSize: entriesAtOnce });
    try {
      for (let entry = open.readSync(); entry !== null; entry = open.readSync()) {
        if (names.length >= namesMax) break;
        names.push(entry.name);
      }
    } finally {
      open.closeSync();
    }
  } catch {
    // What is no directory, or must not be read, has no names for us.
  }
  return names;
}
