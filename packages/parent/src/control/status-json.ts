// The state of the daemon as JSON for the control socket: instances, groups, virtual and real
// servers, children. Every state carries its age. Touches nothing.

import type { InstanceStatus, RealServerSnapshot } from "@keepalived-ts/shared-config/ipc/messages";
import type { VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Supervisor } from "../core/supervisor-state.js";
import type { StateView } from "../data/state-data.js";

export interface StatusView extends StateView {
  readonly supervisor: Supervisor;
  readonly version: string;
  /** CLOCK_MONOTONIC, microseconds. */
  readonly now: number;
  /** When the configuration goes back unless it is confirmed. */
  readonly confirmUntilUs?: number | undefined;
  /** The VRRP process has answered, or there need be none. */
  readonly isCurrent: boolean;
}

export interface InstanceJson {
  readonly name: string;
  /** "UNKNOWN" while the VRRP process does not answer: a dead one is no MASTER. */
  readonly state: string;
  readonly sinceSeconds: number | null;
  readonly interface: string;
  readonly virtualRouterId: number;
  readonly version: number;
  readonly basePriority: number;
  readonly effectivePriority: number | null;
  readonly master: { readonly address: string; readonly priority: number } | null;
  readonly fault: string | null;
  readonly virtualAddresses: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
}

export interface ServerJson {
  readonly name: string;
  readonly quorum: boolean | null;
  readonly realServers: readonly {
    readonly name: string;
    /** By which it is configured; null = by its address. */
    readonly dnsName: string | null;
    readonly isUp: boolean;
    readonly weight: number;
    /** One a check, in the configuration's order; null = no result yet. */
    readonly checks: readonly (boolean | null)[];
    /** By order of an operator: no new connections. */
    readonly isDrained: boolean;
    /** A reload has taken it away; null = it is configured. */
    readonly goesWithinSeconds: number | null;
  }[];
}

export interface StatusJson {
  readonly version: string;
  readonly routerId: string;
  readonly configGeneration: number;
  /** The configuration goes back then unless it is confirmed; null = it stays. */
  readonly goesBackWithinSeconds: number | null;
  readonly isCurrent: boolean;
  readonly isInMaintenance: boolean;
  readonly children: Readonly<Record<string, { readonly phase: string }>>;
  readonly instances: readonly InstanceJson[];
  readonly virtualServers: readonly ServerJson[];
}

export function statusJson(view: StatusView): StatusJson {
  const { config, supervisor } = view;
  const { vrrp, checker } = supervisor.children;
  return {
    version: view.version,
    routerId: config.global.routerId,
    configGeneration: supervisor.generation,
    goesBackWithinSeconds:
      view.confirmUntilUs === undefined ? null : rounded((view.confirmUntilUs - view.now) / 1e6),
    isCurrent: view.isCurrent,
    isInMaintenance: supervisor.isInMaintenance,
    children: { vrrp: { phase: vrrp.phase }, checker: { phase: checker.phase } },
    instances: (config.vrrp?.instances ?? []).map((instance) =>
      instanceJson(instance, view.instances.get(instance.name), view.now),
    ),
    virtualServers: (config.checker?.virtualServers ?? []).map(({ name }) =>
      serverJson(name, supervisor, view.now),
    ),
  };
}

function instanceJson(
  instance: VrrpInstanceConfig,
  status: InstanceStatus | undefined,
  now: number,
): InstanceJson {
  const link = instance.vmac?.name ?? instance.ipvlan?.name;
  return {
    name: instance.name,
    state: status?.state ?? "UNKNOWN",
    sinceSeconds: status === undefined ? null : rounded((now - status.enteredAt) / 1e6),
    interface: link ?? instance.interface,
    virtualRouterId: instance.virtualRouterId,
    version: instance.version,
    basePriority: instance.basePriority,
    effectivePriority: status?.effectivePriority ?? null,
    master: masterOf(status),
    fault: status?.fault ?? null,
    virtualAddresses: instance.virtualAddresses.map(
      ({ address, prefixLength }) => `${address}/${prefixLength}`,
    ),
    counters: status?.counters ?? {},
  };
}

function masterOf(status: InstanceStatus | undefined): InstanceJson["master"] {
  if (status === undefined || status.masterAddress === null) return null;
  return { address: status.masterAddress, priority: status.masterPriority ?? 0 };
}

function rounded(seconds: number): number {
  return Number(Math.max(0, seconds).toFixed(3));
}

function serverJson(name: string, { mirror }: Supervisor, now: number): ServerJson {
  const servers: RealServerSnapshot[] = [...(mirror.realServers.get(name)?.values() ?? [])];
  return {
    name,
    quorum:
      [...mirror.virtualServers.values()].find(({ virtualServer }) => virtualServer === name)
        ?.hasQuorum ?? null,
    realServers: servers.map((server) => ({
      name: server.realServer,
      dnsName: server.dnsName ?? null,
      isUp: server.isUp,
      weight: server.weight,
      checks: server.checks,
      isDrained: server.isDrained ?? false,
      goesWithinSeconds:
        server.draining === undefined ? null : rounded((server.draining.until - now) / 1e6),
    })),
  };
}
