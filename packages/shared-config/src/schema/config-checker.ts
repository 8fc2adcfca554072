// Virtual servers, real servers and their checks, as the checker process gets them.

/** What identifies an IPVS service. */
export type ServiceKey =
  | {
      readonly kind: "address";
      readonly address: string;
      readonly port: number;
      readonly protocol: "TCP" | "UDP" | "SCTP";
    }
  | { readonly kind: "fwmark"; readonly mark: number; readonly family: 4 | 6 };

export type ForwardingMethod = "NAT" | "DR" | "TUN";

/** One TCP_CHECK of a real server. */
export interface TcpCheckConfig {
  readonly kind: "TCP_CHECK";
  readonly connectAddress: string;
  readonly connectPort: number;
  /** Source of the probe (`bindto`, `bind_port`). */
  readonly bindAddress?: string | undefined;
  readonly bindPort?: number | undefined;
  readonly connectTimeoutUs: number;
  /** Further failures after the first before the server counts as failed. */
  readonly retry: number;
  readonly delayBeforeRetryUs: number;
  readonly delayLoopUs: number;
  /** The first probe starts at a random instant within this time. */
  readonly warmupUs: number;
}

export interface RealServerConfig {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly forwarding: ForwardingMethod;
  readonly checks: readonly TcpCheckConfig[];
}

export interface VirtualServerConfig {
  /** As keepalived writes it in logs: `[192.0.2.1]:tcp:80` or `FWM 7`. */
  readonly name: string;
  readonly key: ServiceKey;
  readonly scheduler: string;
  /** Absent: not persistent. */
  readonly persistenceTimeoutS?: number | undefined;
  /** Prefix length of the client mask; absent = 32 or 128. */
  readonly persistenceGranularity?: number | undefined;
  readonly realServers: readonly RealServerConfig[];
}

/** `SSL`: one context for every SSL_GET. */
export interface SslConfig {
  readonly ca?: string | undefined;
}

/** A `virtual_server_group`. */
export interface VirtualServerGroupConfig {
  readonly name: string;
}
