// What most of an instance depends on, decided first: family, VRRP version, strict mode, priority
// and state. Follows the first part of vrrp_complete_instance of keepalived's vrrp/vrrp.c.

import { ipFamily } from "../base/ip.js";
import type { Span } from "../text/source.js";
import type { VrrpInstanceConfig } from "./config.js";
import { type InstanceContext, inherited } from "./link-context.js";

export const ownerPriority = 255;
const defaultPriority = 100;

export interface InstanceFacts
  extends Pick<
    VrrpInstanceConfig,
    "family" | "version" | "strictMode" | "wantedState" | "basePriority"
  > {}

export function linkFacts(context: InstanceContext): InstanceFacts {
  const family = linkFamily(context);
  const strictMode = inherited(context, "strictMode") ?? false;
  const version = linkVersion(context, family, strictMode);
  return { family, version, strictMode, ...linkPriority(context, strictMode) };
}

/** Whether it owns its addresses (RFC 9568 section 5.2.4). */
export function isOwner({ basePriority }: Pick<InstanceFacts, "basePriority">): boolean {
  return basePriority === ownerPriority;
}

/** Says that a keyword is not used because of another. */
export function reportConflict(
  { owner, report }: InstanceContext,
  span: Span,
  keyword: string,
  because: string,
): void {
  report(span, {
    severity: "error",
    code: "CONFLICT",
    message: `Cannot use ${keyword} together with ${because} in ${owner}; it is ignored`,
  });
}

/** Says what strict mode does not allow, and what it makes of it: "drops it". */
export function reportStrict(
  { owner, report }: InstanceContext,
  span: Span,
  what: string,
  outcome: string,
): void {
  report(span, {
    severity: "error",
    code: "STRICT_MODE",
    message: `Cannot use ${what} in ${owner}: strict mode ${outcome}`,
  });
}

/**
 * The value that strict mode demands, with a word where the text wants another. keepalived keeps
 * quiet about what global_defs wants.
 */
export function demanded<K extends StrictField>(
  context: InstanceContext,
  field: K,
  keyword: string,
  value: boolean | number,
  format: (value: boolean | number) => string = told,
): void {
  const own = context.draft[field];
  const given = own ?? context.global[field];
  if (given === undefined || given.value === value) return;
  const isOurs = own === undefined && field !== "downTimerAdverts";
  context.report(given.span, {
    severity: isOurs ? "hint" : "error",
    code: "STRICT_MODE",
    message:
      `Cannot use ${keyword} "${format(given.value)}" in ${context.owner}: ` +
      `strict mode makes it ${format(value)}`,
  });
}

type StrictField =
  | "downTimerAdverts"
  | "garpLowerPriorityDelayUs"
  | "garpLowerPriorityRepeat"
  | "lowerPriorityNoAdvert"
  | "higherPrioritySendAdvert";

function told(value: boolean | number): string {
  if (typeof value === "number") return String(value);
  return value ? "on" : "off";
}

/**
 * Addresses of another family than the first are left out, as keepalived does; those of IPv4 with
 * native_ipv6.
 */
export function keepOneFamily(context: InstanceContext): InstanceContext {
  const { draft, owner, report } = context;
  const family = draft.nativeIpv6 === undefined ? draft.addresses[0]?.family : 6;
  const others = draft.addresses.filter((each) => each.family !== family);
  if (others.length === 0) return context;
  const what =
    draft.nativeIpv6 === undefined ? "IPv4 and IPv6 addresses together" : "IPv4 with native_ipv6";
  for (const { span } of others) {
    report(span, {
      severity: "error",
      code: "FAMILY_MIX",
      message: `Cannot hold ${what} in ${owner}; this one is ignored`,
      hint: "make one instance for each family, or use virtual_ipaddress_excluded",
    });
  }
  const addresses = draft.addresses.filter((each) => each.family === family);
  return { ...context, draft: { ...draft, addresses } };
}

/** That of the addresses, else of whatever else has one; IPv4 where nothing does. */
function linkFamily(context: InstanceContext): 4 | 6 {
  const { addresses, nativeIpv6 } = context.draft;
  return addresses[0]?.family ?? (nativeIpv6 === undefined ? familyOfOthers(context) : 6);
}

/** keepalived takes the first in the text of source, peers and group. */
function familyOfOthers({ draft }: InstanceContext): 4 | 6 {
  const { sourceAddress, multicastGroup, ipvlan, unicastPeers } = draft;
  const address =
    sourceAddress?.value ??
    unicastPeers[0]?.address ??
    ipvlan?.value.address?.value ??
    multicastGroup?.value;
  return address === undefined ? 4 : ipFamily(address);
}

/** RFC 9568 section 1.1: IPv6 came with version 3; keepalived still speaks version 2 when told. */
function linkVersion(context: InstanceContext, family: 4 | 6, isStrict: boolean): 2 | 3 {
  const { version } = context.draft;
  if (family === 4) return inherited(context, "version") === 3 ? 3 : 2;
  if (version?.value !== 2) return 3;
  if (!isStrict) return 2;
  reportStrict(context, version.span, "version 2 with IPv6 addresses", "makes it version 3");
  return 3;
}

function linkPriority(
  context: InstanceContext,
  isStrict: boolean,
): Pick<InstanceFacts, "wantedState" | "basePriority"> {
  const { wantedState: state, basePriority: priority } = context.draft;
  const basePriority =
    priority?.value ?? (state?.value === "MASTER" ? ownerPriority : defaultPriority);
  const fitting = basePriority === ownerPriority ? "MASTER" : "BACKUP";
  if (state === undefined || state.value === fitting) return { wantedState: fitting, basePriority };
  if (!isStrict) return { wantedState: state.value, basePriority };
  const what = `state ${state.value} with priority ${basePriority}`;
  reportStrict(context, state.span, what, `makes it ${fitting}`);
  return { wantedState: fitting, basePriority };
}
