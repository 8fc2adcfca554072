// Every message between the parent and its children: name, direction, shape. Configuration goes
// down, state events come up. The schemas that check them on receipt stand in *-schema.ts.

import type { WireError } from "../base/error.js";
import type { HistogramCounts } from "../base/histogram.js";
import type { LogRecord } from "../base/log.js";
import type {
  CheckerConfig,
  ForwardingMethod,
  GroupEntry,
  GroupKey,
  ServiceKey,
  VrrpConfig,
} from "../schema/config.js";

export type VrrpStateName = "INIT" | "BACKUP" | "MASTER" | "FAULT";

/** All that a new VRRP child needs to go on where a dead one stopped. */
export interface InstanceSnapshot {
  readonly instance: string;
  readonly state: VrrpStateName;
  readonly effectivePriority: number;
  /** The router whose adverts are accepted now; null while MASTER or when none was heard. */
  readonly masterAddress: string | null;
  readonly masterPriority: number | null;
  readonly masterAdvertIntervalUs: number;
  /** CLOCK_MONOTONIC, microseconds: when the present state was entered. */
  readonly enteredAt: number;
  /** With an authentication header: sequence numbers from here on were never used. */
  readonly sequenceFrom?: number | undefined;
  /** Of a MASTER: how it became that. */
  readonly masterReason?: MasterReason | undefined;
  /** It gave its mastership away on request and obeys lower masters since. */
  readonly hasGivenAway?: boolean | undefined;
}

/** It owns the addresses; it would not have the master of lower priority; there was none. */
export type MasterReason = "owner" | "preemption" | "timeout";

/** What the parent watches for its children: the VRRP process touches no disk, starts nothing. */
export type TrackerKind = "script" | "file" | "process" | "bfd";

/** Links are polled by the parent too (`linkbeat_use_polling`). */
export type WatchedKind = TrackerKind | "link";

/** What the watcher of a tracker found. */
export interface TrackerReport<Kind extends WatchedKind = TrackerKind> {
  readonly kind: Kind;
  readonly name: string;
  /** Files: the number in the file. Others: 1 = all is well, 0 = not. */
  readonly value: number;
}

export type WatchReport = TrackerReport<WatchedKind>;

/** A number below /proc/sys/net/{ipv4,ipv6}/conf. */
export interface InterfaceSetting {
  readonly family: "ipv4" | "ipv6";
  /** `all`: the kernel's own. */
  readonly interface: string;
  readonly name: InterfaceSettingName;
  readonly value: number;
}

export type InterfaceSettingName =
  | "arp_filter"
  | "arp_ignore"
  | "disable_ipv6"
  | "promote_secondaries"
  | "rp_filter";

/** All that a new checker child needs to go on where a dead one stopped. */
export interface RealServerSnapshot {
  readonly virtualServer: string;
  readonly realServer: string;
  readonly isUp: boolean;
  /** The weight it has while it is up. */
  readonly weight: number;
  /** One entry a check, in configuration order: null = no result yet. */
  readonly checks: readonly (boolean | null)[];
  /** The name by which it is configured, with its port as it stands there. */
  readonly dnsName?: string | undefined;
  /** An operator wants it without new connections. */
  readonly isDrained?: boolean | undefined;
  /** CLOCK_MONOTONIC, microseconds: its weight climbs since then. */
  readonly slowStartedAt?: number | undefined;
  /** A reload has taken it away, and its connections are waited for. */
  readonly draining?: DrainSnapshot | undefined;
}

/** What DNS has said of a name last: never nothing. */
export interface NameAnswer {
  readonly name: string;
  readonly family: 4 | 6;
  /** Canonical, in order, each once. */
  readonly addresses: readonly string[];
}

/** What the kernel has meanwhile of a server that is to go, its weight being 0. */
export interface DrainSnapshot {
  readonly address: string;
  readonly port: number;
  readonly forwarding: ForwardingMethod | "LOCALNODE" | "BYPASS";
  readonly tunnel: {
    readonly type: "IPIP" | "GUE" | "GRE";
    readonly port: number;
    readonly flags: number;
  };
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** CLOCK_MONOTONIC, microseconds: then it goes whatever is left. */
  readonly until: number;
  /** What is told when it has gone. */
  readonly notice: CheckerNotice;
}

