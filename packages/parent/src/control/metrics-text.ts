// Prometheus text of the state: the names and labels of mehdy's keepalived_exporter, so that its
// dashboards work unchanged, and some of ours. Text format 0.0.4. Touches nothing.

import type { InstanceStatus, VrrpStateName } from "@keepalived-ts/shared-config/ipc/messages";
import type { Config, VrrpInstanceConfig } from "@keepalived-ts/shared-config/schema/config";
import type { StateView } from "../data/state-data.js";
import { gauge, type Labels, type Metric, metricText, type Sample, secondsOf } from "./metric.js";
import { type DaemonView, daemonMetrics } from "./metrics-daemon.js";

export interface MetricsView extends StateView, DaemonView {
  readonly config: Config;
  /** Whether the VRRP process answered, or there need be none. */
  readonly isUp: boolean;
  /** Packets for virtual routers that are not configured here. */
  readonly unknownVirtualRouter: number;
  readonly eventLoopDelayMaxUs: number;
  /** Configurations since the start, from 1. */
  readonly generation: number;
}

interface Row {
  readonly instance: VrrpInstanceConfig;
  readonly status: InstanceStatus;
}

/** vrrp/vrrp.h */
const stateNumbers: Readonly<Record<VrrpStateName, number>> = {
  INIT: 0,
  BACKUP: 1,
  MASTER: 2,
  FAULT: 3,
};

/** Name behind "keepalived_", counter of the core, help. */
const counterRows: readonly (readonly [name: string, counter: string, help: string])[] = [
  ["advertisements_received_total", "advertisementsReceived", "Advertisements received"],
  ["advertisements_sent_total", "advertisementsSent", "Advertisements sent"],
  ["become_master_total", "becomeMaster", "Became master"],
  ["release_master_total", "releaseMaster", "Released master"],
  ["packet_length_errors_total", "packetLengthErrors", "Packet length errors"],
  ["advertisements_interval_errors_total", "advertIntervalErrors", "Interval errors"],
  ["ip_ttl_errors_total", "ttlErrors", "TTL errors"],
  ["invalid_type_received_total", "typeErrors", "Invalid type errors"],
  ["address_list_errors_total", "addressListErrors", "Address list errors"],
  ["authentication_invalid_total", "authenticationTypeInvalid", "Authentication invalid"],
  ["authentication_mismatch_total", "authenticationTypeMismatch", "Authentication mismatch"],
  ["authentication_failure_total", "authenticationFailures", "Authentication failure"],
  ["priority_zero_received_total", "priorityZeroReceived", "Priority zero received"],
  ["priority_zero_sent_total", "priorityZeroSent", "Priority zero sent"],
];

export function metricsText(view: MetricsView): string {
  const rows = (view.config.vrrp?.instances ?? []).flatMap((instance): Row[] => {
    const status = view.instances.get(instance.name);
    return status === undefined ? [] : [{ instance, status }];
  });
  const metrics = [
    gauge("keepalived_up", "Status", [{ labels: {}, value: view.isUp ? 1 : 0 }]),
    ...stateMetrics(rows),
    ...counterMetrics(rows),
    ...scriptMetrics(view),
    ...ownMetrics(view, rows),
    ...daemonMetrics(view),
  ];
  return metrics.map(metricText).join("");
}

function labelsOf({ instance }: Row): Labels {
  const interfaceName = instance.vmac?.name ?? instance.ipvlan?.name ?? instance.interface;
  return {
    iname: instance.name,
    intf: interfaceName,
    vrid: String(instance.virtualRouterId),
  };
}

function stateMetrics(rows: readonly Row[]): Metric[] {
  const perAddress = (
    pick: (instance: VrrpInstanceConfig) => VrrpInstanceConfig["virtualAddresses"],
  ): Sample[] =>
    rows.flatMap((row) =>
      pick(row.instance).map(({ address }) => ({
        labels: { ...labelsOf(row), ip_address: address },
        value: stateNumbers[row.status.state],
      })),
    );
  return [
    gauge(
      "keepalived_vrrp_state",
      "State of vrrp",
      perAddress(({ virtualAddresses }) => virtualAddresses),
    ),
    gauge(
      "keepalived_vrrp_excluded_state",
      "State of vrrp with excluded VIP",
      perAddress(({ excludedAddresses }) => excludedAddresses),
    ),
    gauge(
      "keepalived_gratuitous_arp_delay_total",
      "Gratuitous ARP delay",
      rows.map((row) => ({
        labels: labelsOf(row),
        value: row.instance.garp.masterDelayUs / 1e6,
      })),
    ),
  ];
}

function counterMetrics(rows: readonly Row[]): Metric[] {
  return counterRows.map(([name, counter, help]) => ({
    name: `keepalived_${name}`,
    help,
    type: "counter",
    samples: rows.map((row) => ({
      labels: labelsOf(row),
      value: row.status.counters[counter] ?? 0,
    })),
  }));
}

/** Status: 1 good, 0 bad. State: 0 idle, 1 running (vrrp/vrrp_track.h). */
function scriptMetrics({ config, trackers, runningScripts }: MetricsView): Metric[] {
  const { scripts } = config.tracking;
  return [
    gauge(
      "keepalived_script_status",
      "Tracker Script Status",
      scripts.map(({ name }) => ({
        labels: { name },
        value: trackers.get(`script ${name}`)?.value === 0 ? 0 : 1,
      })),
    ),
    gauge(
      "keepalived_script_state",
      "Tracker Script State",
      scripts.map(({ name }) => ({ labels: { name }, value: runningScripts.has(name) ? 1 : 0 })),
    ),
  ];
}

/** What mehdy's exporter does not have. */
function ownMetrics(view: MetricsView, rows: readonly Row[]): Metric[] {
  const each = (name: string, help: string, value: (row: Row) => number): Metric =>
    gauge(
      name,
      help,
      rows.map((row) => ({ labels: labelsOf(row), value: value(row) })),
    );
  return [
    each(
      "keepalived_last_transition_timestamp_seconds",
      "When the present state was entered",
      (row) => secondsOf(view.wallUs(row.status.enteredAt)),
    ),
    each(
      "keepalived_effective_priority",
      "Priority with what is tracked",
      ({ status }) => status.effectivePriority,
    ),
    gauge(
      "keepalived_master_info",
      "The router whose advertisements are accepted",
      rows.flatMap((row) =>
        row.status.masterAddress === null
          ? []
          : [{ labels: { ...labelsOf(row), address: row.status.masterAddress }, value: 1 }],
      ),
    ),
    {
      name: "keepalived_unknown_virtual_router_total",
      help: "Packets for virtual routers that are not configured here",
      type: "counter",
      samples: [{ labels: {}, value: view.unknownVirtualRouter }],
    },
    gauge(
      "keepalived_event_loop_delay_max_seconds",
      "Longest delay of the VRRP process since last asked",
      [{ labels: {}, value: secondsOf(view.eventLoopDelayMaxUs) }],
    ),
    gauge("keepalived_config_generation", "Configurations since the start", [
      { labels: {}, value: view.generation },
    ]),
  ];
}
