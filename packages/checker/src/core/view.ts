// What the core shows of itself: the snapshots that the parent keeps for a successor. Changes
// nothing.

import type {
  RealServerSnapshot,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import { aliveWeight } from "./service-plan.js";
import type { Pool, RealServer, VirtualServer } from "./state.js";

export function snapshotOf(server: RealServer): RealServerSnapshot {
  return {
    virtualServer: server.virtualServer.config.name,
    realServer: server.name,
    isUp: server.isUp,
    weight: server.weight,
    checks: server.checks.map((check) => check.result),
  };
}

export function virtualServerSnapshot(server: VirtualServer): VirtualServerSnapshot {
  const { config, entries, hasQuorum } = server;
  const { name, key, quorum, hysteresis } = config;
  const weight = aliveWeight(server);
  return { virtualServer: name, key, entries, hasQuorum, quorum, hysteresis, weight };
}

/** Every real server, in configuration order. */
export function snapshots(pool: Pool): RealServerSnapshot[] {
  return [...pool.virtualServers.values()].flatMap((virtualServer) =>
    [...virtualServer.servers.values()].map(snapshotOf),
  );
}

export function virtualServerSnapshots(pool: Pool): VirtualServerSnapshot[] {
  return [...pool.virtualServers.values()].map(virtualServerSnapshot);
}
