// What a parent leaves to the release that takes its place: what is in force, what is known of the
// children's state, what was told outside. Plain values.

import type {
  InstanceSnapshot,
  NameAnswer,
  RealServerSnapshot,
  VirtualServerSnapshot,
  VrrpStateName,
  WatchReport,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { Config } from "@keepalived-ts/shared-config/schema/config";
import { type ChildKind, childKinds } from "./event.js";
import { recordChecker, recordTracker, recordVrrp } from "./mirror.js";
import type { Supervisor } from "./supervisor-state.js";

export interface Estate {
  readonly generation: number;
  /** What is in the kernel by the doing of the children in `kinds`. */
  readonly config: Config;
  readonly kinds: readonly ChildKind[];
  /** CLOCK_MONOTONIC, microseconds: since when nobody does their work. */
  readonly idleSince: number;
  /** Told to stop in the last moment: the heir does it. */
  readonly isStopOwed: boolean;
  readonly instances: readonly InstanceSnapshot[];
  readonly realServers: readonly RealServerSnapshot[];
  readonly virtualServers: readonly VirtualServerSnapshot[];
  readonly answers: readonly NameAnswer[];
  readonly trackers: readonly WatchReport[];
  /** What sync groups were last told to be; of instances it is their state. */
  readonly groups: readonly GroupState[];
}

export interface GroupState {
  readonly group: string;
  readonly state: VrrpStateName;
}

/** What `supervisor` leaves behind; undefined while nothing is in force. */
export function estateOf(
  supervisor: Supervisor,
  groups: readonly GroupState[],
  now: number,
): Estate | undefined {
  const { children, mirror, generation } = supervisor;
  const heirless = childKinds.filter((kind) => children[kind].inForce !== undefined);
  const config = heirless.map((kind) => children[kind].inForce?.config)[0] ?? supervisor.config;
  if (config === undefined) return undefined;
  const died = heirless.map((kind) => children[kind].diedAt ?? now);
  return {
    generation,
    config,
    kinds: heirless,
    idleSince: Math.min(now, ...died),
    isStopOwed: supervisor.isStopOwed,
    instances: [...mirror.instances.values()],
    realServers: [...mirror.realServers.values()].flatMap((servers) => [...servers.values()]),
    virtualServers: [...mirror.virtualServers.values()],
    answers: [...mirror.answers.values()],
    trackers: [...mirror.trackers.values()],
    groups,
  };
}

/** Before the first configuration: its children will go on where those of `estate` have ended. */
export function inherit(supervisor: Supervisor, estate: Estate): void {
  const { mirror, children } = supervisor;
  const { generation, config, idleSince } = estate;
  supervisor.generation = generation;
  for (const kind of estate.kinds) {
    children[kind].inForce = { generation, config };
    children[kind].diedAt = idleSince;
  }
  for (const snapshot of estate.instances) {
    recordVrrp(mirror, { type: "instanceState", previous: snapshot.state, snapshot });
  }
  for (const snapshot of estate.realServers) {
    recordChecker(mirror, { type: "realServerState", snapshot, notice: null });
  }
  for (const snapshot of estate.virtualServers) {
    recordChecker(mirror, { type: "virtualServerState", snapshot, notice: null });
  }
  for (const answer of estate.answers) recordChecker(mirror, { type: "nameResolved", ...answer });
  for (const report of estate.trackers) recordTracker(mirror, report);
}
