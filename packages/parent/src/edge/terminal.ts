// What is said on the terminal, outside any log: synchronous, so that it is out before the end.

import { readFileSync, writeSync } from "node:fs";

/** The release of keepalived whose behaviour this follows; exporters read the second word. */
const keepalivedVersion = "2.4.3";
const stderrFd = 2;

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
