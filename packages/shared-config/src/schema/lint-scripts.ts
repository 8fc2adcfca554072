// Hints about scripts that run again and again: whether they can run as often as asked.

import type { Config } from "./config.js";
import { shorten } from "./keyword.js";
import type { LinkContext } from "./link-context.js";
import { formatSeconds } from "./number.js";

/** A run that is due while another goes on is left out (keepalived's vrrp/vrrp_scheduler.c). */
export function lintScripts({ root, report }: LinkContext, { tracking }: Config): void {
  for (const { name, timeoutUs, intervalUs } of tracking.scripts) {
    const draft = root.trackers.scripts.get(name);
    if (draft === undefined || root.flawed.has(draft) || timeoutUs <= intervalUs) continue;
    report((draft.timeoutUs ?? draft).span, {
      severity: "hint",
      code: "TIMEOUT_BEYOND_INTERVAL",
      message:
        `Cannot run vrrp_script "${shorten(name)}" every ${formatSeconds(intervalUs)} s: ` +
        `a run may take ${formatSeconds(timeoutUs)} s`,
      hint: "a script that hangs is noticed only after its timeout: make it at most the interval",
    });
  }
}
