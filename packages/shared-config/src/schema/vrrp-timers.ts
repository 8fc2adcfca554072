// The keywords of vrrp_instance that set times and counts: adverts, preemption, gratuitous ARPs.
// Ranges and what a bad value becomes follow keepalived's vrrp/vrrp_parser.c.

import { usPerSecond } from "../base/units.js";
import type { Statement } from "../text/ast.js";
import type { InstanceDraft } from "./draft.js";
import {
  alias,
  boolean,
  deprecated,
  type Field,
  flag,
  ignored,
  integer,
  oneWord,
  printWord,
  readNumber,
  reject,
  seconds,
  store,
  word,
} from "./forms.js";
import type { Keywords, Rule, Scope } from "./keyword.js";
import { formatSeconds, type ParsedNumber, parseInteger } from "./number.js";
import type { Printable, PrintedStatement } from "./printed.js";

/** The largest number of whole seconds that fits keepalived's 32-bit microseconds. */
const delaySecondsMax = 4294;
const unsignedMax = 4294967295;
export const lowerPriorityRepeatMax = 2147483647;

/** A day. */
const extraSecondsMax = 86400;
const otherPriorityMax = 254;

const garpExtra: Rule<InstanceDraft> = {
  ...oneWord,
  form: `[all] <0..${extraSecondsMax} seconds>`,
  wordsMin: 0,
  wordsMax: 2,
  bind: bindGarpExtra,
  print: printGarpExtra,
};

const timerExpired: Rule<InstanceDraft> = {
  ...oneWord,
  form: `[<1..${otherPriorityMax}>]`,
  wordsMin: 0,
  bind: bindTimerExpired,
  print: printWord("timerExpiredBackup", String),
};

export const timerKeywords: Keywords<InstanceDraft> = {
  advert_int: seconds("advertIntervalUs", { from: 10_000, to: 255 * usPerSecond }),
  down_timer_adverts: integer("downTimerAdverts", { from: 1, to: 100 }),
  timer_expired_backup: timerExpired,
  thread_timer_expired: alias(
    "timer_expired_backup",
    timerExpired,
    deprecated("timer_expired_backup"),
  ),
  preempt: flag("preempt"),
  nopreempt: flag("preempt", false),
  preempt_delay: seconds("preemptDelayUs", { from: 0, to: 1000 * usPerSecond, instead: 0 }),
  garp_master_delay: wholeSeconds("garpMasterDelayUs", { from: 0, to: delaySecondsMax }),
  garp_master_repeat: positive("garpMasterRepeat"),
  garp_master_refresh: wholeSeconds("garpMasterRefreshUs", {
    from: 0,
    to: unsignedMax,
    instead: 0,
  }),
  garp_master_refresh_repeat: positive("garpMasterRefreshRepeat"),
  garp_lower_prio_delay: wholeSeconds("garpLowerPriorityDelayUs", { from: 0, to: delaySecondsMax }),
  garp_lower_prio_repeat: integer("garpLowerPriorityRepeat", {
    from: 0,
    to: lowerPriorityRepeatMax,
  }),
  garp_extra_if: garpExtra,
  vmac_garp_intvl: alias("garp_extra_if", garpExtra, deprecated("garp_extra_if")),
  lower_prio_no_advert: boolean("lowerPriorityNoAdvert"),
  higher_prio_send_advert: boolean("higherPrioritySendAdvert"),
  // Ours: keepalived does not know it.
  hand_over: boolean("handOver"),
  vip_repair: boolean("vipRepair"),
};

/** Seconds without decimals, stored in microseconds; `limits` are seconds. */
function wholeSeconds(
  field: Field<InstanceDraft, number>,
  limits: { readonly from: number; readonly to: number; readonly instead?: number },
): Rule<InstanceDraft> {
  const form = `<${limits.from}..${limits.to} seconds>`;
  const bind = (scope: Scope<InstanceDraft>, statement: Statement): void => {
    const read = readNumber(scope, statement, parseUnsigned, limits, String);
    store(scope, field, read === undefined ? undefined : read * usPerSecond, statement);
  };
  return word(form, bind, printWord(field, formatSeconds));
}

/** keepalived takes no sign here, not even before a 0. */
function parseUnsigned(text: string): ParsedNumber | undefined {
  return text.startsWith("-") ? undefined : parseInteger(text);
}

/**
 * A count of packets: 0 becomes 1, since a burst of none would leave the switches uninformed. The 0
 * that vrrp_min_garp makes can only be inherited.
 */
function positive(field: Field<InstanceDraft, number>): Rule<InstanceDraft> {
  const rule = integer(field, { from: 1, to: unsignedMax, instead: 1 });
  const print = printWord(field, String);
  return {
    ...rule,
    print: (keyword, config) => (config[field] === 0 ? [] : print(keyword, config)),
  };
}

/** Without a number the shortest wait: that another router has the highest priority there is. */
function bindTimerExpired(scope: Scope<InstanceDraft>, statement: Statement): void {
  const limits = { from: 1, to: otherPriorityMax };
  const value =
    statement.words.length === 0
      ? otherPriorityMax
      : readNumber(scope, statement, parseInteger, limits, String);
  store(scope, "timerExpiredBackup", value, statement);
}

/** The words come in any order; a bad one spoils the line. */
function bindGarpExtra(scope: Scope<InstanceDraft>, statement: Statement): void {
  let interval: number | undefined;
  let onAll = false;
  for (const each of statement.words.slice(0, 2)) {
    if (each.value === "all") {
      onAll = true;
      continue;
    }
    const parsed = parseInteger(each.value);
    if (parsed?.rest !== "" || parsed.value < 0 || parsed.value > extraSecondsMax) {
      reject(scope, statement, each, `0 to ${extraSecondsMax}, or all`, ignored);
      return;
    }
    interval = parsed.value * usPerSecond;
  }
  if (interval === undefined) {
    scope.diagnostics.report(statement.keyword.span, {
      severity: "error",
      code: "MISSING_WORD",
      message: `Cannot use ${statement.keyword.value} in ${scope.owner}; ${ignored}`,
      expected: `seconds, 0 to ${extraSecondsMax}`,
    });
    return;
  }
  store(scope, "garpExtraIntervalUs", interval, statement);
  store(scope, "garpExtraAllInterfaces", onAll, statement);
}

function printGarpExtra(keyword: string, config: Printable): PrintedStatement[] {
  const { garpExtraIntervalUs: intervalUs, garpExtraAllInterfaces: onAll } = config;
  if (typeof intervalUs !== "number") return [];
  return [{ keyword, words: [...(onAll === true ? ["all"] : []), formatSeconds(intervalUs)] }];
}
