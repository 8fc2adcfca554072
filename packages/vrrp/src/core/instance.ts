// What the core remembers of its virtual routers: the shapes and how they are made. No behaviour.

import type { Deadlines } from "@keepalived-ts/shared-config/base/deadlines";
import type { Histogram } from "@keepalived-ts/shared-config/base/histogram";
import type { LogLevel } from "@keepalived-ts/shared-config/base/log";
import type { RandomState } from "@keepalived-ts/shared-config/base/random";
import type {
  InstanceSnapshot,
  MasterReason,
  RefusalCause,
  VrrpStateName,
} from "@keepalived-ts/shared-config/ipc/messages";
import type {
  InterfaceDelayConfig,
  SyncGroupConfig,
  VirtualAddress,
  VrrpInstanceConfig,
} from "@keepalived-ts/shared-config/schema/config";
import type { ChecksumForm } from "../packet/advert.js";
import type { HmacSequence } from "../packet/hmac-trailer.js";
import type { SendAdvertAction, VrrpAction } from "./action.js";
import { type CounterName, type Counters, newCounters } from "./counters.js";
import type { LinkFact } from "./event.js";

/** The timers of RFC 9568 section 6.2 and those of keepalived's gratuitous ARP. */
export type TimerName =
  /** MASTER: the next advert is due (Adver_Timer). */
  | "advert"
  /** BACKUP: the master has been silent for too long (Active_Down_Timer). */
  | "masterDown"
  /** MASTER: the second burst after `garp_master_delay`. */
  | "garpSecondBurst"
  /** MASTER: `garp_master_refresh`. */
  | "garpRefresh"
  /** MASTER: `garp_extra_if`. */
  | "garpExtra"
  /** MASTER: the second burst after `garp_lower_prio_delay`. */
  | "garpLowerPriority"
  /** MASTER and owner: is the other owner still talking? */
  | "rivalOwner"
  /** Leaving: no successor will come any more. */
  | "handOver";

/**
 * Why a MASTER hands over: the process ends, a new configuration is without the instance, or it
 * goes on afterwards, as BACKUP or in FAULT.
 */
export type Ending = "stop" | "removal" | "failover" | "maintenance";

/** What an interface is needed for. */
export type NeededFor =
  | "VIP"
  | "route"
  | "rule"
  | "static address"
  | "static route"
  | "static rule";

/** What is logged once only until the state or the master changes. */
export type LoggedCause = CounterName | "advertIntervalLearnt";

/**
 * The key of a deadline; one object each for the life of an instance, so arming allocates nothing.
 */
export interface Timer {
  readonly instance: Instance;
  readonly name: TimerName;
  /** The instant last armed. */
  at: number;
}

export interface Instance {
  readonly name: string;
  config: VrrpInstanceConfig;
  /** `config`'s virtual and excluded addresses. */
  addresses: readonly VirtualAddress[];
  /** The interfaces that it needs by itself, or has made, and for what. */
  devices: ReadonlyMap<string, NeededFor>;
  /** `config`'s virtual addresses as in {@link Advert.addresses}. */
  advertisedAddresses: string;
  state: VrrpStateName;
  /** When `state` was entered. */
  enteredAt: number;
  /** Null while the interface does not exist; 0 for an instance without one. */
  interfaceIndex: number | null;
  /** Of the interface that adverts leave by; null while it does not exist. */
  transmitIndex: number | null;
  /** Primary address: the IP source of our adverts. Null while there is none. */
  sourceAddress: string | null;
  /** Whose adverts are accepted; null while MASTER or when none was heard. */
  masterAddress: string | null;
  masterPriority: number | null;
  /** Active_Adver_Interval of RFC 9568: learnt from the master in version 3, else our own. */
  masterAdvertIntervalUs: number;
  /** When `preempt_delay` ends; null while it is not running. */
  preemptAt: number | null;
  /** Whether a master-down timer that fired too late has been given its second chance. */
  wasStalled: boolean;
  /** It has resigned and keeps its addresses, as MASTER, until a successor is there; null = no. */
  ending: Ending | null;
  /** The sync group it is a member of. */
  group: SyncGroup | null;
  /** In a sync group: its master has been silent, and it waits for the others to want this too. */
  wantsMaster: boolean;
  /** Why it cannot take part by itself, whatever its sync group does; null = it can. */
  ownFault: string | null;
  /** What all that is tracked adds to the priority now. */
  trackedPoints: number;
  /** An owner that gave up 255 because another owner would not (vrrp_rogue_timer_thread). */
  isYielding: boolean;
  /** It gave its mastership away on request: a lower master is obeyed until it is MASTER again. */
  hasGivenAway: boolean;
  /** How it became MASTER; null while it is not. */
  masterReason: MasterReason | null;
  /** Whether another owner was heard since `rivalOwner` was armed. */
  hasRivalOwner: boolean;
  /** When the last answer to a lower priority was logged and announced, to bound a flood. */
  lowerPriorityAnsweredAt: number | null;
  /** Causes of rejection already logged since the state or the master changed. */
  readonly loggedCauses: Map<LoggedCause, Repeated>;
  /** When they were last forgotten because of another master. */
  causesForgottenAt: number;
  /** When the parent was told of an advert that was not obeyed, by cause. */
  readonly refusalToldAt: Map<RefusalCause, number>;
  /** The last address list that was compared and the verdict: peers repeat themselves. */
  comparedAddresses: string;
  comparedResult: boolean;
  readonly timers: Readonly<Record<TimerName, Timer>>;
  readonly counters: Counters;
  /** Of the version 3 adverts that we send over IPv4. */
  checksumForm: ChecksumForm;
  /**
   * With an authentication header: the highest sequence number sent or heard. keepalived's routers
   * share one, so that whoever takes over goes on above it.
   */
  sequence: number;
  /** The parent was told that no number from here on was used: a successor begins there. */
  reservedSequence: number;
  /** With auth_hmac: the last time stamp of each sender, the one heard last at the end. */
  readonly signedBy: Map<string, HmacSequence>;
  /** The steady state's order, kept until anything in it changes. */
  advertAction: SendAdvertAction | null;
  /** What the parent was last told, and when. */
  reported: InstanceSnapshot | null;
  reportedAt: number;
}

