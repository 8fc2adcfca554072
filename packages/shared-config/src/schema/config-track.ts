// What is watched for instances and real servers: scripts, files, processes, BFD sessions. The
// parent watches them, never the VRRP process. And the references by which instances and sync
// groups say what each of them means to their priority.

import type { ScriptConfig } from "./config-script.js";

/** A `vrrp_script`. */
export interface TrackedScriptConfig {
  readonly name: string;
  readonly script: ScriptConfig;
  /** From start to start, in steps of 1 ms up to 4294 s; 1 s by default (`interval`). */
  readonly intervalUs: number;
  /** When a run counts as failed, in steps of 1 ms up to 4294 s; the interval by default. */
  readonly timeoutUs: number;
  /** -253 to 253; 0, the default, means that a failure is a FAULT. */
  readonly weight: number;
  /** Success and failure change places (`weight <n> reverse`). */
  readonly reverse: boolean;
  /** Successes in a row that it takes, from 1; 1 by default. */
  readonly rise: number;
  /** Failures in a row that it takes, from 1; 1 by default. */
  readonly fall: number;
  /** Failed until it first succeeds (`init_fail`). */
  readonly initFail: boolean;
}

/** How a file is made at the start (`init_file`). */
export interface InitFileConfig {
  /** What is written; 0 by default. */
  readonly value: number;
  /** Also when the file is there. */
  readonly overwrite: boolean;
}

/** A `track_file` (or `vrrp_track_file`): its first line is a number. */
export interface TrackedFileConfig {
  readonly name: string;
  /** `file`. */
  readonly path: string;
  /** The number is multiplied by it: -254 to 254, 1 by default; 0 = another number is a FAULT. */
  readonly weight: number;
  readonly reverse: boolean;
  /** Absent: the file is left alone. */
  readonly initFile?: InitFileConfig | undefined;
}

/** A `vrrp_track_process`. */
export interface TrackedProcessConfig {
  readonly name: string;
  /** A path, or a bare name, with which only the name of a command is compared. */
  readonly process: string;
  readonly arguments: readonly string[];
  /** How the arguments are compared: by default exactly when there are any, else not at all. */
  readonly parameterMatch: "none" | "exact" | "initial" | "partial";
  /** The whole command line is looked at; so it is when arguments are compared. */
  readonly fullCommand: boolean;
  /** -254 to 254; 0, the default, means that the lack of the quorum is a FAULT. */
  readonly weight: number;
  readonly reverse: boolean;
  /** How many must run: 1 to 65535, 1 by default; 0 when none may. */
  readonly quorum: number;
  /** How many may run: 0 to 65535; absent = any number. */
  readonly quorumMax?: number | undefined;
  /** For how long one more must have run to count, up to 3600 s; 0 by default. */
  readonly forkDelayUs: number;
  /** For how long one may be missed, up to 3600 s; 0 by default. */
  readonly terminateDelayUs: number;
}

/** A `bfd_instance`. */
export interface BfdInstanceConfig {
  /** At most 31 bytes. */
  readonly name: string;
  /** `neighbor_ip`. */
  readonly neighborAddress: string;
  /** `source_ip`, of the same family; absent = the kernel chooses. */
  readonly sourceAddress?: string | undefined;
  /** `min_rx`: 1 ms to 4294967 ms; 10 ms by default. */
  readonly minReceiveUs: number;
  /** `min_tx`: 1 ms to 4294967 ms; 10 ms by default. */
  readonly minTransmitUs: number;
  /** `idle_tx`, while the session is down: 1 s to 4294.967 s; 1 s by default. */
  readonly idleTransmitUs: number;
  /** Packets that may be missed, 1 to 255; 5 by default. */
  readonly multiplier: number;
  /** The neighbour speaks first. */
  readonly passive: boolean;
  /** Also `hoplimit`: 1 to 255; 255 for IPv4 and 64 for IPv6 by default. */
  readonly ttl: number;
  /** Hops that a packet may have come: 0 by default, up to the ttl; -1 = not checked. */
  readonly maxHops: number;
  /** UDP port 4784 in place of 3784 (RFC 5883). */
  readonly multihop: boolean;
  /** For instances: -253 to 253; 0, the default, means that a session down is a FAULT. */
  readonly weight: number;
  readonly reverse: boolean;
  /** Instances may track it. */
  readonly vrrp: boolean;
  /** Real servers may be checked by it. */
  readonly checker: boolean;
}

export interface TrackingConfig {
  readonly scripts: readonly TrackedScriptConfig[];
  readonly files: readonly TrackedFileConfig[];
  readonly processes: readonly TrackedProcessConfig[];
  readonly bfdInstances: readonly BfdInstanceConfig[];
}

/** What something tracked does to a priority. */
interface Effect {
  /**
   * Added while all is well when positive, while it is not when negative; 0 = FAULT while it is
   * not.
   */
  readonly weight: number;
  /** Well and not well change places. */
  readonly reverse: boolean;
}

/** A line of `track_interface`; weights -253 to 253. */
export interface InterfaceReference extends Effect {
  readonly interface: string;
}

/** A line of `track_script`, `track_file`, `track_process` or `track_bfd`. */
export interface TrackReference extends Effect {
  /** Of the object in {@link TrackingConfig}. */
  readonly name: string;
}

/**
 * The `track_*` lists of an instance or a sync group. An instance in a group is also subject to the
 * lists of its group; nothing stands in both.
 */
export interface TrackReferences {
  readonly interfaces: readonly InterfaceReference[];
  readonly scripts: readonly TrackReference[];
  readonly files: readonly TrackReference[];
  readonly processes: readonly TrackReference[];
  readonly bfdInstances: readonly TrackReference[];
}
