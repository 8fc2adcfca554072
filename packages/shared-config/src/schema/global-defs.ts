// The keywords of global_defs that are acted on. Ranges and what a bad value becomes follow
// keepalived's core/global_parser.c. Defaults are not here: the linker fills them in.

import { canonicalIp, ipFamily, isMulticast, parseIp } from "../base/ip.js";
import { usPerSecond } from "../base/units.js";
import type { Statement } from "../text/ast.js";
import type { ConfigDraft, GlobalDraft } from "./draft.js";
import {
  boolean,
  type Field,
  ignored,
  integer,
  reject,
  seconds,
  store,
  text,
  word,
} from "./forms.js";
import { firstWord, type Keywords, type Rule, type Scope } from "./keyword.js";
import { parseSeconds } from "./number.js";
import { section } from "./sections.js";

/** The largest number of whole seconds that fits keepalived's 32-bit microseconds. */
export const delaySecondsMax = 4294;
export const unsignedMax = 4294967295;

const delay = { from: 0, to: delaySecondsMax * usPerSecond };
const refresh = { from: 0, to: unsignedMax * usPerSecond, instead: 0 };
const niceValue = { from: -20, to: 19, instead: 0 };

export const globalKeywords: Keywords<GlobalDraft> = {
  router_id: text("routerId"),
  vrrp_version: integer("version", { from: 2, to: 3 }),
  vrrp_mcast_group4: multicastGroup("multicastGroup4", 4),
  vrrp_mcast_group6: multicastGroup("multicastGroup6", 6),
  vrrp_garp_master_delay: seconds("garpMasterDelayUs", delay),
  vrrp_garp_master_repeat: positive("garpMasterRepeat"),
  vrrp_garp_master_refresh: seconds("garpMasterRefreshUs", refresh),
  vrrp_garp_master_refresh_repeat: positive("garpMasterRefreshRepeat"),
  vrrp_garp_lower_prio_delay: seconds("garpLowerPriorityDelayUs", delay),
  vrrp_garp_lower_prio_repeat: integer("garpLowerPriorityRepeat", { from: 0, to: 2147483647 }),
  vrrp_garp_interval: pacing(),
  vrrp_gna_interval: pacing(),
  vrrp_lower_prio_no_advert: boolean("lowerPriorityNoAdvert"),
  vrrp_higher_prio_send_advert: boolean("higherPrioritySendAdvert"),
  vrrp_down_timer_adverts: integer("downTimerAdverts", { from: 1, to: 100 }),
  vrrp_owner_ignore_adverts: boolean("ownerIgnoreAdverts"),
  vrrp_skip_check_adv_addr: boolean("skipCheckAdvertAddresses"),
  vrrp_priority: integer("vrrpPriority", niceValue),
  checker_priority: integer("checkerPriority", niceValue),
  random_seed: heeded("<0..4294967295>", 1),
  include_check: heeded("[{+|-}]{read|match|wildcard_match|brace_match} ...", 0),
};

/** The keywords of the top level that concern the daemon as a whole. */
export const globalTopKeywords: Keywords<ConfigDraft> = {
  global_defs: section({
    keywords: globalKeywords,
    open: (scope): Scope<GlobalDraft> => ({
      ...scope,
      path: "global_defs",
      owner: "global_defs",
      draft: scope.draft.global,
    }),
  }),
};

/** A keyword that text/ obeys, and judges, while it reads. */
function heeded(form: string, wordsMin: number): Rule<GlobalDraft> {
  const rule = word<GlobalDraft>(form, () => undefined);
  return { ...rule, wordsMin, wordsMax: wordsMin === 0 ? 8 : 1, isRepeatable: wordsMin === 0 };
}

/** A count of packets: 0 becomes 1, since a burst of none would leave the switches uninformed. */
export function positive<D>(field: Field<D, number>): Rule<D> {
  return integer(field, { from: 1, to: unsignedMax, instead: 1 });
}

function multicastGroup(
  field: "multicastGroup4" | "multicastGroup6",
  family: 4 | 6,
): Rule<GlobalDraft> {
  return word(`<IPv${family} multicast address>`, (scope, statement) => {
    const group = readMulticast(scope, statement, family);
    store(scope, field, group, statement);
  });
}

/** The multicast address of `family` that the statement names, or undefined after a report. */
export function readMulticast<D>(
  scope: Scope<D>,
  statement: Statement,
  family: 4 | 6 | undefined,
): string | undefined {
  const first = firstWord(statement);
  const bytes = parseIp(first.value);
  const isUsable =
    bytes !== undefined &&
    isMulticast(bytes) &&
    (family === undefined || ipFamily(first.value) === family);
  if (isUsable) return canonicalIp(first.value);
  reject(scope, statement, first, `an IPv${family ?? "4 or IPv6"} multicast address`, ignored);
  return undefined;
}

/**
 * Pacing of gratuitous ARPs is not built; 0 is what happens anyway, though keepalived rejects it.
 */
function pacing(): Rule<GlobalDraft> {
  return word("<seconds>", (scope, statement) => {
    const first = firstWord(statement);
    const isZero = parseSeconds(first.value)?.value === 0;
    const keyword = statement.keyword.value;
    scope.diagnostics.report(first.span, {
      severity: "warning",
      code: isZero ? "INVALID_VALUE" : "NOT_SUPPORTED_YET",
      message: isZero
        ? `Cannot pace by ${keyword} "0": the packets of a burst go out without a pause`
        : `Cannot act on ${keyword} yet: the packets of a burst go out without a pause`,
      hint: isZero ? "leave the line out" : undefined,
    });
  });
}
