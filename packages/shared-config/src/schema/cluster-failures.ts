// Who is MASTER of each virtual router when all is well, and after each single failure: a router
// that is gone, an interface, or something tracked. Follows the priorities of keepalived's
// vrrp/vrrp_track.c and its sync groups (vrrp/vrrp_sync.c); looks at where things settle, not at
// how long that takes.

import { compareIp, parseIp } from "../base/ip.js";
import type { ClusterNode, Match, NodeRouter } from "./cluster-match.js";
import { isOwner } from "./link-vrrp-facts.js";
import { essentialsOf, priorityMax, priorityMin, type Weighted } from "./lint-weights.js";

/** One thing that goes wrong. */
export type Failure =
  | { readonly kind: "none" }
  | { readonly kind: "router"; readonly node: ClusterNode }
  | {
      readonly kind: "tracked";
      readonly node: ClusterNode;
      readonly tracked: Pick<Weighted, "kind" | "name" | "reverse">;
    };

/** What a failure comes to. */
export interface FailureRow {
  readonly failure: Failure;
  /** What is left to the router that fails; "FAULT" when it can be MASTER no more. */
  readonly priority?: number | "FAULT" | undefined;
  /** Undefined when nobody is, or when it is not to be known. */
  readonly master: NodeRouter | undefined;
  /** Several may be: their priorities do not decide, and their source addresses are not known. */
  readonly isUndecided: boolean;
}

/** Instances of one node that change state together, and all that takes them into FAULT. */
interface Group {
  readonly members: NodeRouter[];
  readonly essentials: Map<string, Weighted>;
  /** What was found out about it and the routers of another node. */
  readonly isAhead: Map<string, boolean>;
}

/** All virtual routers, with the way from an instance to its sync group and its counterparts. */
export class Cluster {
  readonly matches: readonly Match[];
  readonly #matchOf: Map<NodeRouter, Match> = new Map();
  readonly #groups: Map<NodeRouter, Group> = new Map();

  constructor(matches: readonly Match[]) {
    this.matches = matches;
    const groups = new Map<object, Group>();
    for (const match of matches) {
      for (const router of match.routers) {
        this.#matchOf.set(router, match);
        // Without a group an instance is a group of its own.
        const key = router.group ?? router;
        const group: Group = groups.get(key) ?? emptyGroup();
        groups.set(key, group);
        group.members.push(router);
        for (const each of essentials(router)) group.essentials.set(keyOf(each), each);
        this.#groups.set(router, group);
      }
    }
  }

  /** The instances that change state with `router`, itself among them. */
  membersOf(router: NodeRouter): readonly NodeRouter[] {
    return this.#groups.get(router)?.members ?? [router];
  }

  /** The same virtual router on the node of `other`. */
  counterpart(router: NodeRouter, { node }: NodeRouter): NodeRouter | undefined {
    return this.#matchOf.get(router)?.routers.find((each) => each.node === node);
  }

