// A rule of a configuration as the line that reads back to it. Says every option, defaults
// included; never inet and inet6, which keepalived misreads.

import type { NumberRange, RuleAction, RuleConfig } from "./config-routes.js";
import { everything } from "./line-addresses.js";
import { formatRealms } from "./line-names.js";
import { formatPrefix, option } from "./route-print.js";

export function printRule(rule: RuleConfig): string[] {
  const { firewallMark, realms, isTracked, family } = rule;
  return [
    ...(rule.isInverted ? ["not"] : []),
    ...["from", formatPrefix(rule.from ?? everything(family))],
    ...["to", formatPrefix(rule.to ?? everything(family))],
    ...option("iif", rule.inputInterface),
    ...option("oif", rule.outputInterface),
    ...["tos", String(rule.tos)],
    ...(firewallMark === undefined ? [] : ["fwmark", `${firewallMark.mark}/${firewallMark.mask}`]),
    ...option("tunnel-id", rule.tunnelId),
    ...option("uidrange", formatRange(rule.userIds)),
    ...option("ipproto", rule.ipProtocol),
    ...option("sport", formatRange(rule.sourcePorts)),
    ...option("dport", formatRange(rule.destinationPorts)),
    ...["preference", String(rule.preference)],
    ...["protocol", String(rule.protocol)],
    ...option("realms", realms === undefined ? undefined : formatRealms(realms)),
    ...option("suppress_prefixlength", rule.suppressPrefixLength),
    ...option("suppress_ifgroup", rule.suppressInterfaceGroup),
    ...printAction(rule.action),
    ...(isTracked ? [] : ["no_track"]),
    ...option("track_group", rule.trackGroup),
  ];
}

function printAction(action: RuleAction): string[] {
  if (action.kind === "table") return ["table", String(action.table)];
  if (action.kind === "goto") return ["goto", String(action.preference)];
  return [action.kind];
}

function formatRange(range: NumberRange | undefined): string | undefined {
  return range === undefined ? undefined : `${range.from}-${range.to}`;
}
