// Sync groups: who their members are, and what remains of the weights of those who belong to one or
// own their addresses. Follows keepalived's vrrp/vrrp_sync.c and sync_group_tracking_init of
// vrrp/vrrp.c.

import type { Located } from "../text/source.js";
import type { SyncGroupConfig, SyncGroupScripts, VrrpInstanceConfig } from "./config.js";
import type { TrackingConfig, TrackReferences } from "./config-track.js";
import type { SyncGroupDraft } from "./draft-groups.js";
import type { NamedDraft, TrackingDraft } from "./draft-track.js";
import { givenOr } from "./drafted.js";
import { shorten } from "./keyword.js";
import type { LinkContext } from "./link-context.js";
import {
  groupFate,
  hasWeight,
  linkReferences,
  memberFate,
  ownerFate,
  referencedNames,
  type TrackerContext,
  trackedNames,
  withoutLost,
  withoutOwnInterface,
  withoutThoseOf,
  withoutWeights,
} from "./link-references.js";
import { linkScript } from "./link-script.js";
import { nearestFinder } from "./nearest-names.js";

const ownerPriority = 255;

export interface LinkedGroups {
  readonly syncGroups: readonly SyncGroupConfig[];
  /** With what is left of their track_* lists. */
  readonly instances: readonly VrrpInstanceConfig[];
}

/** A group with the facts that its members need. */
interface Group {
  readonly config: SyncGroupConfig;
  readonly names: ReturnType<typeof referencedNames>;
  readonly hasWeight: boolean;
  /** Its members lose the weights of what they track themselves. */
  readonly takesWeights: boolean;
}

/** The sync groups that have members, and the instances as their groups leave them. */
export function linkSyncGroups(
  context: LinkContext,
  tracking: TrackingConfig,
  instances: readonly VrrpInstanceConfig[],
): LinkedGroups {
  const there = trackedNames(tracking);
  const byName = new Map(instances.map((each) => [each.name, each]));
  const groupOf = new Map<string, Group>();
  const linkMembers = memberLinker(context);
  const syncGroups = [...context.root.groups.syncGroups.values()].flatMap((draft) => {
    const members = linkMembers(draft);
    if (!hasMembers(context, draft, members)) return [];
    const built = members.flatMap((name) => byName.get(name) ?? []);
    const group = linkGroup(trackerContext(context, "vrrp_sync_group", draft), there, built);
    const config = { ...group.config, members };
    for (const name of members) groupOf.set(name, { ...group, config });
    return [config];
  });
  const settled = instances.map((instance) => {
    const draft = context.root.instances.get(instance.name);
    const isAlone = !groupOf.has(instance.name) && tracksNothing(instance.track);
    if (draft === undefined || isAlone) return instance;
    const tracker = trackerContext(context, "vrrp_instance", draft);
    const lists = withoutLost(tracker, instance.track, there);
    const group = groupOf.get(instance.name);
    const track = settle(tracker, lists, instance, group);
    // What an instance does not say, its group says before global_defs does.
    const heir = draft.notifyPriorityChanges === undefined ? group?.config : undefined;
    const { notifyPriorityChanges } = heir ?? instance;
    return { ...instance, notifyPriorityChanges, track };
  });
  return { syncGroups, instances: settled };
}

function tracksNothing(track: TrackReferences): boolean {
  return Object.values(track).every((list) => list.length === 0);
}

function trackerContext<D extends TrackingDraft & NamedDraft>(
  context: LinkContext,
  keyword: string,
  draft: D,
): TrackerContext<D> {
  return { ...context, draft, owner: `${keyword} "${shorten(draft.name)}"` };
}

/** Keeps the members that are there and belong to no earlier group. */
function memberLinker(context: LinkContext): (draft: SyncGroupDraft) => string[] {
  const { instances } = context.root;
  const groupOf = new Map<string, string>();
  const nearest = nearestFinder(instances.keys());
  const link = (draft: SyncGroupDraft, member: Located<string>): string | undefined => {
    const { value, span } = member;
    const other = groupOf.get(value);
    const what = `"${shorten(value)}" as a member of vrrp_sync_group "${shorten(draft.name)}"`;
    if (!instances.has(value)) {
      context.report(span, {
        severity: "error",
        code: "MEMBER_NOT_FOUND",
        message: `Cannot use ${what}: no vrrp_instance has that name; it is left out`,
        nearest: nearest(value),
      });
      return undefined;
    }
    if (other === undefined) {
      groupOf.set(value, draft.name);
      return value;
    }
    context.report(span, {
      severity: "error",
      code: "MEMBER_IN_TWO_GROUPS",
      message: `Cannot use ${what}: it is one of "${shorten(other)}"; it is left out here`,
      hint: "an instance belongs to one group, once",
    });
    return undefined;
  };
  return (draft) => (draft.members ?? []).flatMap((member) => link(draft, member) ?? []);
}