  /** Rows for every failure that concerns this virtual router, the first with none. */
  rows(match: Match): FailureRow[] {
    return [
      this.#row(match, { kind: "none" }),
      ...match.routers.flatMap((router) =>
        this.#failuresOf(router).map((failure) => ({
          ...this.#row(match, failure),
          priority: failure.kind === "tracked" ? this.#priorityLeft(router, failure) : undefined,
        })),
      ),
    ];
  }

  #priorityLeft(router: NodeRouter, failure: Failure): number | "FAULT" {
    return this.isFault(router, failure) ? "FAULT" : priorityAfter(router, failure);
  }

  #row(match: Match, failure: Failure): FailureRow {
    const master = this.masterAfter(match, failure);
    const isSomebodyLeft = match.routers.some((router) => !this.isFault(router, failure));
    return { failure, master, isUndecided: master === undefined && isSomebodyLeft };
  }

  #failuresOf(router: NodeRouter): Failure[] {
    const { node } = router;
    const tracked = new Map(this.#groups.get(router)?.essentials);
    for (const member of this.membersOf(router)) {
      for (const each of member.weighted) tracked.set(keyOf(each), each);
    }
    return [
      { kind: "router", node },
      ...[...tracked.values()]
        // What a number in a file comes to is not known.
        .filter(({ kind, weight }) => kind !== "files" || weight === 0)
        .map((each): Failure => ({ kind: "tracked", node, tracked: each })),
    ];
  }

  /** Whether `router` cannot be MASTER then; a fault of one member is one of its whole group. */
  isFault(router: NodeRouter, failure: Failure): boolean {
    if (failure.kind === "none" || failure.node !== router.node) return false;
    if (failure.kind === "router") return true;
    return this.#groups.get(router)?.essentials.has(keyOf(failure.tracked)) === true;
  }

  masterAfter(match: Match, failure: Failure): NodeRouter | undefined {
    const alive = match.routers.filter((router) => !this.isFault(router, failure));
    if (failure.kind === "none") return this.#elect(alive, failure);
    const before = this.masterAfter(match, { kind: "none" });
    if (before === undefined || !alive.includes(before)) return this.#elect(alive, failure);
    const takers = alive.filter(
      (router) => this.mayPreempt(router) && this.outranks(router, before, failure),
    );
    return takers.length === 0 ? before : this.#elect(takers, failure);
  }

  mayPreempt(router: NodeRouter): boolean {
    return this.membersOf(router).every(({ instance }) => instance.preempt);
  }

  /** Whether `router` and all its group have more than their counterparts on the other node. */
  outranks(router: NodeRouter, other: NodeRouter, failure: Failure): boolean {
    return this.#beats(router, other, failure, false);
  }

  /** Among routers that start together. */
  #elect(routers: readonly NodeRouter[], failure: Failure): NodeRouter | undefined {
    return routers.find((router) =>
      routers.every((other) => other === router || this.#beats(router, other, failure, true)),
    );
  }

  /** The same for all members of a group, hence found out once. */
  #beats(router: NodeRouter, other: NodeRouter, failure: Failure, usesSource: boolean): boolean {
    const known = this.#groups.get(router)?.isAhead;
    // That a node is gone changes no priority.
    const what = failure.kind === "tracked" ? [failure.node.name, keyOf(failure.tracked)] : [];
    const key = JSON.stringify([other.node.name, usesSource, ...what]);
    const isAhead =
      known?.get(key) ??
      this.membersOf(router).every((member) => {
        const counterpart = this.counterpart(member, other);
        if (counterpart === undefined) return true;
        const lead = priorityAfter(member, failure) - priorityAfter(counterpart, failure);
        return lead === 0 ? usesSource && hasHigherSource(member, counterpart) : lead > 0;
      });
    known?.set(key, isAhead);
    return isAhead;
  }
}

function emptyGroup(): Group {
  return { members: [], essentials: new Map(), isAhead: new Map() };
}

function keyOf({ kind, name }: Pick<Weighted, "kind" | "name">): string {
  return `${kind} ${name}`;
}

/** What takes the instance itself into FAULT: its interface, and all that is tracked by 0. */
function essentials({ instance, group }: NodeRouter): Weighted[] {
  const { interface: name, trackPrimary, track } = instance;
  const isOwnTracked = trackPrimary && name !== "";
  const own: Weighted = { kind: "interfaces", name, weight: 0, reverse: false };
  return [
    ...(isOwnTracked ? [own] : []),
    ...essentialsOf(track),
    ...(group === undefined ? [] : essentialsOf(group.track)),
  ];
}

/** The priority in adverts. */
export function priorityAfter(router: NodeRouter, failure: Failure): number {
  const { basePriority } = router.instance;
  if (isOwner(router.instance)) return basePriority;
  let total = basePriority;
  for (const { kind, name, weight } of router.weighted) {
    if (kind === "files") continue;
    const hasFailed =
      failure.kind === "tracked" &&
      failure.node === router.node &&
      failure.tracked.kind === kind &&
      failure.tracked.name === name;
    if (weight > 0 !== hasFailed) total += weight;
  }
  return Math.min(priorityMax, Math.max(priorityMin, total));
}

/** RFC 9568 section 6.4.3: of equal priorities the higher source address wins. */
function hasHigherSource({ instance }: NodeRouter, other: NodeRouter): boolean {
  const own = parseIp(instance.sourceAddress ?? "");
  const theirs = parseIp(other.instance.sourceAddress ?? "");
  return own !== undefined && theirs !== undefined && compareIp(own, theirs) > 0;
}
