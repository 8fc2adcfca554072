// What a reload would do, as the control socket tells it: what the children have found out, and
// what of the configuration differs. Touches nothing.

import type {
  FromChecker,
  FromVrrp,
  PlannedInstance,
  PlannedRealServer,
  PlannedVirtualServer,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { BlockDifference } from "@keepalived-ts/shared-config/schema/difference";

export type PlannedVrrp = Extract<FromVrrp, { type: "planned" }>;
export type PlannedChecker = Extract<FromChecker, { type: "planned" }>;

export interface PlanJson {
  /** A reload would change nothing. */
  readonly isEmpty: boolean;
  readonly configuration: readonly BlockDifference[];
  readonly instances: readonly PlannedInstance[];
  /** In the words of ipvsadm(8), in the order in which they would be done. */
  readonly ipvs: readonly string[];
  readonly realServers: readonly PlannedRealServer[];
  readonly virtualServers: readonly PlannedVirtualServer[];
  /** Keywords whose change waits for a restart. */
  readonly needsRestart: readonly string[];
}

export function planJson(
  configuration: readonly BlockDifference[],
  vrrp: PlannedVrrp | undefined,
  checker: PlannedChecker | undefined,
  needsRestart: readonly string[],
): PlanJson {
  const instances = vrrp?.instances ?? [];
  const { ipvs = [], realServers = [], virtualServers = [] } = checker ?? {};
  const all = [configuration, instances, ipvs, realServers, virtualServers];
  return {
    isEmpty: all.every((each) => each.length === 0),
    ...{ configuration, instances, ipvs, realServers, virtualServers, needsRestart },
  };
}
