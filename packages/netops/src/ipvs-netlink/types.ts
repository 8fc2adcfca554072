// What IPVS knows, as plain values. What identifies a thing stands apart from what is asked of it
// and from what is read back. Statistics are bigint: a byte counter passes 2^53 within days at 100
// Gbit/s.

export type IpvsProtocol = "TCP" | "UDP" | "SCTP";
export type IpvsForwarding = "NAT" | "DR" | "TUN" | "LOCALNODE" | "BYPASS";
export type IpvsTunnelType = "IPIP" | "GUE" | "GRE";
export type IpvsDaemonState = "MASTER" | "BACKUP";

/** A value, or the errno name by which the kernel refused. */
export type IpvsResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errno: string };

/** What identifies a service. */
export type IpvsServiceKey =
  | {
      readonly kind: "address";
      readonly address: string;
      readonly port: number;
      readonly protocol: IpvsProtocol;
    }
  | { readonly kind: "fwmark"; readonly mark: number; readonly family: 4 | 6 };

/** A service as it is wanted. */
export interface IpvsServiceRequest {
  readonly key: IpvsServiceKey;
  /** "rr", "wrr", "sh" ...; at most 15 characters. */
  readonly scheduler: string;
  /** IP_VS_SVC_F_*; flags that are not given are cleared. */
  readonly flags: number;
  /** Persistence time-out; counts only with IP_VS_SVC_F_PERSISTENT. */
  readonly timeoutS: number;
  /** Prefix length of the clients that persistence takes as one: 0 to 32, or 1 to 128. */
  readonly netmask: number;
  /** Persistence engine, such as "sip". */
  readonly persistenceEngine?: string | undefined;
}

/** A service as it is. */
export interface IpvsService {
  readonly key: IpvsServiceKey;
  /** "none" if the service has none. */
  readonly scheduler: string;
  readonly flags: number;
  readonly timeoutS: number;
  readonly netmask: number;
  readonly persistenceEngine: string | null;
  readonly statistics: IpvsStatistics;
}

/** What identifies a destination within its service. */
export interface IpvsDestinationKey {
  readonly address: string;
  readonly port: number;
}

export interface IpvsTunnel {
  readonly type: IpvsTunnelType;
  /** GUE only: the UDP port of the other end. */
  readonly port: number;
  /** IP_VS_TUNNEL_ENCAP_FLAG_*. */
  readonly flags: number;
}

/** A destination as it is wanted. */
export interface IpvsDestinationRequest extends IpvsDestinationKey {
  readonly weight: number;
  readonly forwarding: IpvsForwarding;
  /** Connections from which on no new one is given to it; 0 = no limit. */
  readonly upperThreshold: number;
  /** Connections below which it gets new ones again. */
  readonly lowerThreshold: number;
  /** Absent: IPIP. Linux 5.3 and later know others. */
  readonly tunnel?: IpvsTunnel | undefined;
}

/** A destination as it is. */
export interface IpvsDestination extends IpvsDestinationKey {
  readonly weight: number;
  readonly forwarding: IpvsForwarding;
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  readonly tunnel: IpvsTunnel;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections: number;
  readonly statistics: IpvsStatistics;
}

export interface IpvsStatistics {
  readonly connections: bigint;
  readonly inboundPackets: bigint;
  readonly outboundPackets: bigint;
  readonly inboundBytes: bigint;
  readonly outboundBytes: bigint;
  /** Per second, as the kernel estimates them. */
  readonly connectionRate: bigint;
  readonly inboundPacketRate: bigint;
  readonly outboundPacketRate: bigint;
  readonly inboundByteRate: bigint;
  readonly outboundByteRate: bigint;
}

export interface IpvsVersion {
  /** "1.2.1". */
  readonly version: string;
  /** Buckets of the connection table. */
  readonly connectionTableSize: number;
}

/** Time-outs of connections. For setting, 0 leaves one as it is. */
export interface IpvsTimeouts {
  readonly tcpS: number;
  readonly tcpFinS: number;
  readonly udpS: number;
}

/** A synchronisation daemon as it is wanted; what is absent is the kernel's default. */
export interface IpvsDaemonRequest {
  readonly state: IpvsDaemonState;
  readonly interface: string;
  /** 0 to 255. */
  readonly syncId: number;
  readonly maxPayloadLength?: number | undefined;
  readonly multicastAddress?: string | undefined;
  readonly multicastPort?: number | undefined;
  readonly multicastTtl?: number | undefined;
}

/** A synchronisation daemon as it is; null where the kernel (before 4.3) does not tell. */
export interface IpvsDaemon {
  readonly state: IpvsDaemonState;
  readonly interface: string;
  readonly syncId: number;
  readonly maxPayloadLength: number | null;
  readonly multicastAddress: string | null;
  readonly multicastPort: number | null;
  readonly multicastTtl: number | null;
}

/** One change of the table. */
export type IpvsChange =
  | { readonly type: "addService" | "editService"; readonly service: IpvsServiceRequest }
  | { readonly type: "deleteService"; readonly service: IpvsServiceKey }
  | {
      readonly type: "addDestination" | "editDestination";
      readonly service: IpvsServiceKey;
      readonly destination: IpvsDestinationRequest;
    }
  | {
      readonly type: "deleteDestination";
      readonly service: IpvsServiceKey;
      readonly destination: IpvsDestinationKey;
    };
