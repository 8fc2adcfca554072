// Virtual servers, real servers and groups of services, as the checker process gets them. Their
// checks stand in config-checks.ts.

import type { CheckConfig } from "./config-checks.js";
import type { ScriptConfig } from "./config-script.js";

export type * from "./config-checks.js";

export type TransportProtocol = "TCP" | "UDP" | "SCTP";

/** What identifies an IPVS service. */
export type ServiceKey =
  | {
      readonly kind: "address";
      readonly address: string;
      readonly port: number;
      readonly protocol: TransportProtocol;
    }
  | { readonly kind: "fwmark"; readonly mark: number; readonly family: 4 | 6 };

/** One service for each address and mark of a group. */
export interface GroupKey {
  readonly kind: "group";
  /** Name of a {@link VirtualServerGroupConfig}. */
  readonly group: string;
  /** Of the marks that name none, and of the real servers. */
  readonly family: 4 | 6;
  /** Absent when the group has nothing but marks. */
  readonly protocol?: TransportProtocol | undefined;
}

export type ForwardingMethod = "NAT" | "DR" | "TUN";

/** How packets are wrapped for TUN, where it is not plain ipip. */
export interface TunnelConfig {
  readonly type: "gue" | "gre";
  /** UDP port of gue. */
  readonly port?: number | undefined;
  readonly checksum: "nocsum" | "csum" | "remcsum";
}

export interface RealServerConfig {
  /** With `dnsName` 0.0.0.0 or ::, also where its checks connect to it: each address takes it. */
  readonly address: string;
  /** Ours (`real_server_name`): every address that DNS has for it is a server. */
  readonly dnsName?: string | undefined;
  readonly port: number;
  readonly weight: number;
  readonly forwarding: ForwardingMethod;
  /** Absent: ipip. */
  readonly tunnel?: TunnelConfig | undefined;
  /** Connections from which and down to which the server gets no more; 0 = no limit. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** Weight 0 instead of removal when it fails. */
  readonly inhibitOnFailure: boolean;
  /** Ours (`drain_timeout`): how long one that a reload removes may keep its connections. */
  readonly drainTimeoutUs?: number | undefined;
  /** Ours (`slow_start`): how long its weight climbs after a failure; absent = it does not. */
  readonly slowStartUs?: number | undefined;
  readonly smtpAlert: boolean;
  readonly notifyUp?: ScriptConfig | undefined;
  readonly notifyDown?: ScriptConfig | undefined;
  /** What its HTTP checks name in the Host header when neither url nor check says (never SNI). */
  readonly virtualHost?: string | undefined;
  readonly snmpName?: string | undefined;
  /** The server is up while none of them is failed. */
  readonly checks: readonly CheckConfig[];
}

/** Who serves while the real servers have no quorum. */
export interface SorryServerConfig {
  readonly address: string;
  readonly port: number;
  readonly forwarding: ForwardingMethod;
  readonly tunnel?: TunnelConfig | undefined;
  /** It stays in the table with weight 0 instead of being removed. */
  readonly inhibit: boolean;
}

export interface VirtualServerConfig {
  /**
   * As keepalived writes it in logs: `[192.0.2.1]:tcp:80`, `FWM 7`, or `[group]:0` and `[group]:1`
   * for the first and the second of a group.
   */
  readonly name: string;
  readonly key: ServiceKey | GroupKey;
  readonly scheduler: string;
  /** Bits for the scheduler; of sh and mh the first is fallback and the second port. */
  readonly schedulerFlag1: boolean;
  readonly schedulerFlag2: boolean;
  readonly schedulerFlag3: boolean;
  /** Every packet is scheduled for itself (`ops`); UDP and marks only. */
  readonly onePacket: boolean;
  /** Of real servers that do not say, and of the sorry server. */
  readonly forwarding: ForwardingMethod;
  readonly tunnel?: TunnelConfig | undefined;
  /** Absent: not persistent. */
  readonly persistenceTimeoutS?: number | undefined;
  /** Prefix length of the client mask; absent = 32 or 128. */
  readonly persistenceGranularity?: number | undefined;
  /** At most 16 characters; absent = clients are told apart by address. */
  readonly persistenceEngine?: string | undefined;
  /** Of checks that do not say, and the time that a MISC_CHECK may take. */
  readonly delayLoopUs: number;
  /** Checks run only while this host has the virtual address. */
  readonly haSuspend: boolean;
  /** Weight of live servers from which the service counts as up; at least 1. */
  readonly quorum: number;
  /** Below quorum. */
  readonly hysteresis: number;
  readonly quorumUp?: ScriptConfig | undefined;
  readonly quorumDown?: ScriptConfig | undefined;
  /** Tell that everything goes down when the daemon stops. */
  readonly omega: boolean;
  readonly smtpAlert: boolean;
  readonly virtualHost?: string | undefined;
  readonly snmpName?: string | undefined;
  readonly sorryServer?: SorryServerConfig | undefined;
  readonly realServers: readonly RealServerConfig[];
}

/** `SSL`: one context for every SSL_GET. The paths are not looked at. */
export interface SslConfig {
  /** Pass phrase of the key. */
  readonly password?: string | undefined;
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** One line of a group: every address from the first to the last, or a mark. */
export type GroupEntry =
  | {
      readonly kind: "addresses";
      readonly first: string;
      readonly last: string;
      /** 0 = every port. */
      readonly port: number;
    }
  | {
      readonly kind: "fwmark";
      readonly mark: number;
      /** Absent: that of the virtual server. */
      readonly family?: 4 | 6 | undefined;
    };

/** A `virtual_server_group`. */
export interface VirtualServerGroupConfig {
  readonly name: string;
  readonly entries: readonly GroupEntry[];
}
