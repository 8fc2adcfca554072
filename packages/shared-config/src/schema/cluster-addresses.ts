// Whether the routers of one virtual router name the same addresses and, in unicast, each other.

import { type ClusterFault, faultAt, listed, titleOf } from "./cluster-fault.js";
import type { Match, NodeRouter } from "./cluster-match.js";

export function addressFaults({ routers }: Match): ClusterFault[] {
  const [first, ...others] = routers;
  if (first === undefined) return [];
  return [
    ...others.flatMap((other) => listFaults(first, other)),
    ...routers.flatMap((router, index) => sourceFaults(router, routers.slice(0, index))),
    ...peerFaults(routers),
  ];
}

/** Only the addresses of adverts: the excluded ones are each router's own affair. */
function listFaults(first: NodeRouter, other: NodeRouter): ClusterFault[] {
  const wanted = addressesOf(first);
  const found = addressesOf(other);
  const missing = [...wanted].filter((address) => !found.has(address));
  const surplus = [...found].filter((address) => !wanted.has(address));
  if (missing.length + surplus.length === 0) return [];
  const parts = [
    ...(missing.length === 0 ? [] : [`it has not ${listed(missing)}`]),
    ...(surplus.length === 0 ? [] : [`it has ${listed(surplus)} more`]),
  ];
  const problem = `Cannot hold the addresses of ${first.node.name} in ${titleOf(other)}`;
  const line = other.draft.addresses.find(({ address }) => surplus.includes(address));
  return [
    {
      node: other.node,
      span: (line ?? other.draft.addresses[0] ?? other.draft).span,
      code: "CLUSTER_ADDRESSES_DIFFER",
      message: `${problem}: ${parts.join(", ")}`,
      hint: "a failover would lose or add addresses; use the same virtual_ipaddress everywhere",
    },
  ];
}

function addressesOf({ instance }: NodeRouter): ReadonlySet<string> {
  return new Set(instance.virtualAddresses.map(({ address }) => address));
}

/** A file that was copied and not changed. */
function sourceFaults(router: NodeRouter, earlier: readonly NodeRouter[]): ClusterFault[] {
  const { sourceAddress } = router.instance;
  const twin = earlier.find(({ instance }) => instance.sourceAddress === sourceAddress);
  if (sourceAddress === undefined || twin === undefined) return [];
  return [
    faultAt(router, "sourceAddress", {
      code: "CLUSTER_SOURCE_SHARED",
      message: `Cannot send from ${sourceAddress} in ${titleOf(router)}: ${twin.node.name} does`,
      hint: "each router has a source address of its own; with one file, keep lines apart by @id",
    }),
  ];
}

/** Each router must be among the peers of each other, by the address that it sends from. */
function peerFaults(routers: readonly NodeRouter[]): ClusterFault[] {
  const unicast = routers.filter(({ instance }) => instance.unicastPeers.length > 0);
  return unicast.flatMap((router) => {
    const peers = new Set(router.instance.unicastPeers.map(({ address }) => address));
    return unicast.flatMap((other) => {
      const source = other.instance.sourceAddress;
      const isOther = other !== router && source !== router.instance.sourceAddress;
      if (!isOther || source === undefined || peers.has(source)) return [];
      return [
        {
          node: router.node,
          span: (router.draft.unicastPeers[0] ?? router.draft).span,
          code: "CLUSTER_PEER_MISSING",
          message: `Cannot reach ${other.node.name} from ${titleOf(router)}: ${source} is no peer`,
          hint: `add ${source} to unicast_peer, else both routers may be MASTER`,
        },
      ];
    });
  });
}
