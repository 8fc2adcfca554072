// Which instances of several nodes are the same virtual router: the same VRID and family, and where
// a node has several of these, the interface of the same name or a common address.

import type { Diagnostics } from "../text/diagnostic.js";
import type { Config, SyncGroupConfig, VrrpInstanceConfig } from "./config.js";
import type { ConfigDraft, InstanceDraft } from "./draft.js";

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
  const matches: OpenMatch[] = [];
  const byIdentity = new Map<string, OpenMatch[]>();
  for (const node of nodes) {
    const routers = routersOf(node);
    const counts = new Map<string, number>();
    for (const { instance } of routers) {
      const identity = identityOf(instance);
      counts.set(identity, (counts.get(identity) ?? 0) + 1);
    }
    for (const router of routers) {
      const identity = identityOf(router.instance);
      const alike = byIdentity.get(identity) ?? [];
      byIdentity.set(identity, alike);
      const chosen = choose(alike, router, counts.get(identity) === 1);
      if (chosen === undefined) {
        const { virtualRouterId, family } = router.instance;
        const match = { virtualRouterId, family, routers: [router] };
        matches.push(match);
        alike.push(match);
      } else chosen.routers.push(router);
    }
  }
  return matches;
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
    return [{ node, instance, draft, group: groupOf.get(instance.name) }];
  });
}

/** A VRID that stands once on its node needs no further likeness to the only one elsewhere. */
function choose(
  alike: readonly OpenMatch[],
  router: NodeRouter,
  isOnlyOne: boolean,
): OpenMatch | undefined {
  const open = alike.filter(({ routers }) => !routers.some(({ node }) => node === router.node));
  const [best] = open.toSorted((a, b) => likeness(b.routers, router) - likeness(a.routers, router));
  if (best === undefined) return undefined;
  const isPlausible = (isOnlyOne && alike.length === 1) || likeness(best.routers, router) > 0;
  return isPlausible ? best : undefined;
}

/** 2 for a common address, and 1 for an interface of the same name. */
function likeness(routers: readonly NodeRouter[], { instance }: NodeRouter): number {
  const addresses = new Set(instance.virtualAddresses.map(({ address }) => address));
  const isShared = routers.some((other) =>
    other.instance.virtualAddresses.some(({ address }) => addresses.has(address)),
  );
  const isSameLink = routers.some((other) => other.instance.interface === instance.interface);
  return (isShared ? 2 : 0) + (isSameLink ? 1 : 0);
}
