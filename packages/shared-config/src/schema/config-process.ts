// How the processes of the daemon are to run.

/** How one process is to run. Absent = leave as inherited. */
export interface ProcessConfig {
  /** What ps and the kernel call it, 1 to 15 characters (`vrrp_process_name` and the like). */
  readonly name: string;
  /** nice value, -20 to 19 (`vrrp_priority`, `checker_priority`, `bfd_priority`). */
  readonly nicePriority?: number | undefined;
  /** Keep all memory out of swap (`vrrp_no_swap` and the like). */
  readonly noSwap: boolean;
  /** SCHED_RR priority, 1 to 99; absent = no real-time scheduling (`vrrp_rt_priority`). */
  readonly realTimePriority?: number | undefined;
  /**
   * Processor time that real-time scheduling may take without a pause, at least 2; 10000 by default
   * (RLIMIT_RTTIME, `vrrp_rlimit_rttime`).
   */
  readonly realTimeLimitUs: number;
  /** Numbers of the processors it may run on; absent = all (`vrrp_cpu_affinity`). */
  readonly cpuAffinity?: readonly number[] | undefined;
  /** `max_auto_priority`, in the children's part only; absent = stay without real-time priority. */
  readonly autoPriority?: AutoPriorityConfig | undefined;
  /** Of the netlink socket that asks and orders, in the children's part only; absent = ours. */
  readonly requestBuffer?: ReceiveBufferConfig | undefined;
  /** ... and of the one that hears the kernel's news. */
  readonly monitorBuffer?: ReceiveBufferConfig | undefined;
}

/** `vrrp_netlink_cmd_rcv_bufs`, `lvs_netlink_monitor_rcv_bufs` and the like. */
export interface ReceiveBufferConfig {
  readonly receiveBufferBytes: number;
  /** Beyond net.core.rmem_max. */
  readonly isBufferForced: boolean;
}

/** A timer that is late by `delayUs` raises the real-time priority by one, up to `maximum`. */
export interface AutoPriorityConfig {
  readonly maximum: number;
  readonly delayUs: number;
}

/** The processes that have settings of their own. */
export interface ProcessesConfig {
  readonly vrrp: ProcessConfig;
  readonly checker: ProcessConfig;
  readonly bfd: ProcessConfig;
}
