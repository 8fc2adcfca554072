// The flags of the scheduler. sh and mh have names for two of them, which keepalived takes only
// below lb_algo (check/check_parser.c vs_scheduler flags); here the order does not matter, and a
// hint says where it would.

import type { Located } from "../text/source.js";
import type { NamedFlagDraft } from "./draft-checker.js";
import type { ServiceContext } from "./link-checker-context.js";

export interface SchedulerFlags {
  readonly flag1: boolean;
  readonly flag2: boolean;
  readonly flag3: boolean;
}

const noFlags: SchedulerFlags = { flag1: false, flag2: false, flag3: false };

export function linkSchedulerFlags(service: ServiceContext): SchedulerFlags {
  const { draft } = service;
  const { schedulerFlag1, schedulerFlag2, schedulerFlag3 } = draft;
  const { shFallback, mhFallback, shPort, mhPort } = draft;
  const bits = schedulerFlag1 ?? schedulerFlag2 ?? schedulerFlag3;
  if ((bits ?? shFallback ?? mhFallback ?? shPort ?? mhPort) === undefined) return noFlags;
  const isShFallback = counts(service, "sh-fallback", shFallback);
  const isMhFallback = counts(service, "mh-fallback", mhFallback);
  const isShPort = counts(service, "sh-port", shPort);
  const isMhPort = counts(service, "mh-port", mhPort);
  return {
    flag1: schedulerFlag1 !== undefined || isShFallback || isMhFallback,
    flag2: schedulerFlag2 !== undefined || isShPort || isMhPort,
    flag3: schedulerFlag3 !== undefined,
  };
}

/** Whether a flag by one scheduler's name counts for the scheduler that is used. */
function counts(
  { draft, name, context }: ServiceContext,
  keyword: "sh-port" | "sh-fallback" | "mh-port" | "mh-fallback",
  given: Located<NamedFlagDraft> | undefined,
): boolean {
  if (given === undefined) return false;
  const meant = keyword.slice(0, 2);
  const scheduler = draft.scheduler?.value;
  const above = given.value.schedulerAbove;
  if (scheduler !== meant) {
    // keepalived is silent about the names of the one after the other.
    const isSilent = above === "sh" || above === "mh";
    context.report(given.span, {
      severity: isSilent ? "hint" : "error",
      code: "CONFLICT",
      message: `Cannot use ${keyword} in ${name}; the line is ignored`,
      expected: `lb_algo ${meant}`,
    });
    return false;
  }
  if (above !== meant) {
    context.report(given.span, {
      severity: "hint",
      code: "DIFFERS_FROM_KEEPALIVED",
      message: `Cannot follow keepalived in ${name}: it takes ${keyword} only below lb_algo`,
      hint: `write lb_algo ${meant} above it`,
    });
  }
  return true;
}
