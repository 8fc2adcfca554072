// Several urls of one check, asked in turn, one a probe. As keepalived has it: the check passes for
// the first time, or again, when all of them have passed; the url that made it fail is asked alone
// until it passes, and then all are asked once more. A check of another kind is one of one url.

import type { Check } from "./state.js";

/** Books that the present url has passed; true when nothing keeps the check from passing. */
export function hasPassedAll(check: Check): boolean {
  const count = urlCount(check);
  if (check.result === true) {
    check.urlIndex = (check.urlIndex + 1) % count;
    return true;
  }
  const wasFailed = check.isUrlFailed;
  check.isUrlFailed = false;
  if (wasFailed && count > 1) {
    check.urlIndex = 0;
    return false;
  }
  check.urlIndex = (check.urlIndex + 1) % count;
  return check.urlIndex === 0;
}

/** Whether the next url is asked without a wait (`fast_recovery`). */
export function isSuccessDueAtOnce({ config }: Check, isComplete: boolean): boolean {
  return !isComplete && "fastRecovery" in config && config.fastRecovery;
}

/** Books that the present url has made the check fail; how long until it is asked again. */
export function stayAtUrl(check: Check): number {
  const { config } = check;
  check.isUrlFailed = true;
  if (!("urls" in config)) return config.delayLoopUs;
  return Math.max(config.delayBeforeRetryUs, config.delayLoopUs);
}

/** After a reload that left the check as it is the index still fits: its urls are the same. */
function urlCount({ config }: Check): number {
  return "urls" in config ? config.urls.length : 1;
}
