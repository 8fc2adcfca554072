// Reads small files of the host, such as /etc/passwd, whole and within a limit. A file that is not
// there, is not regular or is too large reads as nothing: who asks can do without it.

import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { listNames } from "@keepalived-ts/shared-config/text/list-names";
import { readDescriptor } from "@keepalived-ts/shared-config/text/read-descriptor";

/** Larger than any table of users that is kept in a file. */
export const fileBytesMax: number = 16 * 1024 * 1024;
const filesInFolderMax = 1024;

/** The text of a regular file of at most `bytesMax`, else "". */
export function readBounded(path: string, bytesMax: number = fileBytesMax): string {
  let descriptor: number | undefined;
  try {
    // O_NONBLOCK opens even a FIFO at once; fstat then refuses it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(descriptor).isFile()) return "";
    return readDescriptor(descriptor, bytesMax)?.toString("utf8") ?? "";
  } catch {
    return "";
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The paths of the files in `folder` that end in `ending`, in the order of their names. */
export function listBounded(folder: string, ending: string): string[] {
  const names = listNames(folder, filesInFolderMax).filter((name) => name.endsWith(ending));
  return names.toSorted().map((name) => join(folder, name));
}
