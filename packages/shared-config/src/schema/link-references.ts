// The track_* lists of one instance or sync group: weights filled in, what is not there left out,
// and weights taken away where keepalived has no use for them.

import type { InterfaceReference, TrackingConfig, TrackReferences } from "./config-track.js";
import type { NamedDraft, ReferenceDraft, TrackingDraft, TrackKind } from "./draft-track.js";
import { givenOr } from "./drafted.js";
import { ignored } from "./forms.js";
import { shorten } from "./keyword.js";
import { hasLink, type LinkContext } from "./link-context.js";
import { definingKeywords } from "./link-track.js";
import type { WeightDraft } from "./track-forms.js";

type AnyDraft = TrackingDraft & NamedDraft;

/** Who tracks, with the place of its name. */
export interface TrackerContext<D extends AnyDraft = AnyDraft> extends LinkContext {
  readonly draft: D;
  /** For messages. */
  readonly owner: string;
}

type AnyReference = TrackReferences[TrackKind][number];

/** Every line with the weight that it has by itself. */
export function linkReferences(context: TrackerContext): TrackReferences {
  const { track } = context.draft;
  const { scripts, files, processes, bfdInstances } = context.root.trackers;
  return {
    interfaces: linkInterfaces(context, [...track.interfaces.values()]),
    scripts: [...track.scripts.values()].map((each) => filledIn(each, scripts, 0)),
    files: [...track.files.values()].map((each) => filledIn(each, files, 1)),
    processes: [...track.processes.values()].map((each) => filledIn(each, processes, 0)),
    bfdInstances: [...track.bfdInstances.values()].map((each) => filledIn(each, bfdInstances, 0)),
  };
}

function linkInterfaces(
  context: TrackerContext,
  lines: readonly ReferenceDraft[],
): InterfaceReference[] {
  return lines
    .filter(({ name, span }) => hasLink(context, name, span))
    .map(({ name, weight = 0, reverse = false }) => ({ interface: name, weight, reverse }));
}

function filledIn(
  { name, weight, reverse }: ReferenceDraft,
  trackers: ReadonlyMap<string, WeightDraft>,
  otherwise: number,
): TrackReferences["scripts"][number] {
  const tracker = trackers.get(name);
  return {
    name,
    weight: weight ?? givenOr(tracker?.weight, otherwise),
    reverse: reverse ?? givenOr(tracker?.reverse, false),
  };
}

/** Hands every reference to `change`, which may leave it out. */
function mapReferences(
  references: TrackReferences,
  change: <T extends AnyReference>(kind: TrackKind, reference: T) => T | undefined,
): TrackReferences {
  const each = <T extends AnyReference>(kind: TrackKind, list: readonly T[]): T[] =>
    list.flatMap((reference) => change(kind, reference) ?? []);
  return {
    interfaces: each("interfaces", references.interfaces),
    scripts: each("scripts", references.scripts),
    files: each("files", references.files),
    processes: each("processes", references.processes),
    bfdInstances: each("bfdInstances", references.bfdInstances),
  };
}

function nameOf(reference: AnyReference): string {
  return "name" in reference ? reference.name : reference.interface;
}

/** The line that a reference came from. */
function spanOf({ draft }: TrackerContext, kind: TrackKind, name: string): ReferenceDraft["span"] {
  return (draft.track[kind].get(name) ?? draft).span;
}

/** Without what is defined but could not be linked. */
export function withoutLost(
  context: TrackerContext,
  references: TrackReferences,
  there: Readonly<Record<keyof TrackingConfig, ReadonlySet<string>>>,
): TrackReferences {
  return mapReferences(references, (kind, reference) => {
    const name = nameOf(reference);
    if (kind === "interfaces" || there[kind].has(name)) return reference;
    const what = `${definingKeywords[kind]} "${shorten(name)}" in ${context.owner}`;
    context.report(spanOf(context, kind, name), {
      severity: "error",
      code: "TRACKER_NOT_FOUND",
      message: `Cannot track ${what}: it was left out; ${ignored}`,
    });
    return undefined;
  });
}