/** A `vrrp_sync_group` at work. */
export interface SyncGroup {
  readonly config: SyncGroupConfig;
  /** In the order of the configuration. */
  readonly members: readonly Instance[];
  /** What all members were last found to be together; INIT before that. */
  state: VrrpStateName;
}

export interface Router {
  readonly random: RandomState;
  readonly instances: Map<string, Instance>;
  /** By interface index, family and virtual router id: see {@link instanceKey}. */
  readonly byKey: Map<number, Instance>;
  /** Those without an interface of their own: see {@link sourceKey}. */
  readonly bySource: Map<string, Instance>;
  readonly groups: Map<string, SyncGroup>;
  /**
   * Instances that have resigned and keep their addresses; removed ones are not in `instances`.
   */
  readonly leaving: Set<Instance>;
  /** What watchers of scripts, files and processes have reported: see trackerKey(). */
  readonly trackers: Map<string, number>;
  /** By name. */
  readonly links: Map<string, LinkFact>;
  readonly deadlines: Deadlines<Timer>;
  /** `track_group`: by name of an instance what it needs besides its own devices. */
  readonly groupDevices: Map<string, ReadonlyMap<string, NeededFor>>;
  /** By name of the interface: `interface_up_down_delays`. */
  readonly linkDelays: Map<string, InterfaceDelayConfig>;
  /** When what was heard of an interface is believed. */
  readonly linkTimers: Deadlines<string>;
  /** No transition to MASTER before this instant; null before the first configuration. */
  masterFrom: number | null;
  logsUnknownVrids: boolean;
  /** What was logged of them, as instanceKey() has it. */
  readonly loggedVrids: Set<number>;
  lastEventAt: number;
  /** How late the first of the deadlines is that are being handled. */
  lateUs: number;
  /** This process did not run when it should have: until then its masters may still be heard. */
  stalledUntil: number;
  isInMaintenance: boolean;
  isStopped: boolean;
  unknownVirtualRouter: number;
  /** How late the clock's adverts were, of all instances. */
  readonly advertLateness: Histogram;
}

/** What was not said again. */
export interface Repeated {
  readonly level: LogLevel;
  /** The last one. */
  text: string;
  saidAt: number;
  count: number;
}

/** What one call of handle() works on. */
export interface Turn {
  readonly router: Router;
  readonly now: number;
  readonly actions: VrrpAction[];
}

export function instanceKey(
  interfaceIndex: number,
  family: 4 | 6,
  virtualRouterId: number,
): number {
  return interfaceIndex * 512 + (family === 6 ? 256 : 0) + virtualRouterId;
}

/** `index` is that of the VRF's device, or 0. */
export function sourceKey(index: number, source: string, virtualRouterId: number): string {
  return `${index} ${virtualRouterId} ${source}`;
}

/** An instance in INIT that is not part of a router yet. */
export function newInstance(config: VrrpInstanceConfig, now: number): Instance {
  const timers = {} as Record<TimerName, Timer>;
  const instance: Instance = {
    name: config.name,
    config,
    addresses: [],
    devices: new Map(),
    advertisedAddresses: "",
    state: "INIT",
    enteredAt: now,
    interfaceIndex: null,
    transmitIndex: null,
    sourceAddress: null,
    masterAddress: null,
    masterPriority: null,
    masterAdvertIntervalUs: config.advertIntervalUs,
    preemptAt: null,
    wasStalled: false,
    ending: null,
    group: null,
    wantsMaster: false,
    ownFault: null,
    trackedPoints: 0,
    isYielding: false,
    hasGivenAway: false,
    masterReason: null,
    hasRivalOwner: false,
    lowerPriorityAnsweredAt: null,
    loggedCauses: new Map(),
    causesForgottenAt: Number.NEGATIVE_INFINITY,
    refusalToldAt: new Map(),
    comparedAddresses: "",
    comparedResult: true,
    timers,
    counters: newCounters(),
    checksumForm: "standard",
    sequence: 0,
    reservedSequence: 0,
    signedBy: new Map(),
    advertAction: null,
    reported: null,
    reportedAt: now,
  };
  for (const name of timerNames) timers[name] = { instance, name, at: 0 };
  return instance;
}

export const timerNames: readonly TimerName[] = [
  "advert",
  "masterDown",
  "garpSecondBurst",
  "garpRefresh",
  "garpExtra",
  "garpLowerPriority",
  "rivalOwner",
  "handOver",
];
