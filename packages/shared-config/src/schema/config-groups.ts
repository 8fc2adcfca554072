// What stands beside instances and concerns several of them: sync groups, the pacing of gratuitous
// ARPs, the debounce and polling of interfaces.

/** A `vrrp_sync_group`. */
export interface SyncGroupConfig {
  readonly name: string;
  /** Names of instances. */
  readonly members: readonly string[];
}

/** A `garp_group`: interfaces that share one pace. */
export interface GarpGroupConfig {
  readonly interfaces: readonly string[];
}

/** A line of `interface_up_down_delays`. */
export interface InterfaceDelayConfig {
  readonly interface: string;
}

/** A line of `linkbeat_interfaces`. */
export interface LinkbeatConfig {
  readonly interface: string;
}
