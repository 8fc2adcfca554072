// From a draft to the configuration of one VRRP instance: defaults, inheritance from global_defs,
// and what only the whole instance shows. Follows vrrp_complete_instance of keepalived's
// vrrp/vrrp.c.

import { usPerSecond } from "../base/units.js";
import type { Span } from "../text/source.js";
import type { GarpConfig, VrrpInstanceConfig } from "./config.js";
import type { InstanceDraft } from "./draft.js";
import {
  linkAddresses,
  linkFamily,
  linkMulticastGroup,
  linkSourceAddress,
} from "./link-addresses.js";
import { linkAdvertInterval, linkAuthentication } from "./link-advert.js";
import { hasLink, type InstanceContext, inherited, type LinkContext } from "./link-context.js";
import { linkReferences } from "./link-references.js";
import { linkVirtualLines } from "./link-routes.js";

const ownerPriority = 255;
const defaultPriority = 100;

/** The configuration of one instance, or undefined when it cannot be built (a report says why). */
export function linkInstance(
  draft: InstanceDraft,
  base: LinkContext,
): VrrpInstanceConfig | undefined {
  const owner = `vrrp_instance "${draft.name}"`;
  const context: InstanceContext = { ...base, draft, owner };
  const identity = linkIdentity(context);
  const family = linkFamily(context);
  if (identity === undefined || family === undefined) return undefined;
  const wantedState = draft.state?.value ?? stateByPriority(draft);
  const basePriority =
    draft.priority?.value ?? (wantedState === "MASTER" ? ownerPriority : defaultPriority);
  const version = inherited(context, "version") === 3 ? 3 : 2;
  const authentication = linkAuthentication(context, version);
  const sourceAddress = linkSourceAddress(context, family);
  return {
    name: draft.name,
    wantedState,
    ...identity,
    family,
    version,
    basePriority,
    advertIntervalUs: linkAdvertInterval(context, version),
    ...linkPreemption(context, wantedState, basePriority),
    downTimerAdverts: inherited(context, "downTimerAdverts") ?? 3,
    ...(authentication === undefined ? {} : { authentication }),
    ...linkAddresses(context, identity.interface),
    ...linkVirtualLines(context),
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
    multicastGroup: linkMulticastGroup(context, family),
    trackPrimary: draft.dontTrackPrimary?.value !== true,
    lowerPriorityNoAdvert: inherited(context, "lowerPriorityNoAdvert") ?? false,
    higherPrioritySendAdvert: inherited(context, "higherPrioritySendAdvert") ?? false,
    ownerIgnoreAdverts: linkOwnerIgnoreAdverts(context, basePriority),
    skipCheckAdvertAddresses: inherited(context, "skipCheckAdvertAddresses") ?? false,
    garp: linkGarp(context),
    track: linkReferences(context),
  };
}

/** What an instance cannot be without. */
function linkIdentity(
  context: InstanceContext,
): Pick<VrrpInstanceConfig, "interface" | "virtualRouterId"> | undefined {
  const { interface: device, virtualRouterId } = context.draft;
  if (device === undefined) reportMissing(context, "interface");
  if (virtualRouterId === undefined) reportMissing(context, "virtual_router_id");
  if (device === undefined || virtualRouterId === undefined) return undefined;
  if (!hasLink(context, device.value, device.span)) return undefined;
  return { interface: device.value, virtualRouterId: virtualRouterId.value };
}

function reportMissing({ draft, owner, report }: InstanceContext, keyword: string): void {
  report(draft.span, {
    severity: "fatal",
    code: "MISSING_KEYWORD",
    message: `Cannot build ${owner} without a valid ${keyword}`,
    hint: `add a line "${keyword} ..." to the block`,
  });
}

function stateByPriority(draft: InstanceDraft): "MASTER" | "BACKUP" {
  return draft.priority?.value === ownerPriority ? "MASTER" : "BACKUP";
}

/**
 * keepalived clears nopreempt for a MASTER or an owner, preempt_delay for a MASTER or nopreempt.
 */
function linkPreemption(
  context: InstanceContext,
  wantedState: "MASTER" | "BACKUP",
  basePriority: number,
): Pick<VrrpInstanceConfig, "preempt" | "preemptDelayUs"> {
  const { nopreempt, preemptDelayUs } = context.draft;
  const isMaster = wantedState === "MASTER";
  let preempt = true;
  if (nopreempt?.value) {
    preempt = isMaster || basePriority === ownerPriority;
    const because = isMaster ? "state MASTER" : "priority 255";
    if (preempt) reportConflict(context, nopreempt.span, "nopreempt", because);
  }
  if (preemptDelayUs === undefined || preemptDelayUs.value === 0 || (preempt && !isMaster)) {
    return { preempt, preemptDelayUs: preemptDelayUs?.value ?? 0 };
  }
  const because = preempt ? "state MASTER" : "nopreempt";
  reportConflict(context, preemptDelayUs.span, "preempt_delay", because);
  return { preempt, preemptDelayUs: 0 };
}

function linkOwnerIgnoreAdverts(context: InstanceContext, basePriority: number): boolean {
  const own = context.draft.ownerIgnoreAdverts;
  if (basePriority !== ownerPriority) return own?.value ?? false;
  if (own?.value !== false) return inherited(context, "ownerIgnoreAdverts") ?? false;
  // vrrp_complete_instance forces this even outside strict mode.
  reportConflict(context, own.span, "owner_ignore_adverts false", "priority 255");
  return true;
}

function reportConflict(
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

function linkGarp(context: InstanceContext): GarpConfig {
  const { garpMasterDelayUs, garpMasterRepeat } = context.global;
  const defaultDelayUs = 5 * usPerSecond;
  const defaultRepeat = 5;
  return {
    masterDelayUs: inherited(context, "garpMasterDelayUs") ?? defaultDelayUs,
    masterRepeat: inherited(context, "garpMasterRepeat") ?? defaultRepeat,
    masterRefreshUs: inherited(context, "garpMasterRefreshUs") ?? 0,
    masterRefreshRepeat: inherited(context, "garpMasterRefreshRepeat") ?? 1,
    // The lower-priority values follow the global master values, not the instance's own.
    lowerPriorityDelayUs:
      inherited(context, "garpLowerPriorityDelayUs") ?? garpMasterDelayUs?.value ?? defaultDelayUs,
    lowerPriorityRepeat:
      inherited(context, "garpLowerPriorityRepeat") ?? garpMasterRepeat?.value ?? defaultRepeat,
  };
}