/** The names of all that can be tracked. */
export function trackedNames(
  tracking: TrackingConfig,
): Record<keyof TrackingConfig, ReadonlySet<string>> {
  const names = (list: readonly { readonly name: string }[]): ReadonlySet<string> =>
    new Set(list.map(({ name }) => name));
  return {
    scripts: names(tracking.scripts),
    files: names(tracking.files),
    processes: names(tracking.processes),
    bfdInstances: names(tracking.bfdInstances),
  };
}

/** Without the interface of the instance itself, which it follows anyway. */
export function withoutOwnInterface(
  context: TrackerContext,
  references: TrackReferences,
  own: string,
): TrackReferences {
  return mapReferences(references, (kind, reference) => {
    if (kind !== "interfaces" || nameOf(reference) !== own) return reference;
    context.report(spanOf(context, kind, own), {
      severity: "error",
      code: "OWN_INTERFACE_TRACKED",
      message: `Cannot track "${own}" in ${context.owner}: it is its own interface; ${ignored}`,
      hint: "its going down is a FAULT, unless dont_track_primary is given",
    });
    return undefined;
  });
}

/** What becomes of references that have a weight: the weight 0, or nothing. */
type Fate = (kind: TrackKind, weight: number) => "zero" | "drop";

/** As keepalived has it for members of a group without sync_group_tracking_weight. */
export const memberFate: Fate = (kind, weight) =>
  kind === "interfaces" || (kind === "files" && weight === 1) ? "zero" : "drop";

/** ... for an instance whose priority never changes. */
export const ownerFate: Fate = (kind, weight) =>
  kind === "files" && weight === 1 ? "zero" : "drop";

/** ... for a group that has such a member. */
export const groupFate: Fate = () => "zero";

/** Takes the weights away. */
export function withoutWeights(
  context: TrackerContext,
  references: TrackReferences,
  fate: Fate,
  reason: { readonly because: string; readonly hint?: string },
): TrackReferences {
  return mapReferences(references, (kind, reference) => {
    if (reference.weight === 0) return reference;
    const name = nameOf(reference);
    const isZero = fate(kind, reference.weight) === "zero";
    const instead = isZero ? "0 is used" : "it is not tracked";
    const what = `weight ${reference.weight} of "${shorten(name)}" in ${context.owner}`;
    context.report(spanOf(context, kind, name), {
      severity: "error",
      code: "WEIGHT_WITHOUT_EFFECT",
      message: `Cannot use ${what}: ${reason.because}; ${instead}`,
      hint: reason.hint,
    });
    return isZero ? { ...reference, weight: 0 } : undefined;
  });
}

/** Without what `group` tracks for all its members: the weight there counts. */
export function withoutThoseOf(
  context: TrackerContext,
  references: TrackReferences,
  group: { readonly name: string; readonly names: Readonly<Record<TrackKind, Set<string>>> },
): TrackReferences {
  return mapReferences(references, (kind, reference) => {
    const name = nameOf(reference);
    if (!group.names[kind].has(name)) return reference;
    const what = `"${shorten(name)}" in ${context.owner}`;
    context.report(spanOf(context, kind, name), {
      // keepalived complains of interfaces only.
      severity: kind === "interfaces" ? "error" : "hint",
      code: "DUPLICATE_TRACKER",
      message: `Cannot track ${what}: its sync group does, and the weight there is used`,
      hint: `take the line out of the instance or of vrrp_sync_group "${shorten(group.name)}"`,
    });
    return undefined;
  });
}

/** The names in each list. */
export function referencedNames(references: TrackReferences): Record<TrackKind, Set<string>> {
  const names = (list: readonly AnyReference[]): Set<string> => new Set(list.map(nameOf));
  return {
    interfaces: names(references.interfaces),
    scripts: names(references.scripts),
    files: names(references.files),
    processes: names(references.processes),
    bfdInstances: names(references.bfdInstances),
  };
}

/** Whether anything tracked changes a priority. */
export function hasWeight(references: TrackReferences): boolean {
  return Object.values(references)
    .flat()
    .some(({ weight }: AnyReference) => weight !== 0);
}
