// What one file cannot show: whether the routers of a cluster fit together. Compares the typed
// configurations of all nodes, virtual router by virtual router, and says who would be MASTER in
// which failure. Asks nothing of any host.

import type { Diagnostic } from "../text/diagnostic.js";
import { addressFaults } from "./cluster-addresses.js";
import { agreementFaults } from "./cluster-agreement.js";
import { Cluster } from "./cluster-failures.js";
import { type ClusterFault, faultAt, listed, titleOf } from "./cluster-fault.js";
import { type ClusterNode, type Match, matchRouters } from "./cluster-match.js";
import { priorityFaults } from "./cluster-priority.js";

/** The configurations of a cluster, matched with each other. */
export function clusterOf(nodes: readonly ClusterNode[]): Cluster {
  return new Cluster(matchRouters(nodes));
}

/** All that does not fit, node by node in the order of the text, less what comments silence. */
export function clusterFaults(nodes: readonly ClusterNode[], cluster: Cluster): Diagnostic[] {
  for (const { node, span, code, message, hint } of cluster.matches.flatMap((match) => [
    ...aloneFaults(match, nodes),
    ...agreementFaults(match),
    ...addressFaults(match),
    ...priorityFaults(cluster, match),
  ])) {
    // A hint, since only those can be silenced.
    node.diagnostics.report(span, { severity: "hint", code, message, hint });
  }
  return nodes.flatMap(({ diagnostics }) =>
    diagnostics
      .list()
      .filter(isClusterFault)
      .map((fault): Diagnostic => ({ ...fault, severity: "error" })),
  );
}

export function isClusterFault({ code }: Diagnostic): boolean {
  return code.startsWith("CLUSTER_");
}

function aloneFaults(match: Match, nodes: readonly ClusterNode[]): ClusterFault[] {
  const missing = nodes.filter((each) => !match.routers.some(({ node }) => node === each));
  const [first] = match.routers;
  if (first === undefined || missing.length === 0) return [];
  const names = listed(missing.map(({ name }) => name));
  return [
    faultAt(first, "virtualRouterId", {
      code: "CLUSTER_ALONE",
      message:
        `Cannot find virtual_router_id ${match.virtualRouterId} of ${titleOf(first)} ` +
        `in ${names}`,
      hint: "who lacks an instance cannot take over its addresses",
    }),
  ];
}
