// Whether a rule that the kernel tells of is the one that was asked for. The kernel keeps a rule as
// it was given, so equal rules have equal keys. Pure.

import { MessageWriter } from "./message.js";
import type { RuleRequest } from "./route-request.js";
import { decodeRule, encodeRule, type KernelRule } from "./rule-codec.js";

/** What the kernel will tell of the rule. Compute once, match often. */
export function expectedRule(request: RuleRequest): KernelRule | undefined {
  const writer = new MessageWriter(1024);
  encodeRule(writer, request);
  const rule = decodeRule(writer.bytes());
  if (!rule) return undefined;
  const { firewallMark: mark, tunnelId } = rule;
  return {
    ...rule,
    // fib_nl_fill_rule() in net/core/fib_rules.c leaves out what is zero.
    firewallMark: mark?.mark === 0 && mark.mask === 0 ? null : mark,
    tunnelId: tunnelId === "0" ? null : tunnelId,
    ipProtocol: rule.ipProtocol === 0 ? null : rule.ipProtocol,
  };
}

/** Of all that makes up a rule: the kernel may hold two that differ in anything of it. */
export function ruleKey(rule: KernelRule): string {
  // decodeRule() always writes the fields in one order.
  return JSON.stringify(rule);
}

export function isSameRule(seen: KernelRule, wanted: KernelRule): boolean {
  return ruleKey(seen) === ruleKey(wanted);
}
