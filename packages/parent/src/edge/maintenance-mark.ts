// The file that keeps maintenance on over a restart of the daemon. It stands beside the parent's
// pid file, so that it is gone after a reboot. Follows no link.

import { closeSync, constants, lstatSync, openSync, unlinkSync } from "node:fs";
import { errorText, KeepalivedError } from "@keepalived-ts/shared-config/base/error";

const { O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

/** Undefined where nothing can stand beside the pid file. */
export function maintenanceMarkPath(parentPidFile: string): string | undefined {
  if (parentPidFile.startsWith("/dev/")) return undefined;
  return `${parentPidFile.replace(/\.pid$/, "")}.maintenance`;
}

export function isMarked(path: string | undefined): boolean {
  return path !== undefined && lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** @throws KeepalivedError MAINTENANCE_MARK when the file cannot be made or removed. */
export function mark(path: string | undefined, isOn: boolean): void {
  if (path === undefined) return;
  try {
    if (isOn) closeSync(openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o644));
    else if (isMarked(path)) unlinkSync(path);
  } catch (thrown) {
    const what = `Cannot ${isOn ? "make" : "remove"} "${path}"`;
    throw new KeepalivedError("MAINTENANCE_MARK", `${what}: ${errorText(thrown)}`);
  }
}