/** The same of a virtual server. */
export interface VirtualServerSnapshot {
  readonly virtualServer: string;
  readonly key: ServiceKey | GroupKey;
  /** Of a group: what its services are made of. */
  readonly entries: readonly GroupEntry[];
  /** `nftables_ipvs`: the mark that stands for the whole group. */
  readonly mark?: number | undefined;
  /** What it counts as: up or down. */
  readonly hasQuorum: boolean;
  readonly quorum: number;
  readonly hysteresis: number;
  /** Of its real servers that are up. */
  readonly weight: number;
}

/**
 * What the kernel's IPVS has counted: connections, packets in and out, bytes in and out, then the
 * same per second.
 */
export type IpvsTraffic = readonly number[];

export interface IpvsDestinationTraffic {
  readonly address: string;
  readonly port: number;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections: number;
  readonly traffic: IpvsTraffic;
}

/** A service, and whose it is: names of virtual servers, with the family where it is no address. */
export interface IpvsServiceTraffic {
  readonly virtualServers: readonly string[];
  readonly traffic: IpvsTraffic;
  readonly destinations: readonly IpvsDestinationTraffic[];
}

/** What scripts, FIFOs and mail are to be told of a real or virtual server. */
export interface CheckerNotice {
  readonly state: "UP" | "DOWN";
  /** The line of the LVS FIFO without its end: `VS <vs> UP` or `RS <rs> <vs> DOWN`. */
  readonly fifoLine: string;
  /** The line that is the body of the mail, without the arrows at its ends; null = no mail. */
  readonly mailText: string | null;
  /** The daemon stops (only with omega): scripts have a second. */
  readonly isStopping: boolean;
}

/** How one instance stands: for data files, statistics and whoever asks. */
export interface InstanceStatus {
  readonly instance: string;
  readonly state: VrrpStateName;
  /** Differs while a member of a sync group waits for the others. */
  readonly wantedState: VrrpStateName;
  readonly effectivePriority: number;
  /** The same before it is kept within 1 to 254. */
  readonly totalPriority: number;
  /** Null while MASTER or when none was heard. */
  readonly masterAddress: string | null;
  readonly masterPriority: number | null;
  readonly masterAdvertIntervalUs: number;
  /** How long a master may be silent. */
  readonly masterDownUs: number;
  /** CLOCK_MONOTONIC, microseconds: when the present state was entered. */
  readonly enteredAt: number;
  /** When its own advert is due, or the master's silence too long; null = neither. */
  readonly timerAt: number | null;
  readonly sourceAddress: string | null;
  readonly holdsAddresses: boolean;
  /** Why it cannot take part; null = it can. */
  readonly fault: string | null;
  /** It gave its mastership away on request and obeys lower masters since. */
  readonly hasGivenAway?: boolean | undefined;
  /** Named as in vrrp/core. */
  readonly counters: Readonly<Record<string, number>>;
}

interface StopMessage {
  readonly type: "stop";
  /** What it has in the kernel stays there, and nobody is told. */
  readonly keeps?: true | undefined;
}

interface ReportStatisticsMessage {
  readonly type: "reportStatistics";
  /** Counters begin again from 0 when they have been told. */
  readonly clears: boolean;
}

/**
 * To a child that was started for this alone, and ends with its answer, `planned`: what would a
 * reload from `running` to `next` do?
 */
interface PlanMessage<Config> {
  readonly type: "plan";
  readonly running: Config;
  readonly next: Config;
}

export interface PlanVrrpMessage extends PlanMessage<VrrpConfig> {
  readonly resume: readonly InstanceSnapshot[];
  readonly trackers: readonly WatchReport[];
  readonly isInMaintenance: boolean;
}

