// What the core shows of itself: the snapshots that the parent keeps for a successor. Changes
// nothing.

import type { RealServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type { Pool, RealServer } from "./state.js";

export function snapshotOf(server: RealServer): RealServerSnapshot {
  return {
    virtualServer: server.service.config.name,
    realServer: server.name,
    isUp: server.isUp,
    checks: server.checks.map((check) => check.result),
  };
}

/** Every real server, in configuration order. */
export function snapshots(pool: Pool): RealServerSnapshot[] {
  return [...pool.services.values()].flatMap((service) =>
    [...service.servers.values()].map(snapshotOf),
  );
}
