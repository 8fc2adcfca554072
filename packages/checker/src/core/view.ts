// What the core shows of itself: the snapshots that the parent keeps for a successor. Changes
// nothing.

import type {
  RealServerSnapshot,
  VirtualServerSnapshot,
} from "@keepalived-ts/shared-config/ipc/messages";
import type { ServiceKey } from "@keepalived-ts/shared-config/schema/config";
import { aliveWeight } from "./service-plan.js";
import type { Drain, Pool, RealServer, VirtualServer } from "./state.js";

/** Without spreading: there are thousands, and few have more than the first fields. */
export function snapshotOf(server: RealServer): RealServerSnapshot {
  const snapshot: { -readonly [K in keyof RealServerSnapshot]: RealServerSnapshot[K] } = {
    virtualServer: server.virtualServer.config.name,
    realServer: server.name,
    isUp: server.isUp,
    weight: server.weight,
    checks: server.checks.map((check) => check.result),
  };
  if (server.config.dnsName !== undefined) snapshot.dnsName = server.config.dnsName;
  if (server.isDrained) snapshot.isDrained = true;
  if (server.slowStart !== null) snapshot.slowStartedAt = server.slowStart.startedAt;
  return snapshot;
}

/** Of a server that is configured no more. */
export function drainSnapshot({
  virtualServer,
  name,
  dnsName,
  destination,
  until,
  notice,
}: Drain): RealServerSnapshot {
  const { weight, ...kept } = destination;
  return {
    virtualServer: virtualServer.config.name,
    realServer: name,
    isUp: true,
    weight,
    checks: [],
    ...(dnsName === undefined ? {} : { dnsName }),
    draining: { ...kept, until, notice },
  };
}

export function virtualServerSnapshot(server: VirtualServer): VirtualServerSnapshot {
  const { config, entries, hasQuorum, mark } = server;
  const { name, key, quorum, hysteresis } = config;
  const weight = aliveWeight(server);
  const marked = mark === null ? {} : { mark };
  return { virtualServer: name, key, entries, ...marked, hasQuorum, quorum, hysteresis, weight };
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

/** Our services, by serviceText(), and whose each is. */
export function ownedServices(
  pool: Pool,
): Map<string, { readonly key: ServiceKey; readonly virtualServers: readonly string[] }> {
  return new Map(
    Array.from(pool.services.values(), ({ text, key, owners }) => [
      text,
      { key, virtualServers: owners.map((owner) => owner.text) },
    ]),
  );
}
