// The keywords of global_defs about VRRP: what instances do that say nothing themselves, and what
// concerns the process. Follows keepalived's core/global_parser.c.

import { parseIp } from "../base/ip.js";
import { usPerSecond } from "../base/units.js";
import type { Statement, Word } from "../text/ast.js";
import { interfaceNameMax } from "./address-line.js";
import type { VrrpSettings } from "./config-global.js";
import { globalDefaults } from "./config-global-defaults.js";
import type { GlobalDraft } from "./draft.js";
import {
  alias,
  boolean,
  deprecated,
  flag,
  ignored,
  integer,
  oneWord,
  printWord,
  readBoolean,
  reject,
  seconds,
  store,
  text,
  word,
} from "./forms.js";
import {
  bufferBytes,
  delaySecondsMax,
  exactInteger,
  firstWins,
  mendable,
  named,
  parseExact,
  positive,
  readMulticast,
  unsignedMax,
  wholeSeconds,
  wordsUnlimited,
} from "./global-forms.js";
import { firstWord, type Keywords, type Rule, type Scope } from "./keyword.js";
import { parseInteger, parseSeconds } from "./number.js";

const delay = { from: 0, to: delaySecondsMax };
const refresh = { from: 0, to: unsignedMax, instead: 0 };
/** 32 bits of microseconds. */
const pause = { from: 1, to: unsignedMax };
const startDelay = { from: 1000, to: unsignedMax };
const extraSecondsMax = 86400;

const extra = extraInterfaces();

export const vrrpDefaultKeywords: Keywords<GlobalDraft> = {
  vrrp_version: integer("version", { from: 2, to: 3 }),
  vrrp_mcast_group4: multicastGroup("multicastGroup4", 4),
  vrrp_mcast_group6: multicastGroup("multicastGroup6", 6),
  // Before the settings that it may change: order matters here.
  vrrp_min_garp: { ...boolean<GlobalDraft>("minGarp"), bind: bindMinGarp },
  vrrp_garp_master_delay: wholeSeconds("garpMasterDelayUs", delay),
  vrrp_garp_master_repeat: positive("garpMasterRepeat"),
  vrrp_garp_master_refresh: wholeSeconds("garpMasterRefreshUs", refresh),
  vrrp_garp_master_refresh_repeat: refreshRepeat(),
  vrrp_garp_lower_prio_delay: wholeSeconds("garpLowerPriorityDelayUs", delay),
  vrrp_garp_lower_prio_repeat: integer("garpLowerPriorityRepeat", { from: 0, to: 2147483647 }),
  vrrp_garp_interval: pacing("garpIntervalUs"),
  vrrp_gna_interval: pacing("gnaIntervalUs"),
  vrrp_garp_extra_if: extra,
  vrrp_vmac_garp_intvl: alias("vrrp_garp_extra_if", extra, deprecated("vrrp_garp_extra_if")),
  vrrp_lower_prio_no_advert: boolean("lowerPriorityNoAdvert"),
  vrrp_higher_prio_send_advert: boolean("higherPrioritySendAdvert"),
  vrrp_down_timer_adverts: integer("downTimerAdverts", { from: 1, to: 100 }),
  vrrp_owner_ignore_adverts: boolean("ownerIgnoreAdverts"),
  vrrp_skip_check_adv_addr: boolean("skipCheckAdvertAddresses"),
  vrrp_check_unicast_src: flag("checkUnicastSource"),
  vrrp_strict: boolean("strictMode"),
  // Ours: keepalived does not know it.
  vrrp_hand_over: boolean("handOver"),
  vrrp_vip_repair: boolean("vipRepair"),
  v3_checksum_as_v2: flag("v3ChecksumAsV2"),
};

