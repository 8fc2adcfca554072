// Which instances of several nodes are the same virtual router: the same VRID and family, and where
// a node has several of these, the interface of the same name or a common address.

import type { Diagnostics } from "../text/diagnostic.js";
import type { Config, SyncGroupConfig, VrrpInstanceConfig } from "./config.js";
import type { ConfigDraft, InstanceDraft } from "./draft.js";
import { isOwner } from "./link-vrrp-facts.js";
import { type Weighted, weightedOf } from "./lint-weights.js";

/** One router of the cluster: its configuration, and what is known of its text. */
export interface ClusterNode {
  /** FILE, or FILE@ID. */
  readonly name: string;
  readonly config: Config;
  readonly draft: ConfigDraft;
  /** Of the same text; faults are reported here too, so that comments can silence them. */
  readonly diagnostics: Diagnostics;
}

/** An instance on its node. */
export interface NodeRouter {
  readonly node: ClusterNode;
  readonly instance: VrrpInstanceConfig;
  readonly draft: InstanceDraft;
  /** The sync group that it belongs to. */
  readonly group: SyncGroupConfig | undefined;
  /** What changes its priority, by its own lines and those of its group. */
  readonly weighted: readonly Weighted[];
}

/** One virtual router and the nodes that have it, in the order of the nodes. */
export interface Match {
  readonly virtualRouterId: number;
  readonly family: 4 | 6;
  readonly routers: readonly NodeRouter[];
}

interface OpenMatch extends Match {
  readonly routers: NodeRouter[];
}

export function matchRouters(nodes: readonly ClusterNode[]): Match[] {
  const finder = new MatchFinder();
  return nodes.flatMap((node) => {
    const routers = routersOf(node);
    const counts = new Map<string, number>();
    for (const { instance } of routers) {
      const identity = identityOf(instance);
      counts.set(identity, (counts.get(identity) ?? 0) + 1);
    }
    return routers.flatMap((router) => {
      const isOnlyOne = counts.get(identityOf(router.instance)) === 1;
      const found = finder.find(router, isOnlyOne);
      if (found === undefined) return [finder.add(router)];
      finder.join(found, router);
      return [];
    });
  });
}

function identityOf({ virtualRouterId, family }: VrrpInstanceConfig): string {
  return `${virtualRouterId} ${family}`;
}

function routersOf(node: ClusterNode): NodeRouter[] {
  const groups = node.config.vrrp?.syncGroups ?? [];
  const groupOf = new Map(groups.flatMap((group) => group.members.map((name) => [name, group])));
  return (node.config.vrrp?.instances ?? []).flatMap((instance) => {
    const draft = node.draft.instances.get(instance.name);
    if (draft === undefined) return [];
    const group = groupOf.get(instance.name);
    const ofGroup = group === undefined ? [] : weightedOf(group.track);
    const weighted = isOwner(instance) ? [] : [...weightedOf(instance.track), ...ofGroup];
    return [{ node, instance, draft, group, weighted }];
  });
}

/** Knows the matches by VRID and family, and with these by address and by interface. */
class MatchFinder {
  readonly #byIdentity: Map<string, OpenMatch[]> = new Map();
  readonly #byTrait: Map<string, OpenMatch[]> = new Map();

  add(router: NodeRouter): Match {
    const { virtualRouterId, family } = router.instance;
    const match: OpenMatch = { virtualRouterId, family, routers: [] };
    push(this.#byIdentity, identityOf(router.instance), match);
    this.join(match, router);
    return match;
  }

  join(match: OpenMatch, router: NodeRouter): void {
    match.routers.push(router);
    for (const trait of traitsOf(router)) push(this.#byTrait, trait, match);
  }

  /** A VRID that stands once on its node needs no further likeness to the only one elsewhere. */
  find(router: NodeRouter, isOnlyOne: boolean): OpenMatch | undefined {
    const isOpen = ({ routers }: OpenMatch): boolean => routers.at(-1)?.node !== router.node;
    for (const trait of traitsOf(router)) {
      const alike = this.#byTrait.get(trait)?.find(isOpen);
      if (alike !== undefined) return alike;
    }
    const [only, ...others] = this.#byIdentity.get(identityOf(router.instance)) ?? [];
    const isPlausible = isOnlyOne && only !== undefined && others.length === 0;
    return isPlausible && isOpen(only) ? only : undefined;
  }
}

/** What counterparts have in common, the surest first. */
function traitsOf({ instance }: NodeRouter): string[] {
  const identity = identityOf(instance);
  return [
    ...instance.virtualAddresses.map(({ address }) => `${identity} address ${address}`),
    `${identity} interface ${instance.interface}`,
  ];
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else if (list.at(-1) !== value) list.push(value);
}
