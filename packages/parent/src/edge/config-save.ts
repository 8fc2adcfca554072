// Copies of the configurations that were in force, for config_save_dir: one file each, as
// keepalived.conf, readable by their owner only since passwords are in them, and not without bound.

import { chmodSync, existsSync, mkdirSync, readdirSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "@keepalived-ts/shared-config/base/error";

const copiesMost = 100;
const ours = /^keepalived\.conf\.\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Returns what prevents it, or undefined. */
export function saveConfigCopy(folder: string, text: string, nowMs: number): string | undefined {
  const path = join(folder, `keepalived.conf.${new Date(nowMs).toISOString()}`);
  try {
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    // "wx" makes a file that was not there: it follows no link.
    writeFileSync(path, text, { mode: 0o600, flag: "wx" });
    chmodSync(path, 0o600);
    const copies = readdirSync(folder)
      .filter((name) => ours.test(name))
      .toSorted();
    for (const name of copies.slice(0, -copiesMost)) unlinkSync(join(folder, name));
    return undefined;
  } catch (thrown) {
    return `Cannot save the configuration as "${path}": ${errorText(thrown)}`;
  }
}
