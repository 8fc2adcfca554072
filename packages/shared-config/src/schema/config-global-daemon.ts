// Settings of the daemon as a whole: identity, files, reload, namespaces, how scripts run.

/** What an include must find, beside those of its own spelling (`include_check`). */
export type IncludeCheck = "read" | "match" | "wildcard_match" | "brace_match";

export interface DaemonSettings {
  /** `router_id`, else the host name. */
  readonly routerId: string;

  /** Names of the top level: `net_namespace`; absent = the namespace it was started in. */
  readonly netNamespace?: string | undefined;
  /**
   * `net_namespace_ipvs`, else `net_namespace`; "" = the namespace it was started in, although
   * `net_namespace` says otherwise.
   */
  readonly netNamespaceIpvs?: string | undefined;
  /** Use ipsets in a namespace even on old kernels (`namespace_with_ipsets`). */
  readonly namespaceWithIpsets: boolean;
  /** Pid files go to a directory of their own; `net_namespace` and `instance` imply it. */
  readonly usePidDirectory: boolean;
  /** `instance`: part of the names of pid files. */
  readonly instanceName?: string | undefined;
  /** How long children may take to end, in whole seconds; 5 s by default (`child_wait_time`). */
  readonly childWaitTimeUs: number;
  /** Poll for the state of links (`linkbeat_use_polling`). */
  readonly linkbeatUsePolling: boolean;

  /** Name of the parent process, 1 to 15 characters; "keepalived" by default (`process_name`). */
  readonly processName: string;
  /**
   * The highest real-time priority to rise to when timers run late, 0 to 99; 0 = unset, -1 = never
   * (`max_auto_priority`).
   */
  readonly maxAutoPriority: number;
  /** How late a timer must be for a rise, 1 us to 10 s; 1 s by default. */
  readonly minAutoPriorityDelayUs: number;

  /**
   * Who runs scripts that name nobody: `script_user`, else keepalived_script if there is one, else
   * root.
   */
  readonly scriptUser: string;
  readonly scriptGroup?: string | undefined;
  /** `control_group`, ours: whose members may use the control socket; absent = root alone. */
  readonly controlGroup?: string | undefined;
  /** The number of that group. */
  readonly controlGroupId?: number | undefined;
  /** Refuse scripts for root that others can change (`enable_script_security`). */
  readonly enableScriptSecurity: boolean;
  /** Run scripts by the path as written, not by the resolved one (`use_symlink_paths`). */
  readonly useSymlinkPaths: boolean;
  /** Scripts get the supplementary groups of their user (`set_supplementary_groups`). */
  readonly setSupplementaryGroups: boolean;
  /** 1 to 1000 s, 10 s by default. */
  readonly startupScriptTimeoutUs: number;
  /** 1 to 1000 s, 10 s by default. */
  readonly shutdownScriptTimeoutUs: number;

  /** Mode bits that new files do not get; 0177 (octal) by default (`umask`). */
  readonly umask: number;
  /** What random numbers start from; absent = the time (`random_seed`). */
  readonly randomSeed?: number | undefined;
  /** The checks that every include makes (`include_check`). */
  readonly includeChecks?: readonly IncludeCheck[] | undefined;
  /** Where a test before a reload reports to; absent = no test (`reload_check_config`). */
  readonly reloadCheckConfig?: string | undefined;
  /** File with the time of a planned reload (`reload_time_file`). */
  readonly reloadTimeFile?: string | undefined;
  /** Keep that file and reload every day (`reload_repeat`). */
  readonly reloadRepeat: boolean;
  /** File that is there while a reload runs (`reload_file`). */
  readonly reloadFile?: string | undefined;
  /** Where copies of the loaded configuration go (`config_save_dir`). */
  readonly configSaveDirectory?: string | undefined;
  /** Where the merged configuration lies; absent = in memory (`tmp_config_directory`). */
  readonly tmpConfigDirectory?: string | undefined;
  /** Put namespace and instance into the names of dump files (`data_use_instance`). */
  readonly dataUseInstance: boolean;
  /** Form of the JSON dump (`json_version`). */
  readonly jsonVersion: number;
  /** Where iproute2's name tables are looked up before the usual places (`iproute_usr_dir`). */
  readonly iprouteUsrDirectory?: string | undefined;
  readonly iprouteEtcDirectory?: string | undefined;
  /** Absent = keepalived*.data in the temporary directory (`state_dump_file`). */
  readonly stateDumpFile?: string | undefined;
  /** Absent = keepalived.stats in the temporary directory (`stats_dump_file`). */
  readonly statsDumpFile?: string | undefined;
  /** Absent = keepalived.json in the temporary directory (`json_dump_file`). */
  readonly jsonDumpFile?: string | undefined;
}