export const vrrpProcessKeywords: Keywords<GlobalDraft> = {
  // Static addresses without dev take it from here: nothing else acts on it.
  default_interface: mendable(named("defaultInterface", { to: interfaceNameMax })),
  dynamic_interfaces: dynamicInterfaces(),
  vmac_prefix: firstWins("vmacPrefix", fatalText("vmacPrefix")),
  vmac_addr_prefix: firstWins("vmacAddressPrefix", fatalText("vmacAddressPrefix")),
  vrrp_startup_delay: unlessZero("startupDelayUs", seconds("startupDelayUs", startDelay)),
  vrrp_delay_after_boot: unlessZero("delayAfterBootUs", seconds("delayAfterBootUs", startDelay)),
  log_unknown_vrids: flag("logUnknownVrids"),
  process_monitor_rcv_bufs: bufferBytes("processMonitorBufferBytes"),
  process_monitor_rcv_bufs_force: boolean("processMonitorBufferForce"),
  disable_local_igmp: flag("disableLocalIgmp"),
  vrrp_netlink_cmd_rcv_bufs: bufferBytes("vrrpNetlinkCommandBufferBytes"),
  vrrp_netlink_cmd_rcv_bufs_force: boolean("vrrpNetlinkCommandBufferForce"),
  vrrp_netlink_monitor_rcv_bufs: bufferBytes("vrrpNetlinkMonitorBufferBytes"),
  vrrp_netlink_monitor_rcv_bufs_force: boolean("vrrpNetlinkMonitorBufferForce"),
  vrrp_rx_bufs_policy: receiveBuffers(),
  vrrp_rx_bufs_multiplier: receiveBufferMultiplier(),
};

function fatalText(field: "vmacPrefix" | "vmacAddressPrefix"): Rule<GlobalDraft> {
  return { ...text(field), missingWord: "fatal" };
}

function multicastGroup(
  field: "multicastGroup4" | "multicastGroup6",
  family: 4 | 6,
): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const group = readMulticast(scope, statement, family);
    store(scope, field, group, statement);
    if (group === undefined || isLinkLocalMulticast(group)) return;
    scope.diagnostics.report(firstWord(statement).span, {
      // keepalived looks at IPv6 only.
      severity: family === 6 ? "warning" : "hint",
      code: "INVALID_VALUE",
      message: `Cannot recommend ${statement.keyword.value} "${group}": routers may pass it on`,
      expected: family === 6 ? "an address of ff02::/16" : "an address of 224.0.0.0/24",
    });
  };
  return word(`<IPv${family} multicast address>`, bind, printWord(field, String));
}

function isLinkLocalMulticast(address: string): boolean {
  const bytesOf = parseIp(address) ?? new Uint8Array();
  if (bytesOf.length === 16) return ((bytesOf[1] ?? 0) & 0x0f) === 2;
  return bytesOf[0] === 224 && bytesOf[1] === 0 && bytesOf[2] === 0;
}

/** Changes only what was not set or has its default value, as keepalived does. */
function bindMinGarp(scope: Scope<GlobalDraft>, statement: Statement): void {
  const isOn = readBoolean(scope, statement);
  store(scope, "minGarp", isOn, statement);
  if (isOn !== true) return;
  const least = {
    garpMasterRepeat: 1,
    garpMasterRefreshUs: 0,
    garpMasterRefreshRepeat: 0,
    garpMasterDelayUs: 0,
  } as const;
  for (const [field, value] of Object.entries(least) as [keyof typeof least, number][]) {
    const given = scope.draft[field]?.value ?? globalDefaults[field];
    if (given === globalDefaults[field]) store(scope, field, value, statement);
  }
}

/** Only vrrp_min_garp makes it 0, and prints that. */
function refreshRepeat(): Rule<GlobalDraft> {
  const field = "garpMasterRefreshRepeat";
  return unlessZero(field, positive(field));
}

/** A rule whose keyword does not take the 0 that its absence means. */
function unlessZero(field: keyof VrrpSettings, rule: Rule<GlobalDraft>): Rule<GlobalDraft> {
  return {
    ...rule,
    print: (keyword, config) => (config[field] === 0 ? [] : (rule.print?.(keyword, config) ?? [])),
  };
}

/** 0 is what happens anyway, though keepalived rejects it; its own sample has it. */
function pacing(field: "garpIntervalUs" | "gnaIntervalUs"): Rule<GlobalDraft> {
  const rule = seconds<GlobalDraft>(field, pause);
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const first = firstWord(statement);
    const parsed = parseSeconds(first.value);
    if (parsed?.value !== 0 || parsed.rest !== "") {
      rule.bind(scope, statement);
      return;
    }
    const keyword = statement.keyword.value;
    scope.diagnostics.report(first.span, {
      severity: "warning",
      code: "INVALID_VALUE",
      message: `Cannot pace by ${keyword} "0": the packets of a burst go out without a pause`,
      hint: "leave the line out",
    });
  };
  return unlessZero(field, { ...rule, bind });
}

