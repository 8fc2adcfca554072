// Priorities that do not do what they are for: ties, failures that move nothing, and sync groups
// whose members disagree about who is MASTER.

import { type Cluster, priorityAfter } from "./cluster-failures.js";
import { type ClusterFault, faultAt, titleOf } from "./cluster-fault.js";
import type { Match, NodeRouter } from "./cluster-match.js";
import type { ReferenceDraft } from "./draft.js";
import { shorten } from "./keyword.js";
import { isOwner } from "./link-vrrp-facts.js";
import type { Weighted } from "./lint-weights.js";

export function priorityFaults(cluster: Cluster, match: Match): ClusterFault[] {
  return [...ties(match), ...idleWeights(cluster, match), ...tornGroups(cluster, match)];
}

function ties({ routers }: Match): ClusterFault[] {
  const firstWith = new Map<number, NodeRouter>();
  return routers.flatMap((router) => {
    const priority = priorityAfter(router, { kind: "none" });
    const earlier = firstWith.get(priority);
    if (earlier === undefined) {
      firstWith.set(priority, router);
      return [];
    }
    return [
      faultAt(router, "basePriority", {
        code: "CLUSTER_PRIORITIES_EQUAL",
        message:
          `Cannot tell by priority ${priority} whether ${titleOf(router)} is MASTER: ` +
          `${earlier.node.name} has it too`,
        hint: isOwner(router.instance)
          ? "only one router can own the addresses: give the others 254 or less"
          : "the higher source address wins then; give each router a priority of its own",
      }),
    ];
  });
}

/** A MASTER that stays so although something with a weight has failed. */
function idleWeights(cluster: Cluster, match: Match): ClusterFault[] {
  const [well, ...rows] = cluster.rows(match);
  const master = well?.master;
  const others = match.routers.filter((router) => router !== master);
  if (master === undefined || others.length === 0) return [];
  return rows.flatMap(({ failure, priority, master: after }) => {
    if (failure.kind !== "tracked" || failure.node !== master.node) return [];
    if (after !== master || typeof priority !== "number") return [];
    // Tracked by another member of its sync group, or without effect, as a hint of its file says.
    if (priority >= priorityOf(master)) return [];
    const taker = others.find((router) => cluster.outranks(router, master, failure));
    const line = lineOf(master, failure.tracked) ?? master.draft.basePriority ?? master.draft;
    const what = `"${shorten(failure.tracked.name)}"`;
    const problem = `Cannot lose mastership of ${titleOf(master)} by ${what}`;
    const told = taker === undefined ? weightTold(master, others, priority) : nopreemptTold(taker);
    const message = `${problem}: ${told.message}`;
    return [{ ...told, message, node: master.node, span: line.span }];
  });
}

type Told = Pick<ClusterFault, "code" | "message" | "hint">;

function nopreemptTold({ node }: NodeRouter): Told {
  return {
    code: "CLUSTER_NOPREEMPT",
    message: `${node.name} has nopreempt`,
    hint: "track it by weight 0, so that its failure is a FAULT, or take nopreempt out",
  };
}

function weightTold(master: NodeRouter, others: readonly NodeRouter[], left: number): Told {
  const best = others.reduce((a, b) => (priorityOf(b) > priorityOf(a) ? b : a));
  const next = priorityOf(best);
  return {
    code: "CLUSTER_WEIGHT_TOO_SMALL",
    message:
      next > left
        ? "other members of its sync group stay ahead"
        : `${left} is left, and ${best.node.name} has ${next}`,
    hint: `a weight beyond ${priorityOf(master) - next} moves it, and weight 0 means FAULT`,
  };
}

function priorityOf(router: NodeRouter): number {
  return priorityAfter(router, { kind: "none" });
}

/** The line that tracks it, where the instance itself does. */
function lineOf(
  { draft, node, group }: NodeRouter,
  { kind, name }: Pick<Weighted, "kind" | "name">,
): ReferenceDraft | undefined {
  const ofGroup = node.draft.groups.syncGroups.get(group?.name ?? "");
  return draft.track[kind].get(name) ?? ofGroup?.track[kind].get(name);
}

/** A group moves only when all its members may. Told once a group, with its first member. */
function tornGroups(cluster: Cluster, match: Match): ClusterFault[] {
  const [first, ...others] = match.routers;
  if (first?.group === undefined || cluster.membersOf(first)[0] !== first) return [];
  const group = `vrrp_sync_group "${shorten(first.group.name)}" of ${first.node.name}`;
  return others.flatMap((other) => {
    const pairs = cluster.membersOf(first).flatMap((member) => {
      const counterpart = cluster.counterpart(member, other);
      return counterpart === undefined ? [] : [{ member, counterpart }];
    });
    const stray = pairs.find(({ counterpart }) => counterpart.group !== other.group);
    if (stray !== undefined || other.group === undefined) {
      const { counterpart } = stray ?? { counterpart: other };
      return [
        faultAt(counterpart, "basePriority", {
          code: "CLUSTER_GROUP_TORN",
          message: `Cannot move ${titleOf(counterpart)} with ${group}: it is in no such group`,
          hint: "put the same instances into one vrrp_sync_group on all routers",
        }),
      ];
    }
    const sign = Math.sign(priorityOf(first) - priorityOf(other));
    const against = pairs.find(
      ({ member, counterpart }) =>
        Math.sign(priorityOf(member) - priorityOf(counterpart)) === -sign && sign !== 0,
    );
    if (against === undefined) return [];
    return [
      faultAt(against.counterpart, "basePriority", {
        code: "CLUSTER_GROUP_TORN",
        message: `Cannot agree on the MASTER of ${group}: ${titleOf(against.counterpart)} differs`,
        hint: "give one router the higher priority in all members of the group",
      }),
    ];
  });
}