export interface PlanCheckerMessage extends PlanMessage<CheckerConfig> {
  readonly resume: readonly RealServerSnapshot[];
  readonly resumeVirtualServers: readonly VirtualServerSnapshot[];
  readonly answers: readonly NameAnswer[];
  readonly trackers: readonly TrackerReport[];
  readonly isSyncMaster: boolean;
}

/** What a reload would do to one instance. */
export interface PlannedInstance {
  readonly instance: string;
  /** replaced: it ends and another one of its name begins. */
  readonly change: "added" | "removed" | "changed" | "replaced";
  /** Null = there is none. */
  readonly before: PlannedInstanceState | null;
  readonly after: PlannedInstanceState | null;
  /** Addresses, routes and rules in the words of ip(8). */
  readonly adds: readonly string[];
  readonly removes: readonly string[];
  /** What it has goes when another router is MASTER, after 4.5 s at most. */
  readonly isHandedOver: boolean;
  /** What may make another router MASTER, or two of them. */
  readonly risks: readonly string[];
}

export interface PlannedInstanceState {
  readonly state: VrrpStateName;
  readonly effectivePriority: number;
  readonly fault: string | null;
}

/** One that comes, goes, or is in another state then; null = there is none. */
export interface PlannedRealServer {
  readonly virtualServer: string;
  readonly realServer: string;
  readonly before: PlannedServerState | null;
  readonly after: PlannedServerState | null;
}

export interface PlannedServerState {
  readonly isUp: boolean;
  readonly weight: number;
}

/** One that comes, goes, or whose quorum is another then; null = there is none. */
export interface PlannedVirtualServer {
  readonly virtualServer: string;
  readonly hadQuorum: boolean | null;
  readonly hasQuorum: boolean | null;
}

/** Parent to VRRP child. A second `configure` is a reload. */
export type ToVrrp =
  | {
      readonly type: "configure";
      /** Counts the configurations of this parent, from 1. */
      readonly generation: number;
      readonly config: VrrpConfig;
      /** Not empty when the child takes over from one that died. */
      readonly resume: readonly InstanceSnapshot[];
      /** All that the watchers know; what is missing has not reported yet. */
      readonly trackers: readonly WatchReport[];
      /** This router takes no part, whatever is configured. */
      readonly isInMaintenance?: true | undefined;
    }
  | { readonly type: "trackerChanged"; readonly report: WatchReport }
  /** Announce the addresses of this instance once, if it is MASTER. */
  | { readonly type: "announce"; readonly instance: string }
  /** Another router is to be master; `failoverEnded` follows. */
  | { readonly type: "failover"; readonly instance: string }
  | { readonly type: "maintenance"; readonly isOn: boolean }
  | PlanVrrpMessage
  | StopMessage
  | ReportStatisticsMessage;

/** Parent to checker child. A second `configure` is a reload. */
export type ToChecker =
  | {
      readonly type: "configure";
      readonly generation: number;
      readonly config: CheckerConfig;
      readonly resume: readonly RealServerSnapshot[];
      readonly resumeVirtualServers: readonly VirtualServerSnapshot[];
      /** All that the watchers know of files; what is missing has not reported yet. */
      readonly trackers: readonly TrackerReport[];
      /** The instance that `lvs_sync_daemon` follows is MASTER. */
      readonly isSyncMaster: boolean;
      /** What a dead predecessor knew of names. */
      readonly answers?: readonly NameAnswer[] | undefined;
    }
  | { readonly type: "trackerChanged"; readonly report: TrackerReport }
  | { readonly type: "syncMaster"; readonly isMaster: boolean }
  /** This real server is to get no new connections, or gets them again. */
  | {
      readonly type: "drain";
      readonly virtualServer: string;
      readonly realServer: string;
      readonly isOn: boolean;
    }
  | PlanCheckerMessage
  | StopMessage
  | ReportStatisticsMessage;

/** How often a child says that its event loop turns. */
export const aliveIntervalMs = 250;

