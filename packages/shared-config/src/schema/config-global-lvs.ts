// Settings of the checker process and of IPVS.

/** The kernel's IPVS synchronisation daemon (ipvsadm(8) --start-daemon). */
export interface LvsSyncDaemonConfig {
  readonly interface: string;
  /** Its state decides which daemon runs; absent = both run (`inst`). */
  readonly instance?: string | undefined;
  /** 0 to 255; the VRID of the instance, else 0, by default (`id`). */
  readonly syncId: number;
  /** 1 to 65507; absent = the kernel decides (`maxlen`). */
  readonly packetLengthMax?: number | undefined;
  /** 1 to 65535; absent = 8848 (`port`). */
  readonly port?: number | undefined;
  /** 1 to 255; absent = 1 (`ttl`). */
  readonly timeToLive?: number | undefined;
  /** Absent = 224.0.0.81 (`group`). */
  readonly multicastGroup?: string | undefined;
}

export interface LvsSettings {
  /** Ours (`lvs_backend`): none = checks, quorum and notices without the kernel's IPVS. */
  readonly lvsBackend: "ipvs" | "none";
  /** Ours (`drain_timeout`): of real servers that do not say; absent = 0. */
  readonly drainTimeoutUs?: number | undefined;
  /** `lvs_timeouts`, 0 to 2678400; absent = the kernel's own. */
  readonly lvsTcpTimeoutS?: number | undefined;
  readonly lvsTcpFinTimeoutS?: number | undefined;
  readonly lvsUdpTimeoutS?: number | undefined;
  /** Empty the whole IPVS table at the start (`lvs_flush`). */
  readonly lvsFlush: boolean;
  /** At the stop: remove what was added piece by piece, empty the whole table, or only services. */
  readonly lvsFlushOnStop: "no" | "all" | "VS";
  /** Also notify for real servers whose first check succeeds (`rs_init_notifies`). */
  readonly rsInitNotifies: boolean;
  /** What checkers without an own log_all_failures do (`checker_log_all_failures`). */
  readonly checkerLogAllFailures: boolean;
  /** Receive buffers of netlink sockets in bytes; absent = the system's. */
  readonly lvsNetlinkCommandBufferBytes?: number | undefined;
  /** May exceed the system's limit. */
  readonly lvsNetlinkCommandBufferForce: boolean;
  readonly lvsNetlinkMonitorBufferBytes?: number | undefined;
  readonly lvsNetlinkMonitorBufferForce: boolean;
}

/** What of it concerns the checker process. */
export type CheckerIpvsConfig = Pick<
  LvsSettings,
  | "lvsBackend"
  | "lvsTcpTimeoutS"
  | "lvsTcpFinTimeoutS"
  | "lvsUdpTimeoutS"
  | "lvsFlush"
  | "lvsFlushOnStop"
  | "rsInitNotifies"
> & {
  readonly lvsSyncDaemon?: LvsSyncDaemonConfig | undefined;
  /** `nftables_ipvs`: absent = groups are a service for each of their addresses. */
  readonly groupMarks?: GroupMarksConfig | undefined;
};

/** A table of nftables that sets a firewall mark for the addresses of a virtual server's group. */
export interface GroupMarksConfig {
  readonly table: string;
  readonly priority: number;
  readonly firstMark: number;
}
