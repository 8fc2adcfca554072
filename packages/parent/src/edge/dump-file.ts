// Writes one data file in place: who waits for it watches its name and reads once it is closed.
// Follows no link and writes into no file of another user, for these files lie in /tmp.

import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { errorText } from "@keepalived-ts/shared-config/base/error";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

/** Returns why it could not be written, or undefined. */
export function writeDumpFile(path: string, text: string, umask: number): string | undefined {
  const mode = 0o666 & ~umask;
  try {
    const descriptor = openOwn(path) ?? openNew(path, mode);
    try {
      fchmodSync(descriptor, mode);
      ftruncateSync(descriptor);
      writeFileSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    return undefined;
  } catch (thrown) {
    return `Cannot write "${path}": ${errorText(thrown)}`;
  }
}

/** A file of an earlier time, if it is one and ours alone. */
function openOwn(path: string): number | undefined {
  let descriptor: number;
  try {
    // O_NONBLOCK: a named pipe without a reader fails at once.
    descriptor = openSync(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  const { nlink, uid } = fstatSync(descriptor);
  if (fstatSync(descriptor).isFile() && nlink === 1 && uid === process.geteuid?.()) {
    return descriptor;
  }
  closeSync(descriptor);
  return undefined;
}

/** Whatever stands in the way is removed, and what comes in its place meanwhile is refused. */
function openNew(path: string, mode: number): number {
  try {
    unlinkSync(path);
  } catch (thrown) {
    const isMissing = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
    if (!isMissing) throw thrown;
  }
  return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
}