function extraInterfaces(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const isAll = statement.words.some(({ value }) => value === "all");
    const others = statement.words.filter(({ value }) => value !== "all");
    const times = others.map(({ value }) => parseInteger(value)?.value ?? 0);
    const bad = others[times.findIndex((each) => each < 1 || each > extraSecondsMax)];
    const expected = `[all] and 1 to ${extraSecondsMax} seconds`;
    const timeS = times.at(-1);
    if (bad !== undefined) reject(scope, statement, bad, expected, ignored);
    else if (timeS === undefined) {
      reject(scope, statement, firstWord(statement), expected, ignored);
    } else {
      store(scope, "garpExtraIntervalUs", timeS * usPerSecond, statement);
      store(scope, "garpExtraAllInterfaces", isAll, statement);
    }
  };
  const print: Rule<GlobalDraft>["print"] = (keyword, config) => {
    const { garpExtraIntervalUs: us, garpExtraAllInterfaces } = config as unknown as VrrpSettings;
    if (us === undefined) return [];
    const words = [...(garpExtraAllInterfaces ? ["all"] : []), String(us / usPerSecond)];
    return [{ keyword, words }];
  };
  const form = `[all] <1..${extraSecondsMax} seconds>`;
  return { ...mendable({ ...oneWord, form, bind, print }), wordsMax: 2 };
}

function dynamicInterfaces(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const [first] = statement.words;
    store(scope, "dynamicInterfaces", true, statement);
    if (first?.value === "allow_if_changes") store(scope, "allowInterfaceChanges", true, statement);
    else if (first !== undefined) {
      reject(scope, statement, first, "allow_if_changes", "the word is ignored");
    }
  };
  const print: Rule<GlobalDraft>["print"] = (keyword, config) => {
    const { dynamicInterfaces: isOn, allowInterfaceChanges } = config as unknown as VrrpSettings;
    return isOn ? [{ keyword, words: allowInterfaceChanges ? ["allow_if_changes"] : [] }] : [];
  };
  return { ...oneWord, wordsMin: 0, form: "[allow_if_changes]", bind, print };
}

/** A size beats MTU, MTU beats ADVERT; keepalived reads a size from the first word only. */
function receiveBuffers(): Rule<GlobalDraft> {
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const [first] = statement.words;
    const size = first && readBufferSize(first);
    const policies = new Map(statement.words.map((each) => [each.value.toUpperCase(), each]));
    const mtu = policies.get("MTU");
    const advert = policies.get("ADVERT");
    for (const [value, each] of policies) {
      if (value === "MTU" || value === "ADVERT" || (each === first && size !== undefined)) continue;
      const expected = `MTU, ADVERT or 0 to ${unsignedMax} bytes`;
      reject(scope, statement, each, expected, "the word is ignored");
    }
    const beaten = size === undefined ? mtu && advert : (advert ?? mtu);
    if (beaten !== undefined) reject(scope, statement, beaten, "one of them", "it is left out");
    const policy = mtu ?? advert;
    if (size === undefined && policy === undefined) return;
    scope.draft.receiveBufferBytes = undefined;
    scope.draft.receiveBufferPolicy = undefined;
    if (size !== undefined) store(scope, "receiveBufferBytes", size, statement);
    else store(scope, "receiveBufferPolicy", mtu === undefined ? "ADVERT" : "MTU", statement);
  };
  const print: Rule<GlobalDraft>["print"] = (keyword, config) => {
    const { receiveBufferBytes, receiveBufferPolicy } = config as unknown as VrrpSettings;
    const used = receiveBufferBytes ?? receiveBufferPolicy;
    return used === undefined ? [] : [{ keyword, words: [String(used)] }];
  };
  const rule = { ...oneWord, form: "{MTU|ADVERT|<bytes>}", bind, print };
  return { ...mendable(rule), wordsMax: wordsUnlimited };
}

function readBufferSize({ value }: Word): number | undefined {
  const size = parseExact(value)?.value;
  return size !== undefined && size >= 0 && size <= unsignedMax ? size : undefined;
}

function receiveBufferMultiplier(): Rule<GlobalDraft> {
  const rule = exactInteger<GlobalDraft>("receiveBufferMultiplier", { from: 1, to: unsignedMax });
  const bind = (scope: Scope<GlobalDraft>, statement: Statement): void => {
    const [, surplus] = statement.words;
    if (surplus === undefined) rule.bind(scope, statement);
    else reject(scope, statement, surplus, "one number", ignored);
  };
  return { ...mendable(rule), wordsMax: wordsUnlimited, bind };
}
