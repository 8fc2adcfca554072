// For tests only: small configurations, and a pool with its actions sorted by kind.

import { canonicalIp } from "@keepalived-ts/shared-config/base/ip";
import type {
  CheckerConfig,
  HttpCheckConfig,
  RealServerConfig,
  TcpCheckConfig,
  UrlConfig,
  VirtualServerConfig,
} from "@keepalived-ts/shared-config/schema/config";
import {
  emptyCheckerConfig,
  plainRealServer,
  plainVirtualServer,
} from "@keepalived-ts/shared-config/schema/config-empty";
import { type Destination, plainTunnel, type ServiceParameters } from "../core/ipvs-table.js";

export const second = 1_000_000;

export function tcpCheck(changes: Partial<TcpCheckConfig> = {}): TcpCheckConfig {
  return {
    kind: "TCP_CHECK",
    connectAddress: "10.0.0.1",
    connectPort: 80,
    connectTimeoutUs: 5 * second,
    retry: 1,
    delayBeforeRetryUs: second,
    delayLoopUs: 10 * second,
    warmupUs: 10 * second,
    alpha: false,
    logAllFailures: false,
    ...changes,
  };
}

/** HTTP_GET with one url, unless `changes` says else. */
export function httpCheck(changes: Partial<HttpCheckConfig> = {}): HttpCheckConfig {
  return {
    ...tcpCheck(),
    kind: "HTTP_GET",
    protocol: "1.0",
    enableSni: false,
    fastRecovery: false,
    urls: [url()],
    ...changes,
  };
}

export function url(changes: Partial<UrlConfig> = {}): UrlConfig {
  return { path: "/", statusCodes: [{ from: 200, to: 299 }], tlsCompliant: false, ...changes };
}

/** A real server 10.0.0.`host` with one check, unless `changes` says else. */
export function realServer(
  host: number,
  changes: Partial<RealServerConfig> = {},
): RealServerConfig {
  const address = canonicalIp(`10.0.0.${host}`) ?? "10.0.0.0";
  const checks = [tcpCheck({ connectAddress: address })];
  return { ...plainRealServer, address, checks, ...changes };
}

/** The virtual server 192.0.2.`host`:80/tcp, unless `changes` says else. */
export function virtualServer(
  host: number,
  realServers: readonly RealServerConfig[],
  changes: Partial<VirtualServerConfig> = {},
): VirtualServerConfig {
  return {
    ...plainVirtualServer,
    name: `[192.0.2.${host}]:tcp:80`,
    key: { kind: "address", address: `192.0.2.${host}`, port: 80, protocol: "TCP" },
    scheduler: "rr",
    realServers,
    ...changes,
  };
}

export function config(...virtualServers: readonly VirtualServerConfig[]): CheckerConfig {
  return { ...emptyCheckerConfig, virtualServers };
}

/** The destination that a real server of {@link realServer} becomes. */
export function destination(host: number, changes: Partial<Destination> = {}): Destination {
  return {
    address: `10.0.0.${host}`,
    port: 80,
    weight: 1,
    forwarding: "NAT",
    tunnel: plainTunnel,
    upperThreshold: 0,
    lowerThreshold: 0,
    ...changes,
  };
}

/** The parameters of a service of {@link virtualServer}. */
export function parameters(changes: Partial<ServiceParameters> = {}): ServiceParameters {
  return {
    scheduler: "rr",
    persistenceTimeoutS: 0,
    persistencePrefixLength: 32,
    persistenceEngine: null,
    flags: 0,
    ...changes,
  };
}
