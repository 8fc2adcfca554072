// What the checker core remembers. Only core/ may change it; the edge sees it through pool.ts and
// view.ts. Holds no rule.

import type { Deadlines } from "@keepalived-ts/shared-config/base/deadlines";
import type { Histogram } from "@keepalived-ts/shared-config/base/histogram";
import type { LogData, LogLevel } from "@keepalived-ts/shared-config/base/log";
import type { RandomState } from "@keepalived-ts/shared-config/base/random";
import type { CheckerNotice } from "@keepalived-ts/shared-config/ipc/messages";
import type {
  CheckerIpvsConfig,
  GroupEntry,
  GroupMarksConfig,
  RealServerConfig,
  ServiceKey,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { ProbedCheckConfig } from "./acted-on.js";
import type { CheckerAction } from "./action.js";
import type { FileVerdict } from "./file-check.js";
import type { SyncDaemon } from "./ipvs-control.js";
import type { Destination, IpvsOrder, IpvsTable } from "./ipvs-table.js";

export interface Check {
  config: ProbedCheckConfig;
  readonly server: RealServer;
  /** Null until the first probe has ended. */
  result: boolean | null;
  /** What stands for the result until then. */
  presumed: boolean;
  /** What this check adds to the server's weight. */
  weightChange: number;
  /** Failed probes in a row since the last success that did not count yet. */
  retriesUsed: number;
  /** The number of the probe that is under way. */
  probe: number | null;
  /** When the last probe was ordered. */
  startedAt: number;
  /** So many probes in a row could not be run, which was said of the first. */
  blockedProbes: number;
  /** Of several urls, the one that is asked next; they are asked in turn. */
  urlIndex: number;
  /** That url has made the check fail: nothing else is asked until it passes. */
  isUrlFailed: boolean;
}

export interface RealServer {
  readonly virtualServer: VirtualServer;
  config: RealServerConfig;
  /** As keepalived writes it: `[192.0.2.9]:tcp:80`. */
  readonly name: string;
  checks: Check[];
  /** What its FILE_CHECKs say, all together. */
  files: FileVerdict;
  /** No check is failed. */
  isUp: boolean;
  /** What it has while it serves: that of the configuration and what its checks add to it. */
  weight: number;
  /** An operator wants it without new connections. */
  isDrained: boolean;
  /** It has failed, or has come by a reload: when it serves it begins slowly. */
  isCold: boolean;
  /** Null: it has its weight. */
  slowStart: SlowStart | null;
}

/** How far a server is with its slow_start. */
export interface SlowStart {
  readonly server: RealServer;
  readonly startedAt: number;
  /** 0 = weight 1. */
  step: number;
}

/** A real server that a reload has taken away and whose connections are waited for. */
export interface Drain {
  readonly virtualServer: VirtualServer;
  /** The real server's. */
  readonly name: string;
  readonly dnsName: string | undefined;
  /** As the kernel is to have it meanwhile. */
  readonly destination: Destination;
  /** Then it goes whatever is left. */
  readonly until: number;
  /** What is told when it has gone. */
  readonly notice: CheckerNotice;
  /** Of the last reading; null = nobody can tell. */
  connections: number | null;
}

export interface VirtualServer {
  config: VirtualServerConfig;
  /** virtualServerText() of it. */
  readonly text: string;
  /** Of a group: what its services are made of. */
  entries: readonly GroupEntry[];
  /** nftables_ipvs: the mark that stands for its group; null = it has none. */
  mark: number | null;
  /** Where it is in the kernel: one, or of a group one for each address and mark. */
  services: IpvsService[];
  /** By destinationText(). */
  servers: Map<string, RealServer>;
  /** By destinationText(); none of them is in `servers`. */
  readonly draining: Map<string, Drain>;
  /** destinationText() of the sorry server. */
  sorryText: string | null;
  hasQuorum: boolean;
  /** The sorry server serves instead of the real servers. */
  isSorryIn: boolean;
  /** Its checks wait until this host has its address (ha_suspend). */
  isSuspended: boolean;
}

export interface IpvsService {
  readonly key: ServiceKey;
  /** serviceText() of its key. */
  readonly text: string;
  /** Whose it is, at least one, in configuration order; groups can share a mark. */
  owners: VirtualServer[];
  /** What Pool.kernel says of it (presence or absence) comes from a reading. */
  isKernelKnown: boolean;
  /** The kernel refused an order for it, and no reading has shown since that all is well. */
  isRefused: boolean;
}

/** The key in Pool.deadlines of the next comparison with the kernel. */
export const readDeadline = "readIpvsTable";

export interface Pool {
  readonly random: RandomState;
  readonly deadlines: Deadlines<Check | Drain | SlowStart | typeof readDeadline>;
  readonly probes: Map<number, Check>;
  nextProbe: number;
  /** In configuration order, by virtualServerText(). */
  virtualServers: Map<string, VirtualServer>;
  /** Ours, by serviceText(). */
  services: Map<string, IpvsService>;
  /** The kernel's table of our services as it will be once every order given is carried out. */
  kernel: IpvsTable;
  /** Services that were ours and must go; kept until a reading shows that they are gone. */
  readonly orphans: Map<string, ServiceKey>;
  reading: Reading;
  /** Failed orders that have been logged, so that one cause is told once. */
  readonly toldFailures: Set<string>;
  /** The number in each file that a FILE_CHECK may name. */
  fileValues: Map<string, number>;
  /** The last addresses of each name, by nameText(); none before the first answer. */
  readonly answers: Map<string, readonly string[]>;
  /** Somebody has been asked to look names up. */
  hasNames: boolean;
  /** A configuration that is not in force yet. */
  pendingGeneration: number | null;
  /** What is to be told once it is. */
  heldNotices: HeldNotice[];
  /** What global_defs says; null before the first configuration. */
  settings: CheckerIpvsConfig | null;
  /** Of the first configuration: no reload changes it. Null = groups have no marks. */
  groupMarks: GroupMarksConfig | null;
  /** What was ordered last to be marked, as text. */
  markedText: string;
  /** The instance that lvs_sync_daemon follows is MASTER. */
  isSyncMaster: boolean;
  /** Those that run, or will once every order given is carried out. */
  readonly syncDaemons: Map<SyncDaemon["state"], SyncDaemon>;
  /** All of this host; none before the first report. */
  addresses: ReadonlySet<string>;
  /** Somebody has been asked to report them. */
  isWatchingAddresses: boolean;
  isStopping: boolean;
  /** How long probes took, by the kind of their check. */
  readonly probeDurations: Map<string, Histogram>;
}

export interface Reading {
  isOutstanding: boolean;
  requestedAt: number;
  /** Orders given since the outstanding reading was asked for: its answer does not show them. */
  ordersSince: IpvsOrder[];
  /** Another reading is wanted once the outstanding one has come. */
  isWantedAgain: boolean;
  /** A second failure in a row waits for the regular reading. */
  hasRetriedFailure: boolean;
  isFailureTold: boolean;
}

export type HeldNotice =
  | { readonly server: RealServer; readonly notice: CheckerNotice }
  | { readonly virtualServer: VirtualServer; readonly notice: CheckerNotice };

/** Until the configuration is in force nobody is told: what is UP is not in the kernel yet. */
export function isHeldBack({ pendingGeneration, isStopping }: Pool): boolean {
  return pendingGeneration !== null && !isStopping;
}

/** One call of handle(): the state, the clock, and where the actions go. */
export interface Turn {
  readonly pool: Pool;
  readonly now: number;
  readonly actions: CheckerAction[];
}

export function log(turn: Turn, level: LogLevel, text: string, data?: LogData): void {
  const record = data === undefined ? { level, text } : { level, text, data };
  turn.actions.push({ type: "log", record });
}

/** The same about a real server. */
export function logServer(
  turn: Turn,
  { name, virtualServer }: RealServer,
  level: LogLevel,
  text: string,
  data?: LogData,
): void {
  const about = { virtualServer: virtualServer.config.name, realServer: name };
  const record = data === undefined ? { level, text, about } : { level, text, about, data };
  turn.actions.push({ type: "log", record });
}

/** The same about a virtual server. */
export function logVirtualServer(
  turn: Turn,
  { config: { name } }: VirtualServer,
  level: LogLevel,
  text: string,
): void {
  turn.actions.push({ type: "log", record: { level, text, about: { virtualServer: name } } });
}
