// What is watched for instances and real servers: scripts, files, processes, BFD sessions. The
// parent watches them, never the VRRP process.

/** A `vrrp_script`. */
export interface TrackedScriptConfig {
  readonly name: string;
}

/** A `track_file` (or `vrrp_track_file`). */
export interface TrackedFileConfig {
  readonly name: string;
}

/** A `vrrp_track_process`. */
export interface TrackedProcessConfig {
  readonly name: string;
}

/** A `bfd_instance`. */
export interface BfdInstanceConfig {
  readonly name: string;
}

export interface TrackingConfig {
  readonly scripts: readonly TrackedScriptConfig[];
  readonly files: readonly TrackedFileConfig[];
  readonly processes: readonly TrackedProcessConfig[];
  readonly bfdInstances: readonly BfdInstanceConfig[];
}
