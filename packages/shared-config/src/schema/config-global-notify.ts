// Settings of what the daemon tells others: mail, FIFOs, SNMP, D-Bus.

import type { ScriptConfig } from "./config-script.js";

/** A FIFO that state changes are written to. */
export interface FifoConfig {
  readonly path: string;
  /** Who owns it: names as the configuration says or implies them. */
  readonly user: string;
  readonly group?: string | undefined;
  /** The numbers of user and group on this host; absent when the host was not asked. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Reads it; the path of the FIFO is its last argument (`notify_fifo_script`). */
  readonly script?: ScriptConfig | undefined;
}

export interface NotifySettings {
  /** `notification_email_from`, else root at the host's name; absent without `smtp_server`. */
  readonly notificationEmailFrom?: string | undefined;
  /** Address or name; absent = no mail (`smtp_server`). */
  readonly smtpServer?: string | undefined;
  /** 1 to 65535; 25 by default. */
  readonly smtpPort: number;
  /** `smtp_helo_name`, else the host's name. */
  readonly smtpHeloName: string;
  /** Whole seconds, 1 to 4294; 30 s by default. */
  readonly smtpConnectTimeoutUs: number;
  /**
   * `smtp_tls`, ours: off as keepalived, by STARTTLS, or from the first byte (port 465, mostly).
   */
  readonly smtpTls: "off" | "starttls" | "implicit";
  /** `smtp_tls_verify`, ours: the server's certificate must be good; true by default. */
  readonly smtpTlsVerify: boolean;
  /** `smtp_auth <user> <password>`, ours; both or none. */
  readonly smtpUser?: string | undefined;
  readonly smtpPassword?: string | undefined;
  /** What objects without an own smtp_alert do; absent = each kind as it is wont. */
  readonly smtpAlert?: boolean | undefined;
  /** Beats `smtp_alert` for VRRP. */
  readonly smtpAlertVrrp?: boolean | undefined;
  /** Beats `smtp_alert` for checkers. */
  readonly smtpAlertChecker?: boolean | undefined;
  /** No mail on FAULT. */
  readonly noEmailFaults: boolean;
  /** Mail for real servers only, not for each of their checkers. */
  readonly noCheckerEmails: boolean;

  /** Tell of each change of priority (`vrrp_notify_priority_changes`). */
  readonly notifyPriorityChanges: boolean;
  readonly fifoWriteVrrpStatesOnReload: boolean;
  /**
   * `notify_scripts_parallel`, ours: as keepalived, no script waits for the one of the change
   * before.
   */
  readonly notifyScriptsParallel: boolean;
  /** `notify_script_wait`, ours: how long a script waits for the one before; 60 s by default. */
  readonly notifyScriptWaitUs: number;

  /** The AgentX master; "unix:/var/agentx/master" by default. */
  readonly snmpSocket: string;
  readonly enableTraps: boolean;
  readonly enableSnmpVrrp: boolean;
  readonly enableSnmpChecker: boolean;
  /** RFC 2787; `enable_snmp_rfc` means both. */
  readonly enableSnmpRfcv2: boolean;
  /** RFC 6527. */
  readonly enableSnmpRfcv3: boolean;
  /** 1 ms to 30 s; 5 s by default. */
  readonly snmpVsStatsUpdateIntervalUs: number;
  /** 1 ms to 30 s; that of virtual servers by default. */
  readonly snmpRsStatsUpdateIntervalUs: number;

  /** `monitor_listen`, ours: where metrics and the status page are offered; absent = nowhere. */
  readonly monitorAddress?: string | undefined;
  /** 1 to 65535; there when the address is. */
  readonly monitorPort?: number | undefined;

  readonly enableDbus: boolean;
  /** "org.keepalived.Vrrp1" by default. */
  readonly dbusServiceName: string;
  /** Part of the path of an instance without interface; absent = "none". */
  readonly dbusNoInterfaceName?: string | undefined;
}
