// Metrics of the daemon itself and of its checker: what mehdy's exporter does not have. Touches
// nothing.

import type { HistogramCounts } from "@keepalived-ts/shared-config/base/histogram";
import { realServerName } from "@keepalived-ts/shared-config/base/service-name";
import type { Config, VirtualServerConfig } from "@keepalived-ts/shared-config/schema/config";
import type { Mirror } from "../core/mirror.js";
import { type ServerTraffic, serverKey, type Traffic } from "../snmp/view.js";
import { knownServers } from "./known-servers.js";
import { counter, gauge, histogram, type Labels, type Metric, secondsOf } from "./metric.js";

/** What the daemon knows of its own life. */
export interface DaemonFacts {
  /** Of the configuration in force, its secrets left out: 48 bits. */
  readonly configHash: number;
  /** Absent before the first. */
  readonly lastReload?: { readonly isSuccessful: boolean; readonly atUs: number } | undefined;
  /** Children that ended without being told to. */
  readonly restarts: Readonly<Record<"vrrp" | "checker", number>>;
}

export interface DaemonView {
  readonly config: Config;
  readonly facts: DaemonFacts;
  readonly advertLateness: HistogramCounts;
  readonly mirror: Pick<Mirror, "realServers" | "virtualServers">;
  /** Absent while nobody has been asked, or has answered. */
  readonly ipvs?: (Traffic & { readonly probeDurations: Durations }) | undefined;
}

type Durations = Readonly<Record<string, HistogramCounts>>;

export function daemonMetrics(view: DaemonView): Metric[] {
  const { configHash, lastReload, restarts } = view.facts;
  const reload = lastReload === undefined ? [] : [lastReload];
  return [
    histogram("keepalived_advert_lateness_seconds", "How late advertisements were sent", [
      [{}, view.advertLateness],
    ]),
    gauge("keepalived_config_hash", "Hash of the configuration in force, without secrets", [
      { labels: {}, value: configHash },
    ]),
    gauge(
      "keepalived_config_last_reload_successful",
      "Whether the last reload was taken",
      reload.map(({ isSuccessful }) => ({ labels: {}, value: isSuccessful ? 1 : 0 })),
    ),
    gauge(
      "keepalived_config_last_reload_timestamp_seconds",
      "When a reload was last tried",
      reload.map(({ atUs }) => ({ labels: {}, value: secondsOf(atUs) })),
    ),
    counter(
      "keepalived_child_restarts_total",
      "Child processes that ended without being told to",
      Object.entries(restarts).map(([process, value]) => ({ labels: { process }, value })),
    ),
    ...serverMetrics(view),
  ];
}

interface ServerRow {
  readonly labels: Labels;
  readonly isUp: boolean;
  readonly weight: number;
  readonly traffic: ServerTraffic | undefined;
}

function serverMetrics(view: DaemonView): Metric[] {
  const servers = view.config.checker?.virtualServers ?? [];
  const rows = servers.flatMap((server) => serverRows(view, server));
  const each = (name: string, help: string, value: (row: ServerRow) => number): Metric =>
    gauge(
      `keepalived_real_server_${name}`,
      help,
      rows.map((row) => ({ labels: row.labels, value: value(row) })),
    );
  return [
    gauge(
      "keepalived_virtual_server_quorum",
      "Whether the virtual server has its quorum",
      servers.map((server) => ({
        labels: { virtual_server: server.name },
        value: view.mirror.virtualServers.get(serverKey(server))?.hasQuorum === true ? 1 : 0,
      })),
    ),
    each("up", "Whether no check has failed", ({ isUp }) => (isUp ? 1 : 0)),
    each("weight", "The weight while it is up", ({ weight }) => weight),
    each("active_connections", "Active connections", ({ traffic }) => traffic?.active ?? 0),
    each("inactive_connections", "Inactive connections", ({ traffic }) => traffic?.inactive ?? 0),
    counter(
      "keepalived_real_server_connections_total",
      "Connections that IPVS gave to the server",
      rows.map(({ labels, traffic }) => ({ labels, value: traffic?.traffic[0] ?? 0 })),
    ),
    histogram(
      "keepalived_check_duration_seconds",
      "How long probes have taken",
      Object.entries(view.ipvs?.probeDurations ?? {}).map(
        ([check, counts]) => [{ check }, counts] as const,
      ),
    ),
  ];
}

function serverRows({ mirror, ipvs }: DaemonView, server: VirtualServerConfig): ServerRow[] {
  return knownServers(server, mirror).map((real) => {
    const name = realServerName(server.key, real);
    const snapshot = mirror.realServers.get(server.name)?.get(name);
    return {
      labels: { virtual_server: server.name, real_server: name },
      isUp: snapshot?.isUp === true,
      weight: snapshot?.weight ?? real.weight,
      traffic: ipvs?.ofRealServer(serverKey(server), real),
    };
  });
}