function hasMembers(
  { report }: LinkContext,
  { name, span }: SyncGroupDraft,
  members: readonly string[],
): boolean {
  if (members.length > 1) return true;
  const isOne = members.length === 1;
  const what = `vrrp_sync_group "${shorten(name)}"`;
  report(span, {
    severity: isOne ? "warning" : "error",
    code: "GROUP_TOO_SMALL",
    message: isOne
      ? `Cannot see what ${what} is for: it has one member`
      : `Cannot use ${what}: it has no member; it is left out`,
    expected: "two members or more in group { ... }",
  });
  return isOne;
}

function linkGroup(
  context: TrackerContext<SyncGroupDraft>,
  there: ReturnType<typeof trackedNames>,
  members: readonly VrrpInstanceConfig[],
): Group {
  const { draft } = context;
  const owner = members.find(({ basePriority }) => basePriority === ownerPriority);
  let track = withoutLost(context, linkReferences(context), there);
  if (owner !== undefined) {
    const because = `its member "${shorten(owner.name)}" has priority ${ownerPriority}`;
    track = withoutWeights(context, track, groupFate, { because });
  }
  const names = referencedNames(track);
  for (const member of members) reportOwnInterface(context, member, names.interfaces);
  const { global } = context;
  const trackingWeights = givenOr(draft.trackingWeights, false);
  const config: SyncGroupConfig = {
    name: draft.name,
    members: [],
    track,
    smtpAlert: (draft.smtpAlert ?? global.smtpAlertVrrp ?? global.smtpAlert)?.value ?? false,
    notifyPriorityChanges:
      (draft.notifyPriorityChanges ?? global.notifyPriorityChanges)?.value ?? false,
    trackingWeights,
    ...linkScripts(context, draft),
  };
  const isAllOwners = members.every(({ basePriority }) => basePriority === ownerPriority);
  const takesWeights = !trackingWeights && !isAllOwners;
  return { config, names, hasWeight: hasWeight(track), takesWeights };
}

function reportOwnInterface(
  { draft, owner, report }: TrackerContext,
  { name, interface: own, trackPrimary }: VrrpInstanceConfig,
  interfaces: ReadonlySet<string>,
): void {
  if (!trackPrimary || !interfaces.has(own)) return;
  report((draft.track.interfaces.get(own) ?? draft).span, {
    severity: "error",
    code: "OWN_INTERFACE_TRACKED",
    message: `Cannot track "${own}" in ${owner} for "${shorten(name)}": it is its own interface`,
    hint: "its going down is a FAULT of the whole group, unless dont_track_primary is given",
  });
}

function linkScripts(context: LinkContext, draft: SyncGroupDraft): SyncGroupScripts {
  const keywords: Readonly<Record<keyof SyncGroupScripts, string>> = {
    notifyMaster: "notify_master",
    notifyBackup: "notify_backup",
    notifyFault: "notify_fault",
    notifyStop: "notify_stop",
    notify: "notify",
  };
  const scripts: { -readonly [K in keyof SyncGroupScripts]: SyncGroupScripts[K] } = {};
  for (const [field, keyword] of Object.entries(keywords) as [keyof SyncGroupScripts, string][]) {
    const what = `${keyword} in vrrp_sync_group "${shorten(draft.name)}"`;
    const script = linkScript(context, draft[field], what);
    if (script !== undefined) scripts[field] = script;
  }
  return scripts;
}

/** What remains of an instance's lists. */
function settle(
  context: TrackerContext,
  lists: TrackReferences,
  instance: VrrpInstanceConfig,
  group: Group | undefined,
): TrackReferences {
  let track = withoutOwnInterface(context, lists, instance.interface);
  if (group?.takesWeights) {
    const because = `its sync group "${shorten(group.config.name)}" lets its members have none`;
    const hint = "add sync_group_tracking_weight to the group, or use weight 0 for FAULT";
    track = withoutWeights(context, track, memberFate, { because, hint });
  }
  if (instance.basePriority === ownerPriority) {
    const because = `its priority ${ownerPriority} never changes`;
    track = withoutWeights(context, track, ownerFate, { because });
  }
  if (group !== undefined) {
    const { names, config } = group;
    track = withoutThoseOf(context, track, { name: config.name, names });
  }
  if (!instance.preempt && (hasWeight(track) || group?.hasWeight)) reportNopreempt(context);
  return track;
}

/** What users fall into: the other side sees the lower priority and stays BACKUP. */
function reportNopreempt({ draft, owner, report }: TrackerContext): void {
  report(draft.span, {
    severity: "hint",
    code: "WEIGHT_WITH_NOPREEMPT",
    message: `Cannot promise a failover by weight in ${owner}: nopreempt keeps a BACKUP as it is`,
    hint: "use weight 0, so that a failure is a FAULT, or take nopreempt out",
  });
}
