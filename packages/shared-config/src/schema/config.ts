// The typed configuration that the parent hands to its children: every default filled in, every
// unit converted, every reference resolved. Decides what a child can be told; knows nothing of
// keepalived.conf's spelling. The parts stand in config-*.ts, the schemas that check them on
// receipt in config-*-schema.ts.

import type { SslConfig, VirtualServerConfig, VirtualServerGroupConfig } from "./config-checker.js";
import type { VrrpFirewallConfig } from "./config-firewall.js";
import type { CheckerIpvsConfig, GlobalConfig } from "./config-global.js";
import type {
  GarpGroupConfig,
  InterfaceDelayConfig,
  LinkbeatConfig,
  PacingConfig,
  ReceiveBuffersConfig,
  StartupConfig,
  SyncGroupConfig,
} from "./config-groups.js";
import type { ProcessConfig } from "./config-process.js";
import type { StaticConfig } from "./config-routes.js";
import type { TrackingConfig } from "./config-track.js";
import type { VrrpInstanceConfig } from "./config-vrrp.js";

export type * from "./config-authentication.js";
export type * from "./config-checker.js";
export type * from "./config-firewall.js";
export type * from "./config-global.js";
export type * from "./config-groups.js";
export type * from "./config-notify.js";
export type * from "./config-process.js";
export type * from "./config-routes.js";
export type * from "./config-script.js";
export type * from "./config-track.js";
export type * from "./config-unicast.js";
export type * from "./config-vmac.js";
export type * from "./config-vrrp.js";

export interface VrrpConfig {
  readonly process: ProcessConfig;
  readonly startup: StartupConfig;
  /** `log_unknown_vrids`: adverts of virtual routers that are not configured here are logged. */
  readonly logUnknownVrids: boolean;
  readonly firewall: VrrpFirewallConfig;
  readonly statics: StaticConfig;
  readonly pacing: PacingConfig;
  /** Absent: of a size of our own. */
  readonly receiveBuffers?: ReceiveBuffersConfig | undefined;
  readonly garpGroups: readonly GarpGroupConfig[];
  readonly interfaceDelays: readonly InterfaceDelayConfig[];
  readonly linkbeat: readonly LinkbeatConfig[];
  readonly syncGroups: readonly SyncGroupConfig[];
  readonly instances: readonly VrrpInstanceConfig[];
}

export interface CheckerConfig {
  readonly process: ProcessConfig;
  readonly ipvs: CheckerIpvsConfig;
  readonly ssl: SslConfig;
  readonly groups: readonly VirtualServerGroupConfig[];
  readonly virtualServers: readonly VirtualServerConfig[];
}

/** A whole configuration. A child's part is absent when nothing in the file needs that child. */
export interface Config {
  readonly global: GlobalConfig;
  readonly tracking: TrackingConfig;
  readonly vrrp: VrrpConfig | undefined;
  readonly checker: CheckerConfig | undefined;
}
