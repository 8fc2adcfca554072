// Reads small files of the host, such as /etc/passwd, whole and within a limit. A file that is not
// there, is not regular or is too large reads as nothing: who asks can do without it.

import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Larger than any table of users that is kept in a file. */
export const fileBytesMax: number = 16 * 1024 * 1024;
const filesInFolderMax = 1024;

/** The text of a regular file of at most `bytesMax`, else "". */
export function readBounded(path: string, bytesMax: number = fileBytesMax): string {
  let descriptor: number | undefined;
  try {
    // O_NONBLOCK opens even a FIFO at once; fstat then refuses it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    return stat.isFile() && stat.size <= bytesMax ? readFileSync(descriptor, "utf8") : "";
  } catch {
    return "";
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The paths of the files in `folder` that end in `ending`, in the order of their names. */
export function listBounded(folder: string, ending: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(ending));
    return names
      .toSorted()
      .slice(0, filesInFolderMax)
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
