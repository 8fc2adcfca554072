// Hints about weights that cannot change a priority whatever fails, because it is at an end of its
// range. Says nothing of other routers: that takes all their files (cluster.ts).

import type { SyncGroupConfig, TrackReferences, VrrpInstanceConfig } from "./config.js";
import type { InstanceDraft, TrackKind } from "./draft.js";
import { shorten } from "./keyword.js";
import type { LinkContext } from "./link-context.js";
import { isOwner } from "./link-vrrp-facts.js";

/** What a priority that changes is held within (RFC 9568 section 5.2.4). */
export const priorityMin = 1;
export const priorityMax = 254;

const kinds: readonly TrackKind[] = ["interfaces", "scripts", "files", "processes", "bfdInstances"];

/** Something tracked with a weight. */
export interface Weighted {
  readonly kind: TrackKind;
  readonly name: string;
  readonly weight: number;
  /** Well and not well change places. */
  readonly reverse: boolean;
}

export function weightedOf(track: TrackReferences): Weighted[] {
  return referencesOf(track).filter(({ weight }) => weight !== 0);
}

/** What is tracked with weight 0: its failure is a FAULT. */
export function essentialsOf(track: TrackReferences): Weighted[] {
  return referencesOf(track).filter(({ weight }) => weight === 0);
}

function referencesOf(track: TrackReferences): Weighted[] {
  return kinds.flatMap((kind) =>
    track[kind].map((each) => {
      const name = "interface" in each ? each.interface : each.name;
      return { kind, name, weight: each.weight, reverse: each.reverse };
    }),
  );
}

export function lintWeights(
  context: LinkContext,
  instance: VrrpInstanceConfig,
  draft: InstanceDraft,
  group: SyncGroupConfig | undefined,
): void {
  if (isOwner(instance)) return;
  const ofGroup = group === undefined ? [] : weightedOf(group.track);
  const own = weightedOf(instance.track);
  const all = [...own, ...ofGroup];
  // The number in a file may be anything.
  if (all.some(({ kind }) => kind === "files")) return;
  const end = endOf(instance.basePriority, all);
  if (end === undefined) return;
  const name = shorten(instance.name);
  const groupDraft = context.root.groups.syncGroups.get(group?.name ?? "");
  for (const each of all) {
    const lines = own.includes(each) ? draft.track : groupDraft?.track;
    const what = `weight ${each.weight} of "${shorten(each.name)}"`;
    context.report((lines?.[each.kind].get(each.name) ?? draft).span, {
      severity: "hint",
      code: "WEIGHT_WITHOUT_EFFECT",
      message: `Cannot change the priority of vrrp_instance "${name}" by ${what}: it stays ${end}`,
      hint: end === priorityMax ? "use a lower priority" : "use a higher priority",
    });
  }
}

/** The end of the range where the priority stays whatever fails. */
function endOf(base: number, all: readonly Weighted[]): number | undefined {
  let lowest = base;
  let highest = base;
  for (const { weight } of all) {
    if (weight < 0) lowest += weight;
    else highest += weight;
  }
  if (lowest >= priorityMax) return priorityMax;
  return highest <= priorityMin ? priorityMin : undefined;
}
