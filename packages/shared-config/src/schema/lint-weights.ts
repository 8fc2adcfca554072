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

/** What the weights of a list can make of a priority. */
interface Reach {
  readonly weighted: readonly Weighted[];
  readonly lowers: number;
  readonly raises: number;
  /** The number in a file may be anything. */
  readonly hasFiles: boolean;
}

/** Looks at each sync group once, however many members it has. */
export class WeightLint {
  readonly #context: LinkContext;
  readonly #groups: Map<string, Reach> = new Map();
  #hasFlawedTracker: boolean | undefined;

  constructor(context: LinkContext) {
    this.#context = context;
  }

  check(
    instance: VrrpInstanceConfig,
    draft: InstanceDraft,
    group: SyncGroupConfig | undefined,
  ): void {
    if (isOwner(instance) || this.#isFlawed(draft, group)) return;
    const own = reachOf(instance.track);
    const shared = group === undefined ? nowhere : this.#ofGroup(group);
    if (own.hasFiles || shared.hasFiles) return;
    const end = endOf(
      instance.basePriority,
      own.lowers + shared.lowers,
      own.raises + shared.raises,
    );
    if (end === undefined) return;
    this.#report(instance, own.weighted, draft, end);
    const groupDraft = this.#context.root.groups.syncGroups.get(group?.name ?? "");
    if (groupDraft !== undefined) this.#report(instance, shared.weighted, groupDraft, end);
  }

  /** Whether a weight may be another than its author wanted. */
  #isFlawed(draft: InstanceDraft, group: SyncGroupConfig | undefined): boolean {
    const { flawed, groups, trackers } = this.#context.root;
    const groupDraft = groups.syncGroups.get(group?.name ?? "");
    if (groupDraft !== undefined && flawed.has(groupDraft)) return true;
    this.#hasFlawedTracker ??= [
      trackers.scripts,
      trackers.files,
      trackers.processes,
      trackers.bfdInstances,
    ].some((drafts) => [...drafts.values()].some((each) => flawed.has(each)));
    return this.#hasFlawedTracker || flawed.has(draft);
  }

  #ofGroup({ name, track }: SyncGroupConfig): Reach {
    const known = this.#groups.get(name) ?? reachOf(track);
    this.#groups.set(name, known);
    return known;
  }

  #report(
    instance: VrrpInstanceConfig,
    list: readonly Weighted[],
    { track, span }: Pick<InstanceDraft, "track" | "span">,
    end: number,
  ): void {
    const owner = `vrrp_instance "${shorten(instance.name)}"`;
    for (const { kind, name: tracked, weight } of list) {
      // A group may track thousands of things for thousands of members.
      if (!this.#context.diagnostics.hasRoom("hint")) return;
      const what = `weight ${weight} of "${shorten(tracked)}"`;
      this.#context.report(track[kind].get(tracked)?.span ?? span, {
        severity: "hint",
        code: "WEIGHT_WITHOUT_EFFECT",
        message: `Cannot change the priority of ${owner} by ${what}: it stays ${end}`,
        hint: end === priorityMax ? "use a lower priority" : "use a higher priority",
      });
    }
  }
}

const nowhere: Reach = { weighted: [], lowers: 0, raises: 0, hasFiles: false };

function reachOf(track: TrackReferences): Reach {
  const weighted = weightedOf(track);
  let lowers = 0;
  let raises = 0;
  for (const { weight } of weighted) {
    if (weight < 0) lowers += weight;
    else raises += weight;
  }
  return { weighted, lowers, raises, hasFiles: weighted.some(({ kind }) => kind === "files") };
}

/** The end of the range where the priority stays whatever fails. */
function endOf(base: number, lowers: number, raises: number): number | undefined {
  if (base + lowers >= priorityMax) return priorityMax;
  return base + raises <= priorityMin ? priorityMin : undefined;
}
