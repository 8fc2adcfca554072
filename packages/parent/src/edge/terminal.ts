// What is said on the terminal, outside any log: synchronous, so that it is out before the end.

import { readFileSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorText } from "@keepalived-ts/shared-config/base/error";

/** The release of keepalived whose behaviour this follows; exporters read the second word. */
const keepalivedVersion = "2.4.3";
const stdoutFd = 1;
const stderrFd = 2;

/** What an administrator starts. */
export function launcherPath(): string {
  return fileURLToPath(new URL("../../bin/keepalived-ts", import.meta.url));
}

export function versionText(): string {
  const file = new URL("../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string };
  return `Keepalived v${keepalivedVersion} (keepalived-ts ${version})`;
}

/** Writes `text` to stderr, where keepalived has all its output; returns `status`. */
export function print(text: string, status: number): number {
  try {
    for (let rest = Buffer.from(text); rest.length > 0; ) {
      rest = rest.subarray(writeSync(stderrFd, rest));
    }
    return status;
  } catch {
    // A reader that went away or is full must change neither what is done nor the status.
    return status;
  }
}

/** Writes an answer to stdout, whole; returns `status`. */
export function write(text: string | Buffer, status: number): number {
  try {
    for (let rest = Buffer.from(text as string); rest.length > 0; ) {
      rest = rest.subarray(writeSome(rest));
    }
    return status;
  } catch (thrown) {
    return print(`Cannot write to stdout: ${errorText(thrown)}\n`, 1);
  }
}

/** A pipe that is full and does not block says EAGAIN; there is nothing else to do meanwhile. */
function writeSome(bytes: Buffer): number {
  try {
    return writeSync(stdoutFd, bytes);
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EAGAIN") {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return 0;
    }
    throw thrown;
  }
}