/** What both children say. */
type FromChild =
  /** Nothing else is implied; one that falls silent is replaced. */
  | { readonly type: "alive" }
  /** The configuration of this generation is in force. */
  | { readonly type: "ready"; readonly generation: number }
  | { readonly type: "log"; readonly record: LogRecord }
  /** The child cannot go on and will exit with `exitCode`; 1, 2 and 4 end the parent too. */
  | { readonly type: "failed"; readonly exitCode: number; readonly error: WireError }
  /** Everything is withdrawn; the child exits with 0 next. */
  | { readonly type: "stopped" };

/** Why an advert was not obeyed, as far as managers are told: RFC 2787 and RFC 6527. */
export const refusalCauses = [
  "ttl",
  "version",
  "checksum",
  "authenticationType",
  "authenticationMismatch",
  "authentication",
] as const;
export type RefusalCause = (typeof refusalCauses)[number];

/** VRRP child to parent. */
export type FromVrrp =
  | FromChild
  | {
      readonly type: "instanceState";
      /** The state left; equal to the new one when only a detail of the snapshot changed. */
      readonly previous: VrrpStateName;
      readonly snapshot: InstanceSnapshot;
    }
  | { readonly type: "instanceRemoved"; readonly instance: string }
  /** `successor` has taken over on request; null = nobody has, and the instance is as before. */
  | {
      readonly type: "failoverEnded";
      readonly instance: string;
      readonly successor: string | null;
    }
  /** A MASTER has heard an advert of lower priority, and stays MASTER. */
  | { readonly type: "lowerPriorityReceived"; readonly instance: string }
  /** An advert from `source` was not obeyed; told at most once a second for each cause. */
  | {
      readonly type: "advertRefused";
      readonly instance: string;
      readonly cause: RefusalCause;
      readonly source: string;
    }
  /** All members of a sync group have come to the same state. */
  | {
      readonly type: "groupState";
      readonly group: string;
      readonly previous: VrrpStateName;
      readonly state: VrrpStateName;
    }
  | { readonly type: "groupRemoved"; readonly group: string }
  | { readonly type: "planned"; readonly instances: readonly PlannedInstance[] }
  /**
   * All that has to be set for the links that the child has made and for its addresses; what an
   * earlier one said is over and put back.
   */
  | { readonly type: "settingsWanted"; readonly settings: readonly InterfaceSetting[] }
  | {
      readonly type: "statistics";
      /** A portion: many instances come in several messages. */
      readonly instances: readonly InstanceStatus[];
      readonly isLast: boolean;
      /** Packets for a virtual router that is not configured here. */
      readonly unknownVirtualRouter: number;
      /** Longest event-loop delay since the last report. */
      readonly eventLoopDelayMaxUs: number;
      /** How late adverts of all instances have been sent, since the start. */
      readonly advertLateness: HistogramCounts;
    };

/** Checker child to parent. A notice is null when the report is for the parent's memory only. */
export type FromChecker =
  | FromChild
  | {
      readonly type: "planned";
      /** In the words of ipvsadm(8), in the order in which they would be done. */
      readonly ipvs: readonly string[];
      readonly realServers: readonly PlannedRealServer[];
      readonly virtualServers: readonly PlannedVirtualServer[];
    }
  | {
      readonly type: "realServerState";
      readonly snapshot: RealServerSnapshot;
      readonly notice: CheckerNotice | null;
    }
  /** DNS says something new of a name. */
  | ({ readonly type: "nameResolved" } & NameAnswer)
  | {
      readonly type: "realServerRemoved";
      readonly virtualServer: string;
      readonly realServer: string;
    }
  | {
      readonly type: "virtualServerState";
      readonly snapshot: VirtualServerSnapshot;
      readonly notice: CheckerNotice | null;
    }
  | {
      readonly type: "statistics";
      /** A portion: many services come in several messages. */
      readonly services: readonly IpvsServiceTraffic[];
      /** How long probes have taken since the start, by the kind of their check. */
      readonly probeDurations: Readonly<Record<string, HistogramCounts>>;
      readonly isLast: boolean;
    }
  /** Its services have gone from the kernel. */
  | {
      readonly type: "virtualServerRemoved";
      readonly virtualServer: string;
      readonly key: ServiceKey | GroupKey;
    };
