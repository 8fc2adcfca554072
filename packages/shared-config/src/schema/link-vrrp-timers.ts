// How an instance competes and announces itself: preemption, patience, gratuitous ARPs, with what
// strict mode makes of them. Follows vrrp_complete_instance of keepalived's vrrp/vrrp.c.

import { usPerSecond } from "../base/units.js";
import type { GarpConfig, VrrpInstanceConfig } from "./config.js";
import { type InstanceContext, inherited } from "./link-context.js";
import {
  demanded,
  type InstanceFacts,
  isOwner,
  reportConflict,
  reportStrict,
} from "./link-vrrp-facts.js";
import { formatSeconds } from "./number.js";
import { lowerPriorityRepeatMax } from "./vrrp-timers.js";

const defaultDownTimerAdverts = 3;
const defaultDelayUs = 5 * usPerSecond;
const defaultRepeat = 5;

type Patience = Pick<
  VrrpInstanceConfig,
  "preempt" | "preemptDelayUs" | "downTimerAdverts" | "timerExpiredBackup"
>;

/** When it takes MASTER, and when it gives it away. */
export function linkPatience(context: InstanceContext, facts: InstanceFacts): Patience {
  const preemption = linkPreemption(context, facts);
  const timerExpiredBackup = linkTimerExpired(context, preemption.preempt);
  const given = facts.strictMode ? undefined : inherited(context, "downTimerAdverts");
  return {
    ...preemption,
    downTimerAdverts: given ?? defaultDownTimerAdverts,
    ...(timerExpiredBackup === undefined ? {} : { timerExpiredBackup }),
  };
}

type Answers = Pick<
  VrrpInstanceConfig,
  | "lowerPriorityNoAdvert"
  | "higherPrioritySendAdvert"
  | "garp"
  | "garpExtraIntervalUs"
  | "garpExtraAllInterfaces"
>;

/** What it sends besides its regular adverts. */
export function linkAnswers(context: InstanceContext, { strictMode }: InstanceFacts): Answers {
  if (strictMode) reportDemands(context);
  return {
    lowerPriorityNoAdvert: strictMode || (inherited(context, "lowerPriorityNoAdvert") ?? false),
    higherPrioritySendAdvert:
      !strictMode && (inherited(context, "higherPrioritySendAdvert") ?? false),
    garp: linkGarp(context, strictMode),
    ...linkGarpExtra(context),
  };
}

function reportDemands(context: InstanceContext): void {
  demanded(context, "downTimerAdverts", "down_timer_adverts", defaultDownTimerAdverts);
  demanded(context, "garpLowerPriorityDelayUs", "garp_lower_prio_delay", 0, (value) =>
    formatSeconds(Number(value)),
  );
  demanded(context, "garpLowerPriorityRepeat", "garp_lower_prio_repeat", 0);
  demanded(context, "lowerPriorityNoAdvert", "lower_prio_no_advert", true);
  demanded(context, "higherPrioritySendAdvert", "higher_prio_send_advert", false);
}

/**
 * keepalived clears nopreempt for a MASTER or an owner, preempt_delay for a MASTER, nopreempt or
 * strict mode.
 */
function linkPreemption(
  context: InstanceContext,
  facts: InstanceFacts,
): Pick<VrrpInstanceConfig, "preempt" | "preemptDelayUs"> {
  const { preempt: given, preemptDelayUs: delay } = context.draft;
  const isMaster = facts.wantedState === "MASTER";
  let preempt = true;
  if (given?.value === false) {
    preempt = isMaster || isOwner(facts);
    const because = isMaster ? "state MASTER" : "priority 255";
    if (preempt) reportConflict(context, given.span, "nopreempt", because);
  }
  if (delay === undefined || delay.value === 0) return { preempt, preemptDelayUs: 0 };
  if (preempt && !isMaster && !facts.strictMode) return { preempt, preemptDelayUs: delay.value };
  if (isMaster || !preempt) {
    const because = preempt ? "state MASTER" : "nopreempt";
    reportConflict(context, delay.span, "preempt_delay", because);
  } else reportStrict(context, delay.span, "preempt_delay", "drops it");
  return { preempt, preemptDelayUs: 0 };
}

/** A MASTER that preempts would come back at once; keepalived ignores the keyword silently. */
function linkTimerExpired(context: InstanceContext, preempt: boolean): number | undefined {
  const given = context.draft.timerExpiredBackup;
  if (given === undefined || !preempt) return given?.value;
  context.report(given.span, {
    severity: "hint",
    code: "CONFLICT",
    message: `Cannot use timer_expired_backup in ${context.owner} without nopreempt`,
    hint: "it is ignored; add nopreempt, or leave the line out",
  });
  return undefined;
}

function linkGarp(context: InstanceContext, isStrict: boolean): GarpConfig {
  return {
    masterDelayUs: inherited(context, "garpMasterDelayUs") ?? defaultDelayUs,
    masterRepeat: inherited(context, "garpMasterRepeat") ?? defaultRepeat,
    masterRefreshUs: inherited(context, "garpMasterRefreshUs") ?? 0,
    masterRefreshRepeat: inherited(context, "garpMasterRefreshRepeat") ?? 1,
    ...(isStrict ? { lowerPriorityDelayUs: 0, lowerPriorityRepeat: 0 } : linkLowerGarp(context)),
  };
}

/** The lower-priority values follow the global master values, not the instance's own. */
function linkLowerGarp(
  context: InstanceContext,
): Pick<GarpConfig, "lowerPriorityDelayUs" | "lowerPriorityRepeat"> {
  const { garpMasterDelayUs, garpMasterRepeat } = context.global;
  const repeat =
    inherited(context, "garpLowerPriorityRepeat") ?? garpMasterRepeat?.value ?? defaultRepeat;
  return {
    lowerPriorityDelayUs:
      inherited(context, "garpLowerPriorityDelayUs") ?? garpMasterDelayUs?.value ?? defaultDelayUs,
    lowerPriorityRepeat: Math.min(repeat, lowerPriorityRepeatMax),
  };
}

/** Both words of garp_extra_if come from one line, the instance's or that of global_defs. */
function linkGarpExtra({
  draft,
  global,
}: InstanceContext): Pick<Answers, "garpExtraIntervalUs" | "garpExtraAllInterfaces"> {
  const { garpExtraIntervalUs, garpExtraAllInterfaces } =
    draft.garpExtraIntervalUs === undefined ? global : draft;
  return {
    garpExtraIntervalUs: garpExtraIntervalUs?.value ?? 0,
    garpExtraAllInterfaces: garpExtraAllInterfaces?.value ?? false,
  };
}
