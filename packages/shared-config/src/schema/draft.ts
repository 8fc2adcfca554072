// What the text said, before defaults and inheritance: every value optional and with its place, so
// that the linker can fill in what is missing and still name the line that is at fault.

import type { Located, Span } from "../text/source.js";
import type { ForwardingMethod, VirtualAddress } from "./config.js";

type Field<T> = Located<T> | undefined;

/** The `garp_*` keywords of an instance, and `vrrp_garp_*` of global_defs. */
export interface GarpDraft {
  garpMasterDelayUs?: Field<number>;
  garpMasterRepeat?: Field<number>;
  garpMasterRefreshUs?: Field<number>;
  garpMasterRefreshRepeat?: Field<number>;
  garpLowerPriorityDelayUs?: Field<number>;
  garpLowerPriorityRepeat?: Field<number>;
}

/** What both global_defs and an instance can say. */
export interface AdvertDraft extends GarpDraft {
  version?: Field<number>;
  downTimerAdverts?: Field<number>;
  lowerPriorityNoAdvert?: Field<boolean>;
  higherPrioritySendAdvert?: Field<boolean>;
  ownerIgnoreAdverts?: Field<boolean>;
  skipCheckAdvertAddresses?: Field<boolean>;
}

export interface GlobalDraft extends AdvertDraft {
  routerId?: Field<string>;
  multicastGroup4?: Field<string>;
  multicastGroup6?: Field<string>;
  vrrpPriority?: Field<number>;
  checkerPriority?: Field<number>;
}

/** One line of virtual_ipaddress. */
export interface AddressDraft extends Omit<VirtualAddress, "device"> {
  readonly device: string | undefined;
  readonly family: 4 | 6;
  readonly span: Span;
}

export interface InstanceDraft extends AdvertDraft {
  readonly name: string;
  readonly span: Span;
  state?: Field<"MASTER" | "BACKUP">;
  interface?: Field<string>;
  virtualRouterId?: Field<number>;
  priority?: Field<number>;
  advertIntervalUs?: Field<number>;
  nopreempt?: Field<boolean>;
  preemptDelayUs?: Field<number>;
  authenticationType?: Field<"PASS" | "AH">;
  password?: Field<string>;
  sourceAddress?: Field<string>;
  unicastSourceAddress?: Field<string>;
  multicastGroup?: Field<string>;
  dontTrackPrimary?: Field<boolean>;
  mayHaveNoAddress?: Field<boolean>;
  readonly addresses: AddressDraft[];
  readonly excluded: AddressDraft[];
}

/**
 * The timing keywords that a checker takes over from its real server, and that from its service.
 */
export interface TimingDraft {
  delayLoopUs?: Field<number>;
  retry?: Field<number>;
  delayBeforeRetryUs?: Field<number>;
  connectTimeoutUs?: Field<number>;
  warmupUs?: Field<number>;
}

export interface TcpCheckDraft extends TimingDraft {
  readonly span: Span;
  connectAddress?: Field<string>;
  connectPort?: Field<number>;
  bindAddress?: Field<string>;
  bindPort?: Field<number>;
}

export interface RealServerDraft extends TimingDraft {
  readonly span: Span;
  readonly address: string;
  readonly port: Field<number>;
  weight?: Field<number>;
  forwarding?: Field<ForwardingMethod>;
  readonly checks: TcpCheckDraft[];
}

export type ServiceDraft =
  | { readonly kind: "address"; readonly address: string; readonly port: number }
  | { readonly kind: "fwmark"; readonly mark: number };

export interface VirtualServerDraft extends TimingDraft {
  readonly span: Span;
  readonly service: ServiceDraft;
  family?: Field<4 | 6>;
  scheduler?: Field<string>;
  forwarding?: Field<ForwardingMethod>;
  protocol?: Field<"TCP" | "UDP" | "SCTP">;
  persistenceTimeoutS?: Field<number>;
  persistenceGranularity?: Field<number>;
  weight?: Field<number>;
  readonly realServers: RealServerDraft[];
}

/** A whole configuration as written. */
export interface ConfigDraft {
  readonly global: GlobalDraft;
  /** By name, in the order of the text. */
  readonly instances: Map<string, InstanceDraft>;
  readonly virtualServers: VirtualServerDraft[];
}
