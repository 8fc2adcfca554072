// Adverts to single routers instead of to a multicast group.

/** A line of `unicast_peer`. */
export interface UnicastPeerConfig {
  readonly address: string;
  /** `min_ttl`: an advert with a lower TTL is dropped; 0 to 255, 0 by default. */
  readonly minTtl: number;
  /** `max_ttl`: an advert with a higher TTL is dropped; 0 to 255, 255 by default. */
  readonly maxTtl: number;
}

/** Without peers only `unicastFaultNoPeer` has a meaning; the others have their defaults. */
export interface UnicastConfig {
  /** Empty = multicast. */
  readonly unicastPeers: readonly UnicastPeerConfig[];
  /** `unicast_fault_no_peer`: an instance without peers stays in FAULT. */
  readonly unicastFaultNoPeer: boolean;
  /** `check_unicast_src`, and any TTL of a peer: only peers are heard. */
  readonly checkUnicastSource: boolean;
  /**
   * `old_unicast_checksum`: version 3 checksums as releases before 1.3.6 made them: for peers that
   * are found to need it, always or never.
   */
  readonly oldUnicastChecksum: "detect" | "always" | "never";
  /** `unicast_ttl`, 0 to 255; with IPv4 peers 255 by default. Absent = the kernel's. */
  readonly unicastTtl?: number | undefined;
}
